"""Indexes that SQLite uses too: it takes a partial one only where the query spells its condition out"""

from alembic import op

revision = "0008"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_runs_due": ("runs", ["state", "due_at"]),
    "ix_runs_open_in_workspace": ("runs", ["workspace_id", "state"]),
    "ix_runs_waiting_questions": ("runs", ["status", "finished_at"]),
    "ix_deliveries_due": ("deliveries", ["state", "due_at"]),
    "ix_deliveries_queue": ("deliveries", ["workspace_id", "channel_id", "state", "id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns)


def downgrade() -> None:
    """The whole of an index serves every query that a part of it did: they stay."""
