"""From a delivery to its message: the records are read when it is sent, so it is never out of date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import origami, views
from bot.views import Message, Place
from storage import choices, preferences, runs, watches
from storage.records import DeliveryKind, OurStatus, Run, RunState, Schedule, Thread, Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.views.times import Reader
    from storage.records import Delivery


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message, where it goes, and how many belong together."""

    message: Message
    parts: int
    run: Run
    thread: Thread
    workspace: Workspace
    question_waits: bool = False
    broadcast: bool = False
    """Whether the message is to be shown in the channel too."""


async def render(
    session: AsyncSession, delivery: Delivery, *, now: datetime, reader: Reader
) -> Rendered | None:
    """The message as it should read now; None when there is nothing left to say."""
    run, thread, workspace = await runs.with_its_place(session, delivery.run_id)
    wanted = await preferences.resolve(
        session, run.workspace_id, user_id=run.requester_id, channel_id=thread.channel_id
    )
    messages = await _messages(
        session, delivery, run, thread, now, mention=wanted.notify != "dm", reader=reader
    )
    if delivery.sequence >= len(messages):
        return None
    return Rendered(
        messages[delivery.sequence],
        len(messages),
        run,
        thread,
        workspace,
        question_waits=run.status == "needs_input" and not await runs.has_follow_up(session, run.id),
        broadcast=wanted.broadcast and delivery.kind == DeliveryKind.ANSWER and delivery.sequence == 0,
    )


async def _messages(
    session: AsyncSession,
    delivery: Delivery,
    run: Run,
    thread: Thread,
    now: datetime,
    *,
    mention: bool,
    reader: Reader,
) -> list[Message]:
    result = origami.Run.from_json(run.result) if run.result else None
    seen = views.LastSeen.of(await watches.find(session, run.id))
    match delivery.kind:
        case DeliveryKind.OPENING:
            place, schedule = await _place(session, run), await _schedule(session, run)
            return [
                views.opening(
                    run,
                    thread=thread,
                    result=result,
                    place=place,
                    now=now,
                    seen=seen,
                    reader=reader,
                    schedule=schedule,
                )
            ]
        case DeliveryKind.ANSWER:
            found = await choices.of_run(session, run.id)
            if result and run.status not in {OurStatus.LOST, OurStatus.REJECTED}:
                return views.answer(
                    run,
                    thread=thread,
                    result=result,
                    choices=found,
                    seen=seen,
                    mention=mention,
                    reader=reader,
                )
            return views.ending(run, thread=thread, choices=found, reader=reader)
        case DeliveryKind.PREVIEW:
            return [views.preview(result, seen, reader=reader)] if result and seen else []
        case DeliveryKind.REMINDER:
            taken_up = await runs.has_follow_up(session, run.id)
            return [views.reminder(run, result=result, reader=reader)] if result and not taken_up else []
        case _:
            return [views.notice(delivery.payload, reader=reader)]


async def _schedule(session: AsyncSession, run: Run) -> Schedule | None:
    return await session.get(Schedule, run.schedule_id) if run.schedule_id else None


async def _place(session: AsyncSession, run: Run) -> Place | None:
    if run.state != RunState.QUEUED:
        return None
    if run.waits_for != runs.SLOT:
        return Place(position=1, total=1, wait_seconds=None, because="thread")
    position, total = await runs.place_in_line(session, run) or (1, 1)
    reason = run.reason or {}
    estimate = reason.get("retry_after")
    return Place(
        position=position,
        total=total,
        wait_seconds=estimate * position if estimate else None,
        because="slots",
        holders=tuple(reason.get("holders") or ()),
    )
