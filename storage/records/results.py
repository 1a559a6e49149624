"""What is done with a finished run's tables."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import ID, SLACK_ID, Base
from storage.times import database_now


class WatchEnd(StrEnum):
    """Why a table is read no more."""

    COMPLETE = "complete"
    """No cell is being filled any more."""
    GAVE_UP = "gave_up"
    """It was still filling, or could not be read, for too long."""
    GONE = "gone"
    """Origami does not know it any more."""
    PASSED_ON = "passed_on"
    """A later run has changed the same table, and has it read for itself."""


class Watch(Base, kw_only=True):
    """The table that matters of a finished run: read for its preview, and again until its cells are done."""

    __tablename__ = "watches"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    table_id: Mapped[str] = mapped_column(ID)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    """When it is to be read next; None when there is nothing more to wait for."""
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed reads in a row."""
    lease_owner: Mapped[str | None] = mapped_column(ID, default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    table: Mapped[str | None] = mapped_column(Text, default=None)
    """Origami's table with its economics as it was read last, as JSON."""
    rows: Mapped[str | None] = mapped_column(Text, default=None)
    """The first rows of its saved view, as JSON; None while there is none to show."""
    credits_before: Mapped[float | None] = mapped_column(default=None)
    """The table's lifetime credits before the run; None where that is not known."""
    ended: Mapped[str | None] = mapped_column(String(16), default=None)
    """Why it is read no more."""
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


Index(
    "ix_watches_due",
    Watch.due_at,
    postgresql_where=Watch.due_at.is_not(None),
    sqlite_where=Watch.due_at.is_not(None),
)
Index("ix_watches_table", Watch.workspace_id, Watch.table_id)


class ExportState(StrEnum):
    """A file is wanted, and then there or not."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class Export(Base, kw_only=True):
    """A table as a file, wanted by one person."""

    __tablename__ = "exports"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    table_id: Mapped[str] = mapped_column(ID)
    requester_id: Mapped[str] = mapped_column(SLACK_ID)
    file_format: Mapped[str] = mapped_column(String(8))
    """``csv`` or ``xlsx``."""
    state: Mapped[str] = mapped_column(String(16), default=ExportState.PENDING)
    reason: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(ID, default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    rows_read: Mapped[int] = mapped_column(default=0)
    slack_file_id: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    """Slack's id of the uploaded file, known before it is shared: a share of unknown outcome is looked up."""
    direct: Mapped[bool] = mapped_column(default=False)
    """Whether it goes to its requester's conversation with the app instead of the thread."""
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


Index(
    "ix_exports_due",
    Export.due_at,
    postgresql_where=Export.due_at.is_not(None),
    sqlite_where=Export.due_at.is_not(None),
)
