"""From a delivery to its message: the records are read when it is sent, so it is never out of date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import origami, views
from bot.deliveries.audience import tells_of_leads
from bot.views import Message, Place
from storage import choices, discretion, preferences, runs
from storage.records import DIRECT, DeliveryKind, OurStatus, Run, RunState, Schedule, Thread, Workspace

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.audience import Audience
    from bot.views.times import Reader
    from storage.records import Delivery
    from storage.runs import Standing


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
    withheld: bool = False
    """Whether its channel may not see it unless the requester says so."""
    directly: tuple[str, str] | None = None
    """Channel and ``ts`` of the answer that the requester alone was given, for what follows it there."""


async def render(
    session: AsyncSession,
    delivery: Delivery,
    *,
    now: datetime,
    reader: Reader,
    audience: Audience | None = None,
) -> Rendered | None:
    """The message as it should read now; None when there is nothing left to say.

    Where ``audience`` is not known although it matters, it is taken to be of other companies.
    """
    standing = await runs.standing(session, delivery.run_id)
    run, thread, workspace = standing.run, standing.thread, standing.workspace
    wanted = await preferences.resolve(
        session, run.workspace_id, user_id=run.requester_id, channel_id=thread.channel_id
    )
    withheld = tells_of_leads(delivery, run) and (audience is None or audience.outsiders)
    direct = is_direct(delivery)
    # Whoever lets others see an answer was mentioned by the message that asked for it.
    told_before = direct or (run.shown_at is not None and delivery.kind != DeliveryKind.CONSENT)
    mention = wanted.notify != "dm" and not told_before
    telling = _Telling(standing, workspace.team_id, reader, mention=mention, discreet=withheld)
    messages = await _messages(session, delivery, telling, now)
    if delivery.sequence >= len(messages):
        return None
    return Rendered(
        messages[delivery.sequence],
        len(messages),
        run,
        thread,
        workspace,
        question_waits=run.status == "needs_input" and not standing.taken_up,
        broadcast=wanted.broadcast
        and delivery.kind == DeliveryKind.ANSWER
        and delivery.sequence == 0
        and not told_before,
        withheld=withheld,
        directly=await discretion.direct_thread(session, run.id) if direct else None,
    )


def is_direct(delivery: Delivery) -> bool:
    """Whether a message goes to the requester alone, beside the thread."""
    return delivery.subject == DIRECT and delivery.kind != DeliveryKind.NOTICE


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told of, and how."""

    standing: Standing
    team_id: str
    reader: Reader
    mention: bool
    discreet: bool
    """Whether only what other companies may see is told."""

    @property
    def run(self) -> Run:
        """The run."""
        return self.standing.run

    @property
    def thread(self) -> Thread:
        """Its thread."""
        return self.standing.thread


async def _messages(
    session: AsyncSession, delivery: Delivery, telling: _Telling, now: datetime
) -> list[Message]:
    run, reader = telling.run, telling.reader
    result = origami.Run.from_json(run.result) if run.result else None
    seen = views.LastSeen.of(telling.standing.watch)
    match delivery.kind:
        case DeliveryKind.OPENING:
            return [await _opening(session, telling, result, seen, now)]
        case DeliveryKind.ANSWER:
            return await _answer(session, delivery, telling, result, seen)
        case DeliveryKind.PREVIEW:
            return [views.preview(result, seen, reader=reader)] if result and seen else []
        case DeliveryKind.REMINDER:
            asking = None if telling.standing.taken_up else result
            return [views.reminder(run, result=asking, reader=reader)] if asking else []
        case DeliveryKind.CONSENT:
            found = views.consent(
                run, delivery.payload, result=result, mention=telling.mention, reader=reader
            )
            return [found]
        case _:
            return [views.notice(delivery.payload, reader=reader)]


async def _opening(
    session: AsyncSession,
    telling: _Telling,
    result: origami.Run | None,
    seen: views.LastSeen | None,
    now: datetime,
) -> Message:
    run = telling.run
    return views.opening(
        run,
        thread=telling.thread,
        result=result,
        place=await _place(session, run, discreet=telling.discreet),
        now=now,
        seen=seen,
        reader=telling.reader,
        schedule=await _schedule(session, run),
        discreet=telling.discreet,
    )


async def _answer(
    session: AsyncSession,
    delivery: Delivery,
    telling: _Telling,
    result: origami.Run | None,
    seen: views.LastSeen | None,
) -> list[Message]:
    run, thread, reader = telling.run, telling.thread, telling.reader
    found = await choices.of_run(session, run.id)
    direct = is_direct(delivery)
    heading = views.asked_in(run, thread, telling.team_id) if direct else ()
    if result and run.status not in {OurStatus.LOST, OurStatus.REJECTED}:
        return views.answer(
            run,
            thread=thread,
            result=result,
            choices=found,
            seen=seen,
            mention=telling.mention,
            reader=reader,
            heading=heading,
        )
    # Why there is no answer is worth a mention to those who want none either.
    mention = not direct and run.shown_at is None
    return views.ending(run, thread=thread, choices=found, reader=reader, mention=mention, heading=heading)


async def _schedule(session: AsyncSession, run: Run) -> Schedule | None:
    return await session.get(Schedule, run.schedule_id) if run.schedule_id else None


async def _place(session: AsyncSession, run: Run, *, discreet: bool) -> Place | None:
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
        holders=() if discreet else tuple(reason.get("holders") or ()),
    )
