"""What we remember: one mapped dataclass a table.

Every record belongs to a workspace, and every query names it. States are plain strings,
spelled out in the ``StrEnum`` classes here, so that a newer version's value breaks no older reader.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from storage.times import UtcDateTime, database_now

ID = String(64)
SLACK_ID = String(64)
AUTO_ID = BigInteger().with_variant(Integer(), "sqlite")


class RunState(StrEnum):
    """Where a run of ours stands; ``finished`` carries a status beside it."""

    ACCEPTED = "accepted"
    """Committed; its opening message is not yet in Slack, so nothing may be spent."""
    QUEUED = "queued"
    """Waiting for a free slot at Origami, or for the thread's running run."""
    SUBMITTING = "submitting"
    """To be sent to Origami, or sent with an unknown outcome."""
    RUNNING = "running"
    FINISHED = "finished"


OPEN_STATES = (RunState.ACCEPTED, RunState.QUEUED, RunState.SUBMITTING, RunState.RUNNING)


class OurStatus(StrEnum):
    """Endings of a run that are ours, beside Origami's own statuses."""

    REJECTED = "rejected"
    LOST = "lost"
    CANCELLED = "cancelled"
    """Origami's word; ours too for a run that was stopped before it reached Origami."""


class ChoiceKind(StrEnum):
    """What a button does when it is clicked."""

    ANSWER = "answer"
    NEXT_ACTION = "next_action"
    CONTINUE = "continue"
    RETRY = "retry"


class ChoiceState(StrEnum):
    """A choice is open until somebody wins it, or something else makes it moot."""

    OPEN = "open"
    CHOSEN = "chosen"
    EXPIRED = "expired"


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


class DeliveryState(StrEnum):
    """``sending`` past its lease means that the outcome is unknown."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DROPPED = "dropped"


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The registry of all tables, with names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class)
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(),
        list[str]: JSON(),
        str: String(255),
    }


class Workspace(Base, kw_only=True):
    """One Slack team, and its connection to Origami."""

    __tablename__ = "workspaces"
    __table_args__ = (UniqueConstraint("enterprise_id", "team_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    team_id: Mapped[str] = mapped_column(SLACK_ID)
    enterprise_id: Mapped[str] = mapped_column(SLACK_ID, default="")
    """Empty outside an Enterprise organisation, so that the unique constraint holds."""
    sealed_key: Mapped[str | None] = mapped_column(Text, default=None)
    key_refused_at: Mapped[datetime | None] = mapped_column(default=None)
    settings: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


class Thread(Base, kw_only=True):
    """A Slack thread and the Origami agent behind it."""

    __tablename__ = "threads"
    __table_args__ = (UniqueConstraint("workspace_id", "channel_id", "thread_ts"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
    requester_id: Mapped[str] = mapped_column(SLACK_ID)
    thread_ts: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    """Slack's timestamp of the first message; None until the opening message is posted."""
    agent_id: Mapped[str | None] = mapped_column(ID, default=None)
    muted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


