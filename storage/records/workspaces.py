"""A workspace, and what its people have set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import ID, SLACK_ID, Base
from storage.times import database_now


class Workspace(Base, kw_only=True):
    """One Slack team, and its connection to Origami."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    team_id: Mapped[str] = mapped_column(SLACK_ID)
    enterprise_id: Mapped[str] = mapped_column(SLACK_ID, default="")
    """Empty outside an Enterprise organisation, so that the unique constraint holds."""
    sealed_key: Mapped[str | None] = mapped_column(Text, default=None)
    """Its Origami key, encrypted; None while nobody has connected it."""
    key_refused_at: Mapped[datetime | None] = mapped_column(default=None)
    left_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the app was removed from it; None while it is installed."""
    settings: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


class Preference(Base, kw_only=True):
    """What a person, a channel or the workspace has set; what is not set falls to the next wider scope."""

    __tablename__ = "preferences"

    workspace_id: Mapped[str] = mapped_column(
        ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    scope: Mapped[str] = mapped_column(String(16), primary_key=True)
    """``user``, ``channel`` or ``workspace``."""
    subject_id: Mapped[str] = mapped_column(SLACK_ID, primary_key=True)
    """The user or channel; empty for the workspace."""
    values: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
