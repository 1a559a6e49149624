"""When a recurring brief is due: on chosen weekdays, at a time of day, in a time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.cron import CronTrigger

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
LONGEST_JUMP = timedelta(days=2)
"""No zone's clock has ever been set further: a whole day, across the date line."""


class RecurrenceError(ValueError):
    """This cannot recur: its words are for people, ``field`` is what of it is wrong (a parameter below)."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def next_after(weekdays: Collection[str], time_of_day: str, time_zone: str, after: datetime) -> datetime:
    """The first moment after ``after`` (aware) that is due, in UTC.

    Each chosen date has one: a time that the clocks skip that day is due as much later as they were
    put forward, and of a time that comes twice the first is meant. Raises RecurrenceError.
    """
    hour, minute = _time(time_of_day)
    zone = ZoneInfo(zone_named(time_zone))
    # CronTrigger in the zone itself fires again in the hour that is put back (APScheduler 3.11): here it
    # counts days on a wall clock that nobody touches, and each of its times is put into the zone once.
    wall = CronTrigger(
        day_of_week=",".join(_ordered(weekdays)), hour=hour, minute=minute, second=0, timezone=UTC
    )
    candidate = after.astimezone(zone).replace(tzinfo=UTC) - LONGEST_JUMP
    while True:
        candidate = wall.get_next_fire_time(None, candidate + timedelta(microseconds=1))
        due: datetime = candidate.replace(tzinfo=zone, fold=0).astimezone(UTC)
        if due > after:
            return due


def zone_named(text: str) -> str:
    """The IANA name that is meant by ``text``, however it is capitalised. Raises RecurrenceError."""
    known = _zones().get(_plain(text))
    if known is None:
        raise RecurrenceError("time_zone", "No time zone has this name. Choose one such as Europe/Berlin.")
    return known


def zones_like(typed: str) -> list[str]:
    """The IANA names that contain what was typed, in alphabetical order."""
    wanted = _plain(typed)
    return [name for plain, name in _zones().items() if wanted in plain]


@cache
def _zones() -> dict[str, str]:
    return {_plain(name): name for name in sorted(available_timezones())}


def _plain(name: str) -> str:
    return "_".join(name.casefold().split())


def _ordered(weekdays: Collection[str]) -> Sequence[str]:
    if not weekdays or not set(weekdays) <= set(WEEKDAYS):
        raise RecurrenceError("weekdays", "Choose at least one weekday.")
    return [day for day in WEEKDAYS if day in weekdays]


def _time(time_of_day: str) -> tuple[int, int]:
    found = _TIME.fullmatch(time_of_day)
    if found is None:
        raise RecurrenceError("time_of_day", "Choose a time, such as 09:00.")
    return int(found[1]), int(found[2])
