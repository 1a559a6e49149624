"""The run that takes up another one, in the same thread and with the same agent."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot import origami
from bot.origami import Outcome
from bot.runs.attachments import handed_in
from bot.runs.guard import may_start
from bot.runs.prompts import CONTINUE
from bot.runs.start import checked, open_run
from storage import choices, deliveries
from storage.records import ChoiceKind, DeliveryKind, Run, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.attachments import Item
    from bot.runs.context import Context
    from bot.runs.guard import Who
    from storage.records import Choice

log = structlog.get_logger(__name__)

FOLLOW_UPS = uuid.UUID("5f6a2f52-3c0e-4d0b-8a53-1f6f3c0c9d11")
"""Namespace of follow-up runs' ids, which are known beforehand: being primary keys, there is one of each."""


def follow_up_id(asked_by: str) -> str:
    """The id of the follow-up that one thing asks for: a run's buttons together, or one message."""
    return str(uuid.uuid5(FOLLOW_UPS, asked_by))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a follow-up asks Origami for."""

    prompt: str
    focus: tuple[str, ...] = ()
    """Ids of the tables that it is about."""
    model: str | None = None
    attachments: Sequence[Item] = ()


def wanted_by(run: Run, choice: Choice) -> Wanted:
    """What a click on a choice asks for."""
    if choice.kind == ChoiceKind.CONTINUE:
        return Wanted(CONTINUE, (), run.model)
    if choice.kind == ChoiceKind.RETRY:
        model = None if (run.reason or {}).get("code") == "MODEL_NOT_AVAILABLE" else run.model
        return Wanted(run.prompt, tuple(run.focus_table_ids), model, handed_in(run.attachments))
    return Wanted(choice.label, focus_of(run, choice.table_slug), run.model)


def focus_of(run: Run, table_slug: str | None) -> tuple[str, ...]:
    """The table that a next action of the run is about."""
    table = Outcome.of(origami.Run.from_json(run.result)).table_called(table_slug) if run.result else None
    return (table.id,) if table and table.id else ()


def drafted(run: Run, wanted: Wanted, *, requester_id: str, source: str, asked_by: str) -> Run:
    """The row of a follow-up of ``run``, not kept yet."""
    return Run(
        id=follow_up_id(asked_by),
        workspace_id=run.workspace_id,
        thread_id=run.thread_id,
        requester_id=requester_id,
        source=source,
        prompt=wanted.prompt,
        model=wanted.model,
        focus_table_ids=list(wanted.focus),
        follows_id=run.id,
        attachments=list(wanted.attachments),
    )


async def start_follow_up(
    context: Context,
    session: AsyncSession,
    run: Run,
    *,
    requester_id: str,
    who: Who,
    prompt: str,
    source: str,
    asked_by: str,
    model: str | None,
    focus: tuple[str, ...] = (),
    source_ts: str | None = None,
    attachments: Sequence[Item] = (),
) -> Run:
    """Keep a follow-up of ``run`` and close what was still open of it, in the caller's transaction.

    The caller holds the run's lock. Raises UnusableBriefError before anything is kept, and Refused and
    UnknownFacts.
    """
    wanted = Wanted(checked(prompt), focus, model, attachments)
    thread = await session.get_one(Thread, run.thread_id)
    await may_start(session, run.workspace_id, user_id=requester_id, channel_id=thread.channel_id, who=who)
    await choices.expire(session, run.id)
    follow_up = drafted(run, wanted, requester_id=requester_id, source=source, asked_by=asked_by)
    follow_up.source_ts = source_ts
    await open_run(context, session, follow_up, thread)
    await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
    log_accepted(follow_up)
    return follow_up


def log_accepted(follow_up: Run) -> None:
    """Tell of a follow-up, in the name of the request that asked for it."""
    log.info("run.accepted", thread=follow_up.thread_id, run=follow_up.id, source=follow_up.source)
