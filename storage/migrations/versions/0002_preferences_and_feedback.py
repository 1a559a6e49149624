"""Preferences, feedback, and what a thread needs"""

import sqlalchemy as sa
from alembic import op

from storage.times import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_preferences_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workspace_id", "scope", "subject_id", name=op.f("pk_preferences")),
    )
    op.create_table(
        "feedback",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("workspace_id", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_feedback_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_feedback_workspace_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "user_id", name=op.f("pk_feedback")),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedback_workspace_id"), ["workspace_id"], unique=False)

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source_ts", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("reminded_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("leads_added", sa.Integer(), nullable=False, server_default="0"))

    reminding = sa.text("status = 'needs_input' AND reminded_at IS NULL")
    op.create_index(
        "ix_runs_waiting_questions",
        "runs",
        ["finished_at"],
        postgresql_where=reminding,
        sqlite_where=reminding,
    )
    op.create_index("ix_runs_follows", "runs", ["follows_id"])


def downgrade() -> None:
    op.drop_index("ix_runs_follows", "runs")
    op.drop_index("ix_runs_waiting_questions", "runs")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_column("leads_added")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("source_ts")

    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_workspace_id"))

    op.drop_table("feedback")
    op.drop_table("preferences")
