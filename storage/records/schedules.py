"""Briefs that recur."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import ID, SLACK_ID, Base
from storage.times import database_now


class ScheduleState(StrEnum):
    """Whether a recurring brief recurs."""

    ACTIVE = "active"
    PAUSED = "paused"


class Schedule(Base, kw_only=True):
    """A recurring brief: each occurrence is a run in a thread of its own that mentions its owner."""

    __tablename__ = "schedules"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    owner_id: Mapped[str] = mapped_column(SLACK_ID)
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
    prompt: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(String(64), default=None)
    """Origami's, None for the best that the plan has, or ``as-set`` for what is set when it is due."""
    weekdays: Mapped[list[str]] = mapped_column(default_factory=list)
    """Of ``mon`` to ``sun``."""
    time_of_day: Mapped[str] = mapped_column(String(5))
    """``HH:MM`` in ``time_zone``."""
    time_zone: Mapped[str] = mapped_column(String(64))
    """IANA."""
    state: Mapped[str] = mapped_column(String(16), default=ScheduleState.ACTIVE)
    paused_reason: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), default=None)
    """Why the bot paused it: ``{"code": …}``; None when a person did."""
    next_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its next occurrence is due. While it is paused: when admins are to be told of that, or None."""
    lease_owner: Mapped[str | None] = mapped_column(ID, default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


Index(
    "ix_schedules_due",
    Schedule.next_at,
    postgresql_where=Schedule.next_at.is_not(None),
    sqlite_where=Schedule.next_at.is_not(None),
)
