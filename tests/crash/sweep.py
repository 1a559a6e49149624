"""A kill at every point of a life: ``python -m tests.crash.sweep`` prints what Slack and Origami counted.

With one worker each single point is a kill, with several the first point of each kind, unless ``--every-
point``: which worker comes to a point makes no difference to it, and each life costs as many starts as it
has processes. Kills share lives, far apart, unless ``--kills 1``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.databases import Databases, databases
from tests.crash.fleet import KILLED
from tests.crash.lives import LIVES
from tests.crash.points import name_of
from tests.crash.report import table
from tests.crash.stage import WAYS, Stage, Way, staged
from tests.crash.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PROCESSES_AT_ONCE = 10


@dataclass(slots=True)
class Swept:
    """What came of one life under kills: at which points it died, and which promises broke."""

    tally: Tally = field(default_factory=Tally)
    lives: int = 0
    killed_at: list[str] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)
    """What went wrong otherwise, by the points of the kills."""

    def add(self, other: Swept) -> None:
        """Count another one's in."""
        self.tally += other.tally
        self.lives += other.lives
        self.killed_at += other.killed_at
        self.failures |= other.failures


@dataclass(frozen=True, slots=True)
class Sweep:
    """Lives on one way, each in a folder of its own, as many at once as their processes allow."""

    way: Way
    databases: Databases
    folder: Path

    async def points(self, life: str) -> list[str]:
        """The points of a life without a kill, in order."""
        reached: list[str] = []
        swept = await self.live(life, (), reached)
        if swept.failures or swept.tally.broken:
            raise AssertionError(f"it fails without a kill: {swept}")
        return reached

    async def live(self, life: str, kill_at: Sequence[str], reached: list[str] | None = None) -> Swept:
        """One life with kills at these points, counted when it has settled."""
        swept = Swept(lives=1)
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        url = await self.databases.fresh(self.way.database, folder)
        try:
            async with staged(self.way, url, folder, kill_at=frozenset(kill_at)) as stage:
                await LIVES[life](stage)
                await stage.settled()
                swept.tally = Tally.of(stage)
                swept.killed_at = [point for point in stage.points.reached() if point in kill_at]
                if wrong := _wrong(stage, swept.tally):
                    swept.failures[" ".join(kill_at)] = wrong
                if reached is not None:
                    # It settles with a commit, a moment before that commit's last point.
                    await stage.until(lambda: not stage.points.begun(), "the last points")
                    reached += stage.points.reached()
        except Exception:  # noqa: BLE001  (one life's end must not end the sweep)
            swept.failures[" ".join(kill_at)] = traceback.format_exc()
        return swept

    async def all(self, life: str, plans: Iterable[Sequence[str]]) -> Swept:
        """A life for each plan of kills."""
        swept = Swept()
        turns = asyncio.Semaphore(max(1, PROCESSES_AT_ONCE // len(self.way.roles)))

        async def one(kill_at: Sequence[str]) -> None:
            async with turns:
                swept.add(await self.live(life, kill_at))

        await asyncio.gather(*(one(plan) for plan in plans))
        return swept


def _wrong(stage: Stage, tally: Tally) -> str:
    """Broken promises, and ends that were no kills, in words; empty if all is well."""
    ends = [end for end in stage.fleet.deaths if end[1] != KILLED]
    if not (ends or tally.broken):
        return ""
    return "\n".join([f"{tally.broken}, ended by themselves: {ends}", *tally.stories, stage.logs()])


def one_of_each_name(points: Iterable[str]) -> list[str]:
    """The first point of each name."""
    return list({name_of(point): point for point in reversed(list(points))}.values())[::-1]


def dealt(points: Sequence[str], kills_a_life: int) -> list[Sequence[str]]:
    """Plans with so many kills each, as far apart in the life as can be."""
    lives = -(-len(points) // kills_a_life)
    return [points[first::lives] for first in range(lives)]


async def sweep(
    ways: Iterable[Way],
    made: Databases,
    folder: Path,
    *,
    kills_a_life: int = 8,
    every_point: bool = False,
) -> dict[tuple[str, str], Swept]:
    """Every life on every way."""
    found: dict[tuple[str, str], Swept] = {}
    for way in ways:
        for life in LIVES:
            here = Sweep(way, made, folder)
            points = await here.points(life)
            if way.workers > 1 and not every_point:
                points = one_of_each_name(points)
            found[way.name, life] = await here.all(life, dealt(points, kills_a_life))
    return found


def report(found: dict[tuple[str, str], Swept]) -> str:
    """The numbers as a table, and what went wrong below it."""
    rows = [
        {
            "way": way,
            "life": life,
            "lives": swept.lives,
            "kills": len(swept.killed_at),
            "kinds of points": len({name_of(point) for point in swept.killed_at}),
            **swept.tally.as_row(),
            "failed": len(swept.failures),
        }
        for (way, life), swept in found.items()
    ]
    failures = [
        f"== {way}, {life}, killed at {point}\n{words}"
        for (way, life), swept in found.items()
        for point, words in swept.failures.items()
    ]
    return "\n".join([table(rows), *failures])


def main() -> int:
    """Sweep, print, and say whether every number is 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--way", default="", help="only ways whose name holds this")
    parser.add_argument("--kills", type=int, default=8, help="kills in one life")
    parser.add_argument("--every-point", action="store_true", help="also with several workers")
    options = parser.parse_args()
    ways = [way for way in WAYS if options.way in way.name]
    with databases() as made, tempfile.TemporaryDirectory(prefix="origami-sweep-") as folder:
        found = asyncio.run(
            sweep(ways, made, Path(folder), kills_a_life=options.kills, every_point=options.every_point)
        )
    sys.stdout.write(f"{report(found)}\n")
    return int(any(swept.failures for swept in found.values()))


if __name__ == "__main__":
    sys.exit(main())
