"""Finished runs are found by their age"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ended = sa.text("finished_at IS NOT NULL")
    op.create_index("ix_runs_finished", "runs", ["finished_at"], postgresql_where=ended, sqlite_where=ended)


def downgrade() -> None:
    op.drop_index("ix_runs_finished", "runs")
