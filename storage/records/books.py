"""What is counted and noted: requests, budgets, acts, verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import AUTO_ID, ID, SLACK_ID, Base
from storage.times import database_now


class InboxEntry(Base, kw_only=True):
    """A Slack request whose effect is committed; a redelivery of it changes nothing."""

    __tablename__ = "inbox"

    key: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Budget(Base, kw_only=True):
    """Requests spent in the last minute under one name, shared by every process."""

    __tablename__ = "budgets"

    name: Mapped[str] = mapped_column(primary_key=True)
    spent: Mapped[list[float]] = mapped_column(JSON, default_factory=list)
    """Pairs flattened: second, count, second, count …"""


class AuditEntry(Base, kw_only=True):
    """Who did what: start, click, stop, settings, keys."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(AUTO_ID, primary_key=True, autoincrement=True, init=False)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    actor_id: Mapped[str] = mapped_column(SLACK_ID)
    action: Mapped[str] = mapped_column(String(64))
    run_id: Mapped[str | None] = mapped_column(ID, default=None)
    details: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now(), index=True)


Index("ix_audit_newest", AuditEntry.workspace_id, AuditEntry.id)


class Feedback(Base, kw_only=True):
    """What a person thinks of a run's result; a second verdict replaces the first."""

    __tablename__ = "feedback"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(SLACK_ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    """``good`` or ``bad``."""
    at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())
