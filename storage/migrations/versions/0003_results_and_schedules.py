"""Watched tables, exports, recurring briefs, and what a run attaches"""

import sqlalchemy as sa
from alembic import op

from storage.times import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _schedules()
    _exports()
    _watches()
    # No foreign key to schedules: SQLite would have to copy the table of runs for it.
    op.add_column("runs", sa.Column("attachments", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("runs", sa.Column("schedule_id", sa.String(length=64), nullable=True))
    op.add_column("runs", sa.Column("scheduled_for", UtcDateTime(), nullable=True))


def _schedules() -> None:
    op.create_table(
        "schedules",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.String(length=64), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=True),
        sa.Column("weekdays", sa.JSON(), nullable=False),
        sa.Column("time_of_day", sa.String(length=5), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("paused_reason", sa.JSON(), nullable=True),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _of_workspace("schedules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
    )
    _index_due("schedules", "next_at")
    op.create_index(op.f("ix_schedules_workspace_id"), "schedules", ["workspace_id"])


def _exports() -> None:
    op.create_table(
        "exports",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=False),
        sa.Column("requester_id", sa.String(length=64), nullable=False),
        sa.Column("file_format", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.JSON(), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("slack_file_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        _of_run("exports"),
        _of_workspace("exports"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    _index_due("exports", "due_at")
    op.create_index(op.f("ix_exports_run_id"), "exports", ["run_id"])


def _watches() -> None:
    op.create_table(
        "watches",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("table", sa.Text(), nullable=True),
        sa.Column("rows", sa.Text(), nullable=True),
        sa.Column("credits_before", sa.Double(), nullable=True),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        _of_run("watches"),
        _of_workspace("watches"),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_watches")),
    )
    _index_due("watches", "due_at")
    op.create_index("ix_watches_table", "watches", ["workspace_id", "table_id"])


def _of_workspace(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_workspace_id")
    return sa.ForeignKeyConstraint(["workspace_id"], ["workspaces.id"], name=name, ondelete="CASCADE")


def _of_run(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run_id"], ["runs.id"], name=op.f(f"fk_{table}_run_id"), ondelete="CASCADE"
    )


def _index_due(table: str, column: str) -> None:
    due = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_due", table, [column], postgresql_where=due, sqlite_where=due)


def downgrade() -> None:
    for column in ("scheduled_for", "schedule_id", "attachments"):
        op.drop_column("runs", column)
    for table in ("watches", "exports", "schedules"):
        op.drop_table(table)
