"""Of each message it is known which version Slack shows"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("shown", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "shown")
