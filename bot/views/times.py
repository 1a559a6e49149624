"""Dates and numbers as their reader writes them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, format_time
from babel.numbers import format_decimal, format_percent

from bot.views.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: a tag such as ``en-US`` and an IANA time zone; what nobody knows reads as the default."""

    locale: str = "en-US"
    time_zone: str = "UTC"

    @property
    def zone(self) -> tzinfo:
        """Their time zone."""
        try:
            return ZoneInfo(self.time_zone)
        except (KeyError, ValueError, OSError):
            return UTC

    @property
    def language(self) -> Locale:
        """Their way of writing."""
        try:
            return Locale.parse(self.locale, sep="-")
        except (ValueError, TypeError, UnknownLocaleError):
            return Locale("en", "US")


ANYBODY = Reader()
"""A reader of whom nothing is known."""


def moment(at: datetime, *, now: datetime, reader: Reader) -> str:
    """Say when something was: "10:05" today, with the day before that, with the year where it is another."""
    local, today = at.astimezone(reader.zone), now.astimezone(reader.zone)
    clock = _told(lambda: format_time(local, "short", locale=reader.language), f"{local:%H:%M}")
    if local.date() == today.date():
        return clock
    skeleton = "MMMd" if local.year == today.year else "yMMMd"
    day = _told(lambda: format_skeleton(skeleton, local, locale=reader.language), f"{local:%Y-%m-%d}")
    return f"{day}, {clock}"


def clock(time_of_day: str, reader: Reader) -> str:
    """Write a time, ``HH:MM``, as its reader does: "9:00 AM"."""
    try:
        at = time.fromisoformat(time_of_day)
    except ValueError:
        return time_of_day
    return _told(lambda: format_time(at, "short", locale=reader.language), time_of_day)


def number(value: float, reader: Reader) -> str:
    """Write a number with at most two decimals: "1,240.5"."""
    return _told(lambda: format_decimal(round(value, 2), locale=reader.language), f"{value:,.2f}")


def percent(share: float, reader: Reader) -> str:
    """Write a share of 1 as a percentage with at most one decimal: "83%", "6.7%"."""
    whole = round(share, 3)
    return _told(
        lambda: format_percent(whole, locale=reader.language, decimal_quantization=False), f"{whole:.1%}"
    )


def counted(value: int, noun: str, reader: Reader) -> str:
    """Say how many there are: "1 run", "1,204 runs"."""
    return f"{number(value, reader)} {noun if value == 1 else f'{noun}s'}"


def month_start(now: datetime, reader: Reader) -> datetime:
    """When the reader's month began."""
    return now.astimezone(reader.zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _told(write: Callable[[], str], otherwise: str) -> str:
    """Write it the reader's way, or a plain way where the locale's data does not know how."""
    try:
        return one_line(write())
    except (LookupError, ValueError, ArithmeticError, AttributeError):
        return otherwise
