"""What came of a run in one line, and what to do next: from actions, tables and status, never from prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.escape import clip, mrkdwn, one_line
from bot.views.last_seen import leads
from bot.views.times import Reader, counted, number
from bot.views.words import bold, duration, name, person

if TYPE_CHECKING:
    from datetime import datetime

    from bot.origami import Outcome
    from bot.origami import Run as Result
    from storage.records import Run

_ENDED_EARLY = frozenset({"incomplete", "step_cap_hit", "timed_out"})
_CLEAN = frozenset({"completed", "needs_input"})


def status_of(run: Run, result: Result) -> str:
    """Tell how a run ended: as we recorded it, else as Origami says."""
    return run.status or result.status


def headline(run: Run, result: Result, outcome: Outcome, reader: Reader, *, to: str | None = None) -> str:
    """Say in escaped mrkdwn, bold, what came of a run.

    ``to`` is whom a question is for; None where it is said to them and the questions follow in full.
    """
    status = status_of(run, result)
    so_far = _so_far(outcome, reader)
    if status in _CLEAN:
        line = bold(_gained(outcome, reader, asked_too=outcome.asked))
    elif status in _ENDED_EARLY:
        line = bold(f"Stopped early: {so_far}")
    elif status == "cancelled":
        who = f"Stopped by {person(run.stop_requested_by)}" if run.stop_requested_by else "Stopped in Origami"
        kept = f"what was built is kept: {so_far}" if _has_leads(outcome) else "there was nothing built yet"
        line = f"{bold(who)}; {kept}"
    elif status == "errored":
        line = bold("Origami could not finish this") + (f": {so_far}" if _has_leads(outcome) else "")
    elif status == "running":
        line = bold("Still running in Origami") + f": {so_far}"
    else:
        line = bold(f"Ended with the status “{name(status, otherwise='unknown')}”") + f": {so_far}"
    if outcome.asked:
        line = " · ".join(filter(None, [line, _asked(outcome, reader, to)]))
    if run.stop_requested_at and status != "cancelled":
        line += "\nIt ended before the stop could take effect."
    return line


def next_step(run: Run, result: Result, outcome: Outcome, reader: Reader) -> str:
    """Say what an ending means and what to do; empty where the headline says it all."""
    status = status_of(run, result)
    if outcome.asked:
        ending = "" if status in _CLEAN else _ending(status, result, reader)
        return f"{ending} Pick an answer, or say it in your own words; Origami goes on from there.".strip()
    if outcome.changed_nothing:
        return (
            "No table was made and no leads were added, whatever the answer below says. "
            "To get leads, ask again and say who, where and how many."
        )
    return _ending(status, result, reader)


def _ending(status: str, result: Result, reader: Reader) -> str:
    if status == "step_cap_hit":
        steps = f"all {number(result.steps.max, reader)} steps" if result.steps.max else "all the steps"
        return f"Origami used {steps} that your plan allows for one run. *Continue* goes on from here."
    return _NEXT_STEPS.get(status, _UNKNOWN)


_NEXT_STEPS = {
    "completed": "",
    "needs_input": "Origami waits for an answer but did not say to what. Ask again with more detail.",
    "incomplete": "Origami lost its way before the end; what it built is kept. *Continue* goes on from here.",
    "timed_out": "Origami reached its time limit; what it built is kept. *Continue* goes on from here.",
    "cancelled": "Ask again whenever you are ready.",
    "errored": "It gave no reason. *Try again* sends the same request once more.",
    "running": "It is still going on in Origami.",
}
_UNKNOWN = "This ending is new to the app. What Origami reported is below; its tables show where it stands."


def took(run: Run, result: Result | None) -> str:
    """Say how long a run took; empty where that is not known."""
    start = (result.started_at if result else None) or run.started_at
    end = (result.completed_at if result else None) or run.finished_at
    return duration(seconds_between(start, end)) if start and end else ""


def seconds_between(start: datetime, end: datetime) -> float:
    """Measure from one time to another, never less than 0 seconds: two clocks may disagree."""
    return max((end - start).total_seconds(), 0.0)


def _gained(outcome: Outcome, reader: Reader, *, asked_too: bool) -> str:
    table = outcome.main_table
    if not outcome.changed:
        return "" if asked_too else "Nothing changed"
    if table is None:
        return "Changes made in Origami"
    added = outcome.leads_added.get(table.id, 0)
    all_match = outcome.matching is not None and outcome.matching >= table.lead_count
    if 0 < added < table.lead_count and all_match:
        whole = f"{number(table.lead_count, reader)} in all"
        told = f"{counted(added, 'lead', reader)} added to {name(table.name)}, {whole}"
    elif added and outcome.matching is None:
        told = f"{counted(added, 'lead', reader)} added to {name(table.name)}"
    elif table.lead_count:
        told = f"{_capital(leads(outcome, reader))} in {name(table.name)}"
    else:
        told = f"{name(table.name)} changed, no leads in it yet"
    others = len(outcome.other_tables)
    return f"{told}, and {counted(others, 'other table', reader)}" if others else told


def _so_far(outcome: Outcome, reader: Reader) -> str:
    table = outcome.main_table
    if table is None or not table.lead_count:
        return "no leads yet"
    return f"{leads(outcome, reader)} so far in {name(table.name)}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _has_leads(outcome: Outcome) -> bool:
    return outcome.main_table is not None and outcome.main_table.lead_count > 0


def _asked(outcome: Outcome, reader: Reader, to: str | None) -> str:
    questions = outcome.questions
    if to is None:
        one = "One question for you"
        return bold(one if len(questions) == 1 else f"{number(len(questions), reader)} questions for you")
    if len(questions) > 1:
        return bold(f"{number(len(questions), reader)} questions for {to}")
    return f"{bold(f'Question for {to}:')} {mrkdwn(clip(one_line(questions[0].question), 200))}"
