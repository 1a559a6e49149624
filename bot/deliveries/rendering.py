"""From a delivery and the records that it tells of to its message: no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot import origami, views
from bot.deliveries.audience import tells_of_leads
from bot.views import Message, Place
from storage.records import DeliveryKind, OurStatus, Run, RunState, Thread, Workspace
from storage.runs import SLOT

if TYPE_CHECKING:
    from datetime import datetime

    from bot.deliveries.audience import Audience
    from bot.deliveries.reading import Records
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
    withheld: bool = False
    """Whether its channel may not see it unless the requester says so."""
    directly: tuple[str, str] | None = None
    """Channel and ``ts`` of the answer that the requester alone was given, for what follows it there."""


def render(
    delivery: Delivery,
    records: Records,
    *,
    now: datetime,
    reader: Reader,
    audience: Audience | None = None,
) -> Rendered | None:
    """The message as it should read now; None when there is nothing left to say.

    Where ``audience`` is not known although it matters, it is taken to be of other companies.
    """
    standing, wanted = records.standing, records.wanted
    run, thread, workspace = standing.run, standing.thread, standing.workspace
    withheld = tells_of_leads(delivery, run) and (audience is None or audience.outsiders)
    direct = delivery.is_direct
    # Whoever lets others see an answer was mentioned by the message that asked for it.
    told_before = direct or (run.shown_at is not None and delivery.kind != DeliveryKind.CONSENT)
    mention = wanted.notify != "dm" and not told_before
    messages = _messages(delivery, _Telling(records, reader, mention=mention, discreet=withheld), now)
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
        directly=records.directly,
    )


@dataclass(frozen=True, slots=True)
class _Telling:
    """What is told of, and how."""

    records: Records
    reader: Reader
    mention: bool
    discreet: bool
    """Whether only what other companies may see is told."""

    @property
    def run(self) -> Run:
        """The run."""
        return self.records.standing.run

    @property
    def thread(self) -> Thread:
        """Its thread."""
        return self.records.standing.thread


def _messages(delivery: Delivery, telling: _Telling, now: datetime) -> list[Message]:
    run, reader = telling.run, telling.reader
    result = origami.Run.from_json(run.result) if run.result else None
    seen = views.LastSeen.of(telling.records.standing.watch)
    match delivery.kind:
        case DeliveryKind.OPENING:
            return [_opening(telling, result, seen, now)]
        case DeliveryKind.ANSWER:
            return _answer(delivery, telling, result, seen)
        case DeliveryKind.PREVIEW:
            return [views.preview(result, seen, reader=reader)] if result and seen else []
        case DeliveryKind.REMINDER:
            asking = None if telling.records.standing.taken_up else result
            return [views.reminder(run, result=asking, reader=reader)] if asking else []
        case DeliveryKind.CONSENT:
            found = views.consent(
                run, delivery.payload, result=result, mention=telling.mention, reader=reader
            )
            return [found]
        case _:
            return [views.notice(delivery.payload, reader=reader)]


def _opening(
    telling: _Telling, result: origami.Run | None, seen: views.LastSeen | None, now: datetime
) -> Message:
    run = telling.run
    return views.opening(
        run,
        thread=telling.thread,
        result=result,
        place=_place(telling),
        now=now,
        seen=seen,
        reader=telling.reader,
        schedule=telling.records.schedule,
        discreet=telling.discreet,
    )


def _answer(
    delivery: Delivery,
    telling: _Telling,
    result: origami.Run | None,
    seen: views.LastSeen | None,
) -> list[Message]:
    run, thread, reader = telling.run, telling.thread, telling.reader
    found = telling.records.choices
    direct = delivery.is_direct
    heading = views.asked_in(run, thread, telling.records.standing.workspace.team_id) if direct else ()
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


def _place(telling: _Telling) -> Place | None:
    run = telling.run
    if run.state != RunState.QUEUED:
        return None
    if run.waits_for != SLOT:
        return Place(position=1, total=1, wait_seconds=None, because="thread")
    position, total = telling.records.place or (1, 1)
    reason = run.reason or {}
    estimate = reason.get("retry_after")
    return Place(
        position=position,
        total=total,
        wait_seconds=estimate * position if estimate else None,
        because="slots",
        holders=() if telling.discreet else tuple(reason.get("holders") or ()),
    )
