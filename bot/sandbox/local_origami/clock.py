"""The time of the local Origami, which can run faster than the calendar."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class _Stretch:
    """A stretch of time during which the speed stayed the same."""

    wall: float
    work: float
    speed: float


class Clock:
    """The time of the local Origami: what the calendar says, and how far scripted work has come.

    `wall` is Unix seconds and stamps everything that a client sees. `work` is seconds of scripted work,
    which pass `speed` times as fast, so that a run of minutes can be watched in moments without dates in
    the future.
    """

    def __init__(self, *, speed: float = 1.0, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._advanced = 0.0
        self._stretches = [_Stretch(wall=now(), work=0.0, speed=_positive(speed))]

    @property
    def speed(self) -> float:
        """Seconds of scripted work in a second."""
        return self._stretches[-1].speed

    def wall(self) -> float:
        """The calendar's time, Unix seconds, with what `advance` skipped."""
        return self._now() + self._advanced

    def work(self) -> float:
        """Seconds of scripted work since the clock was made."""
        last = self._stretches[-1]
        return last.work + (self.wall() - last.wall) * last.speed

    def wall_at(self, work: float) -> float:
        """The calendar's time, Unix seconds, at which `work` seconds of scripted work were done."""
        stretch = next((s for s in reversed(self._stretches) if s.work <= work), self._stretches[0])
        return stretch.wall + (work - stretch.work) / stretch.speed

    def set_speed(self, speed: float) -> None:
        """Let scripted work pass at another speed from now on; raise ValueError unless it is above 0."""
        self._stretches.append(_Stretch(wall=self.wall(), work=self.work(), speed=_positive(speed)))

    def advance(self, seconds: float) -> None:
        """Skip `seconds` of the calendar at once; raise ValueError for a step backwards."""
        if seconds < 0:
            raise ValueError("time only goes forwards")
        self._advanced += seconds


def _positive(speed: float) -> float:
    if speed <= 0:
        raise ValueError("speed must be above 0")
    return speed


def timestamp(unix_seconds: float) -> str:
    """An ISO 8601 date-time in UTC with milliseconds, such as 2026-07-21T09:00:00.000Z."""
    moment = datetime.fromtimestamp(unix_seconds, tz=UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
