"""The message that stands at once, shows progress and becomes the headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.views import ids, refusals
from bot.views.attached import attached_blocks
from bot.views.blocks import Block, actions, button, context, link_button, section
from bot.views.changes import table_buttons
from bot.views.escape import clip, quote
from bot.views.headline import headline, seconds_between, took
from bot.views.last_seen import outcome_of
from bot.views.message import Message
from bot.views.recurrence import comes_round
from bot.views.times import ANYBODY, Reader, number
from bot.views.words import bold, duration, listing, name, person
from storage.records import OurStatus, RunState

if TYPE_CHECKING:
    from datetime import datetime

    from bot.origami import Outcome
    from bot.origami import Run as Result
    from bot.views.last_seen import LastSeen
    from storage.records import Run, Schedule, Thread

BRIEF_LIMIT = 2_400
"""Characters of a brief that are shown; Slack: 3,000 per section, and ``text`` must hold it too."""

_ASKED = {
    "answer": "Following up on {who}'s answer:",
    "button": "Following up on {who}'s choice:",
    "direct": "Following up on {who}'s reply:",
    "reply": "Following up on {who}'s reply:",
}
ASKED_ELSEWHERE = frozenset({"answer", "button", "direct"})
"""Sources of what was not said in the channel: it may tell what the agent asked, or found."""
_STARTS_A_THREAD = frozenset({"command", "shortcut", "modal", "mention", "message", "schedule"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a queued run stands: ``position`` of ``total``, 1 is next; ``because`` is "slots" or "thread".

    ``holders`` are the names of the agents that hold Origami's slots, where Origami tells them.
    """

    position: int
    total: int
    wait_seconds: float | None
    because: str
    holders: tuple[str, ...] = ()


def opening(
    run: Run,
    *,
    thread: Thread,
    result: Result | None,
    place: Place | None,
    now: datetime,
    seen: LastSeen | None = None,
    reader: Reader = ANYBODY,
    schedule: Schedule | None = None,
    discreet: bool = False,
) -> Message:
    """Show where a run stands; once it has ended, what came of it unless that is to be ``discreet``.

    ``result`` is Origami's final run, None until then and for runs that ended without one; ``schedule`` is
    the recurring brief that it is an occurrence of, as far as it is still there.
    """
    if discreet:
        return Message.of(_discreet(run, place, now, schedule, reader))
    asked = _asked(run, schedule, reader)
    if run.state == RunState.FINISHED:
        if result is None:
            return Message.of(_ended_without_result(run, asked, reader, private=is_private(thread)))
        return Message.of(_ended(run, result, seen, asked, reader))
    return Message.of([section(asked), *attached_blocks(run), *_progress(run, place, now, reader)])


def _discreet(
    run: Run, place: Place | None, now: datetime, schedule: Schedule | None, reader: Reader
) -> list[Block]:
    """Show to people of other companies that somebody asked, and that it goes on or has ended.

    What was asked stands there only where it was said in the channel.
    """
    asked = [section(_asked(run, schedule, reader)), *attached_blocks(run)]
    if run.source in ASKED_ELSEWHERE:
        asked = [section(f"Following up for {person(run.requester_id)}.")]
    if run.state != RunState.FINISHED:
        return [*asked, *_progress(run, place, now, reader, discreet=True)]
    stopped = f" {person(run.stop_requested_by)} asked to stop." if run.stop_requested_by else ""
    told = f"{bold('Ended.')}{stopped} {person(run.requester_id)} decides who sees what came of it."
    return [section(told), *asked, *([context(took(run, None))] if took(run, None) else [])]


def _asked(run: Run, schedule: Schedule | None, reader: Reader) -> str:
    if run.source == "schedule":
        return f"{comes_round(run, schedule, reader)}\n{clip(quote(run.prompt), BRIEF_LIMIT)}"
    otherwise = "Following up for {who}:" if _follows_up(run) else "{who} asked for:"
    words = _ASKED.get(run.source, otherwise)
    return f"{words.format(who=person(run.requester_id))}\n{clip(quote(run.prompt), BRIEF_LIMIT)}"


def _follows_up(run: Run) -> bool:
    return run.source not in _STARTS_A_THREAD


