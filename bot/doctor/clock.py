"""Whether this machine's clock is right, by those of Slack and Origami."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot.doctor.lines import Line, fail, ok, skip, warn

if TYPE_CHECKING:
    from collections.abc import Callable

REFUSED_SECONDS = 300
"""Slack's libraries refuse a request whose time is further away than that, and so does our own check."""
NOTED_SECONDS = 30


@dataclass(slots=True)
class Clocks:
    """Collects how far this machine is ahead of those that answer, in seconds, by their Date headers."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ahead: dict[str, float] = field(default_factory=dict)

    def note(self, whose: str, date: str | None) -> None:
        """Take a Date header just received; one that cannot be read says nothing."""
        try:
            theirs = parsedate_to_datetime(date or "")
        except ValueError:
            return
        if theirs.tzinfo is not None:
            self.ahead[whose] = (self.now() - theirs).total_seconds()

    def line(self) -> Line:
        """The largest difference."""
        if not self.ahead:
            return skip("clock", "Nobody answered who could tell the time.")
        whose, seconds = max(self.ahead.items(), key=lambda pair: abs(pair[1]))
        away = f"This machine is {abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {whose}."
        to_do = "Set the machine's clock by NTP (timedatectl set-ntp true)."
        if abs(seconds) >= REFUSED_SECONDS:
            return fail("clock", f"{away} Requests more than 5 minutes off are refused.", to_do)
        if abs(seconds) >= NOTED_SECONDS:
            return warn("clock", away, to_do)
        return ok("clock", f"Right to {max(1.0, abs(seconds)):.0f} s, by {' and '.join(sorted(self.ahead))}.")
