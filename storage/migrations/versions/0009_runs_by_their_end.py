"""Old runs are found through an index"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    finished = sa.text("finished_at IS NOT NULL")
    op.create_index(
        "ix_runs_finished", "runs", ["finished_at"], postgresql_where=finished, sqlite_where=finished
    )


def downgrade() -> None:
    op.drop_index("ix_runs_finished", "runs")
