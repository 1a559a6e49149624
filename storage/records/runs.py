"""Threads, the runs in them, and the choices that a run leaves."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.records.base import ID, SLACK_ID, Base
from storage.times import database_now


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
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    """What the agent is to look at: ``{"kind": "slack_file", "id", "name"}`` until it has been handed to
    Origami, then ``{"kind": "document" | "table", "id", "name", "container", "slack_file"}``. What could not
    be taken is ``{"kind": "left_out", "name", "why"}``."""
    schedule_id: Mapped[str | None] = mapped_column(ID, default=None)
    """The recurring brief that it is an occurrence of, which may be gone since."""
    scheduled_for: Mapped[datetime | None] = mapped_column(default=None)
    """When that occurrence was due."""
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


# Not only of open runs: SQLite uses a partial index only where a query spells its condition out.
Index("ix_runs_due", Run.state, Run.due_at)
Index("ix_runs_open_in_workspace", Run.workspace_id, Run.state)
Index("ix_runs_waiting_questions", Run.status, Run.finished_at)
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
