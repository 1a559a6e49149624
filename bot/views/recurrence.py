"""How a recurring brief comes round, in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.views.times import Reader, clock, moment
from bot.views.words import listing, name, person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.records import Run, Schedule

WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
LATE = timedelta(minutes=5)
"""An occurrence that begins this much later than it was due says so."""


def pattern(schedule: Schedule, reader: Reader) -> str:
    """Say when it recurs: "Every Mon and Wed at 9:00 AM (Europe/Berlin)"."""
    days, zone = _days(schedule.weekdays), name(schedule.time_zone)
    return f"Every {days} at {name(clock(schedule.time_of_day, reader))} ({zone})"


def _days(weekdays: Sequence[str]) -> str:
    chosen = [day[:3] for key, day in WEEKDAYS.items() if key in weekdays]
    return "day" if len(chosen) == len(WEEKDAYS) else listing(chosen)


def comes_round(run: Run, schedule: Schedule | None, reader: Reader) -> str:
    """Say which recurring brief a run is an occurrence of, whose, and when it was due if it is late."""
    recurs = pattern(schedule, reader) if schedule else "A recurring brief"
    told = [recurs, f"for {person(run.requester_id)}", _lateness(run, schedule, reader)]
    return " · ".join(filter(None, told))


def _lateness(run: Run, schedule: Schedule | None, reader: Reader) -> str:
    due, began = run.scheduled_for, run.created_at
    if due is None or began is None or began - due <= LATE:
        return ""
    there = replace(reader, time_zone=schedule.time_zone if schedule else reader.time_zone)
    same_day = due.astimezone(there.zone).date() == began.astimezone(there.zone).date()
    return f"was due {'at' if same_day else 'on'} {moment(due, now=began, reader=there)}"
