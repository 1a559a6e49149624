"""What a brief is, and the rows that it begins with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from bot.origami import EmptyPrompt, PromptTooLong, run_body
from bot.runs.guard import Who, may_start
from storage import audit, deliveries, preferences
from storage.keeping import keep
from storage.records import DeliveryKind, Run, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.attachments import Item
    from bot.runs.context import Context
    from storage.records import Workspace

log = structlog.get_logger(__name__)

AS_SET = "as-set"
"""Instead of a model: the one that the rep, the channel or the workspace has set."""
OCCURRENCES = uuid.UUID("0d1c5a7e-8c0b-4f0e-9a53-6e2c6c1b7a42")
"""Namespace of the ids of runs that a recurring brief starts: of each occurrence there is one."""


class UnusableBriefError(ValueError):
    """Origami would not take this prompt; ``code`` is EMPTY_PROMPT or PROMPT_TOO_LONG."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def checked(prompt: str) -> str:
    """The prompt as it can be kept and sent. Raises UnusableBriefError."""
    # PostgreSQL keeps no NUL in a text, and no driver a half of a surrogate pair.
    clean = prompt.replace("\0", " ").encode("utf-8", "replace").decode().strip()
    try:
        run_body(clean)
    except EmptyPrompt as error:
        raise UnusableBriefError("EMPTY_PROMPT", str(error)) from error
    except PromptTooLong as error:
        raise UnusableBriefError("PROMPT_TOO_LONG", str(error)) from error
    return clean


@dataclass(frozen=True, slots=True)
class Team:
    """Where a Slack request comes from."""

    team_id: str
    enterprise_id: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One of the times at which a recurring brief is due."""

    schedule_id: str
    due_at: datetime

    @property
    def run_id(self) -> str:
        """The id of the run that it starts, known beforehand."""
        return str(uuid.uuid5(OCCURRENCES, f"{self.schedule_id}:{self.due_at.isoformat()}"))


@dataclass(frozen=True, slots=True)
class Brief:
    """What a rep asked for, parsed from Slack's payload."""

    key: str
    """Slack's own key of the request: a redelivery has the same one."""
    team: Team
    channel_id: str
    requester_id: str
    prompt: str
    source: str
    model: str | None = AS_SET
    """Origami's model; None is the best that the plan has."""
    focus_table_ids: tuple[str, ...] = ()
    response_url: str | None = field(default=None, repr=False)
    thread_ts: str | None = None
    """The Slack thread to work in, where there is one already; else the opening message begins one."""
    source_ts: str | None = None
    occurrence: Occurrence | None = None
    """What it is one of, where it recurs."""
    attachments: tuple[Item, ...] = ()
    """Files for the agent, as ``bot.runs.attachments.kept`` makes them."""
    who: Who = field(default_factory=Who, repr=False)

    @property
    def user_id(self) -> str:
        """Who asked."""
        return self.requester_id


async def begin(
    context: Context,
    session: AsyncSession,
    workspace: Workspace,
    brief: Brief,
    *,
    is_over: bool = False,
) -> Run:
    """Keep a new thread with its first run, in the caller's transaction; the prompt has been checked.

    Raises Refused and UnknownFacts before anything is kept, unless the run is over before it starts.
    """
    if not is_over:
        await may_start(
            session,
            workspace.id,
            user_id=brief.requester_id,
            channel_id=brief.channel_id,
            who=brief.who,
            recurs=brief.occurrence is not None,
        )
    thread, run = drafted(context, workspace.id, brief, await _model(session, workspace, brief))
    await keep(session, thread)
    await open_run(context, session, run, thread)
    log_accepted(brief, run)
    return run


def log_accepted(brief: Brief, run: Run) -> None:
    """Tell of a brief's run, in the name of the request that it came with."""
    log.info("run.accepted", team=brief.team.team_id, thread=run.thread_id, run=run.id, source=run.source)


def drafted(context: Context, workspace_id: str, brief: Brief, model: str | None) -> tuple[Thread, Run]:
    """The rows of a new thread and its first run, not kept yet."""
    thread = Thread(
        id=context.new_id(),
        workspace_id=workspace_id,
        channel_id=brief.channel_id,
        requester_id=brief.requester_id,
        thread_ts=brief.thread_ts,
    )
    occurrence = brief.occurrence
    run = Run(
        id=occurrence.run_id if occurrence else context.new_id(),
        workspace_id=workspace_id,
        thread_id=thread.id,
        requester_id=brief.requester_id,
        source=brief.source,
        prompt=brief.prompt,
        model=model,
        focus_table_ids=list(brief.focus_table_ids),
        response_url=brief.response_url,
        source_ts=brief.source_ts,
        schedule_id=occurrence.schedule_id if occurrence else None,
        scheduled_for=occurrence.due_at if occurrence else None,
        attachments=list(brief.attachments),
    )
    return thread, run


async def _model(session: AsyncSession, workspace: Workspace, brief: Brief) -> str | None:
    if brief.model != AS_SET:
        return brief.model
    wanted = await preferences.resolve(
        session, workspace.id, user_id=brief.requester_id, channel_id=brief.channel_id
    )
    return wanted.model


async def open_run(context: Context, session: AsyncSession, run: Run, thread: Thread) -> None:
    """Keep a new run and owe its opening message, in the caller's transaction."""
    await keep(session, run)
    await owe_openings(context, session, [(thread, run)])


async def owe_openings(
    context: Context,
    session: AsyncSession,
    opened: Sequence[tuple[Thread, Run]],
    acts: Sequence[dict[str, Any]] = (),
) -> None:
    """Owe the opening messages of new runs, and note who started them; ``acts`` led to that."""
    owed = [
        {
            "token": context.new_id(),
            "workspace_id": run.workspace_id,
            "run_id": run.id,
            "kind": DeliveryKind.OPENING,
            "channel_id": thread.channel_id,
        }
        for thread, run in opened
    ]
    starts = [
        audit.entry(run.workspace_id, run.requester_id, "start", run_id=run.id, source=run.source)
        for _, run in opened
    ]
    await deliveries.owe_all(session, owed)
    await audit.record_all(session, [*acts, *starts])
    for _, run in opened:
        context.metrics.runs_accepted.labels(run.source).inc()
