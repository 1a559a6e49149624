"""Lists of runs: what waits for an answer, what runs, stands in line and is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.origami import MalformedAnswer, Outcome
from bot.origami import Run as Result
from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, context, section
from bot.views.escape import clip, https_link, is_https, mrkdwn, one_line
from bot.views.headline import headline, seconds_between
from bot.views.message import Message
from bot.views.opening import ending_words, in_line, steps
from bot.views.times import Reader, counted, moment, number
from bot.views.words import bold, duration, person
from storage.records import RunState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from storage.lists import Listed, Overview, Section
    from storage.records import Run

BRIEF_LIMIT = 120
"""Characters of a brief; 25 runs must fit into a message (Slack refuses it near 13,200 characters)."""
FACTS_LIMIT = 120

_GOES_ON = frozenset({"incomplete", "step_cap_hit", "timed_out"})
_TRY_AGAIN = frozenset({"errored", "lost"})
Told = tuple[str, str]
"""Where a run stands, and what its link is for."""
NOTHING = "Nothing yet. Type `/origami` and say who you are looking for, where and how many."


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of whose list is shown."""

    everyone: bool = False
    offset: int = 0

    @property
    def value(self) -> str:
        """How a button says it."""
        return f"{'everyone' if self.everyone else 'mine'}:{self.offset}"

    @classmethod
    def read(cls, value: str) -> Page:
        """What a button says; anything else is the first page of one's own."""
        whose, _, offset = value.partition(":")
        # Slack hands back what we sent: a number of a few digits.
        number = int(offset) if offset.isascii() and offset.isdecimal() and len(offset) < 7 else 0
        return cls(everyone=whose == "everyone", offset=number)


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, when, and where Slack's links of their workspace begin (``https://….slack.com/``)."""

    reader: Reader
    now: datetime
    team_url: str = ""


def runs_list(overview: Overview, page: Page, look: Look, *, may_switch: bool) -> Message:
    """List runs for one person; with ``may_switch`` they can turn to everyone's and back."""
    blocks = overview_blocks(overview, look, everyone=page.everyone)
    whose = "Everyone's runs" if page.everyone else "Your runs"
    other = Page(everyone=not page.everyone)
    name, label = ("everyone", "Show everyone's") if other.everyone else ("mine", "Show mine only")
    switch = [button(label, f"{ids.SHOW_RUNS}:{name}", other.value)] if may_switch else []
    return Message.of(
        [
            heading(whose),
            *(blocks or [section(NOTHING)]),
            *actions([*page_buttons(overview, page, ids.SHOW_RUNS), *switch]),
        ]
    )


def overview_blocks(overview: Overview, look: Look, *, everyone: bool = False) -> list[Block]:
    """Show each kind of run under its heading; nothing where there are none."""
    waiting = "Waiting for an answer" if everyone else "Waiting for your answer"
    done = "Done" if not overview.offset else f"Done, from number {number(overview.offset + 1, look.reader)}"
    return [
        *_kind(waiting, overview.waiting, _waiting, look, everyone=everyone),
        *_kind("Running", overview.running, _running, look, everyone=everyone),
        *_kind("In line", overview.queued, _queued, look, everyone=everyone),
        *_runs(done, overview.done, _done, look, everyone=everyone),
    ]


def page_buttons(overview: Overview, page: Page, action: str) -> list[Block]:
    """Turn the pages of what is done."""
    newer = replace(page, offset=max(overview.offset - overview.page, 0))
    older = replace(page, offset=overview.offset + overview.page)
    return [
        *([button("Newer", f"{action}:newer", newer.value)] if overview.offset else []),
        *([button("Older", f"{action}:older", older.value)] if overview.has_older else []),
    ]