class Run(Base, kw_only=True):
    """One brief or follow-up, from the moment it was accepted to its end."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    thread_id: Mapped[str] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"), index=True)
    requester_id: Mapped[str] = mapped_column(SLACK_ID)
    source: Mapped[str] = mapped_column(String(32))
    prompt: Mapped[str] = mapped_column(Text)
    model: Mapped[str | None] = mapped_column(String(64), default=None)
    focus_table_ids: Mapped[list[str]] = mapped_column(default_factory=list)
    source_ts: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    """Slack's timestamp of the message that asked for it, where there is one."""
    follows_id: Mapped[str | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), default=None)
    """The run whose question or next action this one takes up."""
    reminded_at: Mapped[datetime | None] = mapped_column(default=None)
    """When its requester was reminded of its waiting question."""
    response_url: Mapped[str | None] = mapped_column(Text, default=None)
    """Slack's way to answer where the bot cannot post: five uses, 30 minutes."""

    state: Mapped[str] = mapped_column(String(16), default=RunState.ACCEPTED)
    status: Mapped[str | None] = mapped_column(String(64), default=None)
    reason: Mapped[dict[str, Any] | None] = mapped_column(default=None)
    """Why it waits, was rejected or lost: ``{"code": …}`` and what its words need."""
    waits_for: Mapped[str | None] = mapped_column(String(32), default=None)
    """While queued: the reason's code, by which the line for a slot is told from other waits."""
    due_at: Mapped[datetime | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed calls in a row; the back-off grows with it."""
    lease_owner: Mapped[str | None] = mapped_column(ID, default=None)
    lease_until: Mapped[datetime | None] = mapped_column(default=None)

    agent_id: Mapped[str | None] = mapped_column(ID, default=None)
    origami_run_id: Mapped[str | None] = mapped_column(String(128), default=None)
    idempotency_key: Mapped[str | None] = mapped_column(default=None, unique=True)
    body: Mapped[str | None] = mapped_column(Text, default=None)
    """The exact JSON sent with the key: a repeat must be the same to the byte."""
    submissions: Mapped[int] = mapped_column(default=0)
    """How many keys have been used; a definitive refusal takes a new one."""
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the body was first sent with the current key; not None = the outcome may be unknown."""

    steps_completed: Mapped[int] = mapped_column(default=0)
    steps_max: Mapped[int] = mapped_column(default=0)
    leads_added: Mapped[int] = mapped_column(default=0)
    """Leads that its end reported as added to tables, before qualification."""
    stop_requested_by: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    stop_requested_at: Mapped[datetime | None] = mapped_column(default=None)
    cancelled_at: Mapped[datetime | None] = mapped_column(default=None)
    """When Origami took our request to cancel."""
    result: Mapped[str | None] = mapped_column(Text, default=None, deferred=False)
    """Origami's final run, as JSON."""
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    answered_at: Mapped[datetime | None] = mapped_column(default=None)
    """When Origami last answered about it; an hour of silence and the run is lost."""
    finished_at: Mapped[datetime | None] = mapped_column(default=None)


_RUN_IS_OPEN = Run.state != RunState.FINISHED
Index("ix_runs_due", Run.state, Run.due_at, postgresql_where=_RUN_IS_OPEN, sqlite_where=_RUN_IS_OPEN)
Index(
    "ix_runs_open_in_workspace",
    Run.workspace_id,
    Run.state,
    postgresql_where=_RUN_IS_OPEN,
    sqlite_where=_RUN_IS_OPEN,
)
_MAY_WANT_REMINDING = (Run.status == "needs_input") & Run.reminded_at.is_(None)
Index(
    "ix_runs_waiting_questions",
    Run.finished_at,
    postgresql_where=_MAY_WANT_REMINDING,
    sqlite_where=_MAY_WANT_REMINDING,
)
Index("ix_runs_follows", Run.follows_id)
Index("ix_runs_workspace_created", Run.workspace_id, Run.created_at)


class Choice(Base, kw_only=True):
    """A question's option or a next action, as a button; its id is all that the button carries."""

    __tablename__ = "choices"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    question_index: Mapped[int | None] = mapped_column(default=None)
    """Which of the run's pending questions it answers; None for everything else."""
    position: Mapped[int] = mapped_column(default=0)
    label: Mapped[str] = mapped_column(Text)
    action_type: Mapped[str | None] = mapped_column(String(64), default=None)
    table_slug: Mapped[str | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(String(16), default=ChoiceState.OPEN)
    chosen_by: Mapped[str | None] = mapped_column(SLACK_ID, default=None)
    chosen_at: Mapped[datetime | None] = mapped_column(default=None)


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
    """Tells notices of one run apart: the interaction that each one answers."""
    sequence: Mapped[int] = mapped_column(default=0)
    channel_id: Mapped[str] = mapped_column(SLACK_ID)
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
    dropped_reason: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


_OWED = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
Index("ix_deliveries_due", Delivery.due_at, postgresql_where=_OWED, sqlite_where=_OWED)
Index(
    "ix_deliveries_queue",
    Delivery.workspace_id,
    Delivery.channel_id,
    Delivery.id,
    postgresql_where=_OWED,
    sqlite_where=_OWED,
)
Index("ix_deliveries_posted", Delivery.workspace_id, Delivery.channel_id, Delivery.posted_at)


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
    at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())


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


class Feedback(Base, kw_only=True):
    """What a person thinks of a run's result; a second verdict replaces the first."""

    __tablename__ = "feedback"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(SLACK_ID, primary_key=True)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[str] = mapped_column(String(16))
    """``good`` or ``bad``."""
    at: Mapped[datetime] = mapped_column(init=False, insert_default=database_now())