def _progress(
    run: Run, place: Place | None, now: datetime, reader: Reader, *, discreet: bool = False
) -> list[Block]:
    if run.stop_requested_at:
        who = f"{person(run.stop_requested_by)} asked to stop. " if run.stop_requested_by else ""
        return [section(f"{who[:1].upper()}{who[1:]}Stopping… What was built so far is kept.")]
    if run.state == RunState.QUEUED:
        line = _queued(place, reader)
    elif run.state == RunState.RUNNING:
        line = _running(run, now, reader, discreet=discreet)
    else:
        where = "here" if _follows_up(run) else "in the thread"
        line = f"Origami is starting. You will be mentioned {where} when there is an answer."
    return [section(line), *actions([button("Stop", ids.STOP, run.id)])]


def _queued(place: Place | None, reader: Reader) -> str:
    itself = "It starts by itself."
    if place is None:
        return f"Waiting in line. {itself}"
    if place.because == "thread":
        return f"Waiting for the run before it in this thread. {itself}"
    where = "next in line" if place.position <= 1 else in_line(place.position, place.total, reader)
    wait = f", {about(place.wait_seconds)} to go" if place.wait_seconds is not None else ""
    held = listing([f"“{name(holder, limit=60, otherwise='another run')}”" for holder in place.holders[:3]])
    more = len(place.holders) - 3
    busy = f" Origami is busy with {held}{f' and {more} more' if more > 0 else ''}." if held else ""
    return f"Waiting for a free slot at Origami: {where}{wait}.{busy} {itself}"


def in_line(position: int, total: int, reader: Reader) -> str:
    """Say where in line something stands: "number 2 of 5 in line"."""
    return f"number {number(position, reader)} of {number(total, reader)} in line"


def about(seconds: float) -> str:
    """Say roughly how long something will take."""
    return duration(seconds) if seconds < 60 else f"about {duration(seconds)}"


def steps(run: Run, reader: Reader) -> str:
    """Say how far a run has come: "step 3 of 50"; empty before its first step."""
    if not run.steps_completed:
        return ""
    of = f" of {number(run.steps_max, reader)}" if run.steps_max >= run.steps_completed else ""
    return f"step {number(run.steps_completed, reader)}{of}"


def _running(run: Run, now: datetime, reader: Reader, *, discreet: bool) -> str:
    if run.reason and discreet:
        return f"{bold('Waiting.')} The run goes on at Origami."
    if run.reason:
        refusal = refusals.words(run.reason, reader)
        goes_on = "The run goes on at Origami, and its answer comes here as soon as that is mended."
        return f"{bold('Waiting.')} {refusal.what} {refusal.next_step} {goes_on}"
    time = duration(seconds_between(run.started_at, now)) if run.started_at else ""
    return " · ".join(filter(None, [bold("Working"), steps(run, reader), time]))


def _ended(run: Run, result: Result, seen: LastSeen | None, asked: str, reader: Reader) -> list[Block]:
    outcome = outcome_of(result, seen)
    note = " · ".join(filter(None, [took(run, result), _more(run, result, outcome)]))
    return [
        section(headline(run, result, outcome, reader, to=person(run.requester_id))),
        section(asked),
        *attached_blocks(run),
        *table_buttons(outcome, reader, result.left_out.tables),
        context(note[:1].upper() + note[1:]),
    ]


def _more(run: Run, result: Result, outcome: Outcome) -> str:
    where = "below" if _follows_up(run) else "in the thread"
    if outcome.asked:
        return f"answer {where}"
    has_text = result.response is not None and result.response.text
    return f"the answer is {where}" if has_text else f"details are {where}"


def _ended_without_result(run: Run, asked: str, reader: Reader, *, private: bool) -> list[Block]:
    told, link = ending_words(run, reader, private=private)
    return [section(told), section(asked), *attached_blocks(run), *link]


def is_private(thread: Thread) -> bool:
    """Whether only one person reads what stands there."""
    return thread.channel_id.startswith("D")


def ending_words(run: Run, reader: Reader, *, private: bool) -> tuple[str, list[Block]]:
    """Say why a run ended without a result and what to do, with a link button where there is a way out.

    ``private`` is whether only one person reads it.
    """
    if run.status == OurStatus.CANCELLED:
        who = f" by {person(run.stop_requested_by)}" if run.stop_requested_by else ""
        if run.origami_run_id is None:
            return f"{bold(f'Stopped{who} before it started.')} Nothing was spent.", []
        return f"{bold(f'Stopped{who}.')} What was built is kept in Origami.", []
    refusal = refusals.words(run.reason if private else refusals.for_all_eyes(run.reason), reader)
    what = "Not started." if run.status == OurStatus.REJECTED else "Lost sight of this run."
    link = actions([link_button(refusal.link_label or "Open Origami", refusal.link)]) if refusal.link else []
    return f"{bold(what)} {refusal.what} {refusal.next_step}", link
