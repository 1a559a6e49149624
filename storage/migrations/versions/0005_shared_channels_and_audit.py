"""Who let other companies see an answer, files for one person, and an audit that is read and purged"""

import sqlalchemy as sa
from alembic import op

from storage.times import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("shown_by", sa.String(length=64), nullable=True))
    op.add_column("runs", sa.Column("shown_at", UtcDateTime(), nullable=True))
    op.add_column("exports", sa.Column("direct", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("ix_audit_newest", "audit", ["workspace_id", "id"])
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_at", table_name="audit")
    op.drop_index("ix_audit_newest", table_name="audit")
    op.drop_column("exports", "direct")
    op.drop_column("runs", "shown_at")
    op.drop_column("runs", "shown_by")