def heading(text: str) -> Block:
    """Make a heading, by which screen readers jump."""
    return {"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}


def permalink(team_url: str, channel_id: str, ts: str | None, thread_ts: str | None) -> str | None:
    """Link a message, in its thread where it stands in one; None where that is not known."""
    if not ts or not is_https(team_url):
        return None
    url = (
        f"{team_url.rstrip('/')}/archives/{quote(channel_id, safe='')}/p{quote(ts.replace('.', ''), safe='')}"
    )
    if thread_ts and thread_ts != ts:
        url += f"?thread_ts={quote(thread_ts, safe='.')}&cid={quote(channel_id, safe='')}"
    return url


def _kind(
    title: str, part: Section, tell: Callable[[Listed, Look], Told], look: Look, *, everyone: bool
) -> list[Block]:
    more = [context(f"and {counted(part.more, 'other', look.reader)}")] if part.more else []
    return [*_runs(title, part.shown, tell, look, everyone=everyone), *more]


def _runs(
    title: str, shown: Sequence[Listed], tell: Callable[[Listed, Look], Told], look: Look, *, everyone: bool
) -> list[Block]:
    lines = [_line(one, *tell(one, look), look, everyone=everyone) for one in shown]
    return [heading(title), *lines] if lines else []


def _line(one: Listed, facts: str, label: str, look: Look, *, everyone: bool) -> Block:
    """Show a run: what was asked, where it stands, the way there, and Stop while it goes on."""
    who = person(one.run.requester_id) if everyone else ""
    thread_ts = one.thread.thread_ts
    url = permalink(look.team_url, one.thread.channel_id, one.answer_ts or thread_ts, thread_ts)
    told = " · ".join(filter(None, [who, clip(facts, FACTS_LIMIT), https_link(url, label) if url else ""]))
    made = section(f"{bold(clip(mrkdwn(one_line(one.run.prompt)), BRIEF_LIMIT))}\n{told}")
    if one.run.state == RunState.FINISHED or one.run.stop_requested_at:
        return made
    return made | {"accessory": button("Stop", ids.STOP, one.run.id)}


def _waiting(one: Listed, look: Look) -> Told:
    result = _result(one.run)
    questions = result.todo.pending_questions if result else ()
    asked = f"“{mrkdwn(one_line(questions[0].question))}”" if len(questions) == 1 else ""
    several = counted(len(questions), "question", look.reader) if len(questions) > 1 else "A question"
    return _since(one.run, asked or several, look), "Answer in the thread"


def _running(one: Listed, look: Look) -> Told:
    run = one.run
    if run.stop_requested_at:
        return "Stopping…", "Open the thread"
    if run.state != RunState.RUNNING:
        return "Starting", "Open the thread"
    if run.reason:
        return f"Waiting: {refusals.words(run.reason, look.reader).what}", "Open the thread"
    time = duration(seconds_between(run.started_at, look.now)) if run.started_at else ""
    return " · ".join(filter(None, ["Working", steps(run, look.reader), time])), "Open the thread"


def _queued(one: Listed, look: Look) -> Told:
    if one.run.stop_requested_at:
        return "Stopping…", "Open the thread"
    if one.place is None:
        return "Waiting for the run before it in its thread", "Open the thread"
    position, total = one.place
    where = "Next in line" if position <= 1 else in_line(position, total, look.reader).capitalize()
    return f"{where} for a slot at Origami", "Open the thread"


def _done(one: Listed, look: Look) -> Told:
    status = one.run.status or ""
    label = "Open the thread"
    if one.is_last and status in _GOES_ON:
        label = "Continue in the thread"
    elif one.is_last and status in _TRY_AGAIN:
        label = "Try again in the thread"
    return _since(one.run, _came_of(one.run, look.reader), look), label


def _came_of(run: Run, reader: Reader) -> str:
    """Say in a few words what came of a run."""
    if run.result is None:
        told = ending_words(run, reader, private=True)[0]
    elif (result := _result(run)) is None:
        told = "Ended"
    else:
        outcome = Outcome.of(result)
        if outcome.asked and not outcome.changed:
            return "Asked a question, and the thread went on"
        told = headline(run, result, replace(outcome, questions=()), reader)
    return told.split("\n", 1)[0].replace("*", "")


def _since(run: Run, told: str, look: Look) -> str:
    """Put when it ended behind what is told, which is cut before the time is."""
    at = moment(run.finished_at or look.now, now=look.now, reader=look.reader)
    return f"{clip(told, FACTS_LIMIT - len(at) - 3)} · {at}"


def _result(run: Run) -> Result | None:
    try:
        return Result.from_json(run.result) if run.result else None
    except MalformedAnswer:
        return None
