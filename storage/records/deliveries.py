"""What we owe Slack."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import AUTO_ID, ID, SLACK_ID, Base
from storage.times import database_now


class DeliveryKind(StrEnum):
    """Which message a delivery is."""

    OPENING = "opening"
    """The message that stands at once, shows progress and becomes the headline."""
    ANSWER = "answer"
    """The result in the thread; part 0 mentions the requester."""
    REMINDER = "reminder"
    """A question of the run still waits."""
    NOTICE = "notice"
    """A few words to one person: who won a click, why nothing could be started."""
    PREVIEW = "preview"
    """The first rows of the table that matters, kept up to date while its cells are being filled."""
    CONSENT = "consent"
    """In a channel that other companies see: the answer is ready, and waits for its requester's word."""


DIRECT = "direct"
"""Subject of the answers, previews and reminders that go to the requester alone; else it is empty."""


class DeliveryState(StrEnum):
    """``sending`` past its lease means that the outcome is unknown."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    HELD = "held"
    """Not to be sent unless the requester lets people of other companies see it."""
    DROPPED = "dropped"


class Delivery(Base, kw_only=True):
    """One message we owe Slack, for its whole life.

    Only the intent is kept: it is rendered from the records when it is sent. Without ``ts`` it is
    still to be posted; with ``ts`` a raised ``revision`` means that it must be updated.
    """

    __tablename__ = "deliveries"
    __table_args__ = (UniqueConstraint("run_id", "kind", "subject", "sequence"),)

    id: Mapped[int] = mapped_column(AUTO_ID, primary_key=True, autoincrement=True, init=False)
    token: Mapped[str] = mapped_column(ID, unique=True)
    """Travels as message metadata, so that a post of unknown outcome can be found again."""
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(default="")
    """Tells notices of one run apart: the interaction that each one answers. Else DIRECT, or empty."""
    sequence: Mapped[int] = mapped_column(default=0)
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
    """For what is DIRECT: the requester's id, until it stands in their conversation with the app."""
    recipient_id: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    payload: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    """What a notice says and where its answer may go; empty for what is rendered from records."""

    state: Mapped[str] = mapped_column(String(16), default=DeliveryState.PENDING)
    priority: Mapped[int] = mapped_column(default=0)
    """0 = a rep waits for it, 1 = progress."""
    revision: Mapped[int] = mapped_column(default=1)
    due_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[bool] = mapped_column(default=False)
    """A post may already stand in Slack: look for its token before posting again."""
    lease_owner: Mapped[str | None] = mapped_column(ID, default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    ts: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    posted_at: Mapped[datetime | None] = mapped_column(default=None)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    shown: Mapped[str | None] = mapped_column(ID, default=None)
    """Fingerprint of the version that Slack shows; None where that is not known for sure."""
    dropped_reason: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())

    @property
    def is_direct(self) -> bool:
        """Whether it goes to the requester alone, beside the thread."""
        return self.subject == DIRECT and self.kind != DeliveryKind.NOTICE


IS_OWED = Delivery.state.in_([literal_column("'pending'"), literal_column("'sending'")])
"""To be part of each query that is to use a partial index: SQLite sees that it may only by the same words."""
Index("ix_deliveries_due", Delivery.due_at, postgresql_where=IS_OWED, sqlite_where=IS_OWED)
Index(
    "ix_deliveries_queue",
    Delivery.workspace_id,
    Delivery.channel_id,
    Delivery.id,
    postgresql_where=IS_OWED,
    sqlite_where=IS_OWED,
)
Index("ix_deliveries_posted", Delivery.workspace_id, Delivery.channel_id, Delivery.posted_at)
