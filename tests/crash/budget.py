"""Many open runs on the product's real allowance of requests, failed calls and kills included."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.runs.context import Pace
from bot.sandbox.local_origami import LocalOrigamiSettings
from tests.crash import storm
from tests.crash.bot_process import Conditions
from tests.crash.stage import Way, staged
from tests.crash.world import PEOPLE, crowded_world, invite_the_app

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tests.crash.databases import Databases
    from tests.crash.stage import Stage

MOST_REQUESTS = 80
"""A minute, of the 100 that Origami allows an organisation."""
MOST_UPDATES = 50
"""Slack: chat.update, Tier 3."""
CONDITIONS = Conditions(
    pace=Pace(tick=0.5, lease=10.0, slack_call=1.5), delivery_lease=10.0, origami_call=2.0, allowances=1
)
ORIGAMI = LocalOrigamiSettings(plan="enterprise", credits=10**6, requests_remembered=10**6)
CHANNELS = 20


@dataclass(frozen=True, slots=True)
class Spent:
    """The most in any 60 seconds."""

    requests: int
    refused: int
    """Of all requests, those that Origami refused as too many."""
    updates: int
    started: int

    def as_row(self) -> dict[str, int]:
        """The numbers, by what they count."""
        return {
            "open runs": self.started,
            f"requests in a minute (most {MOST_REQUESTS})": self.requests,
            "refused as too many": self.refused,
            f"updates in a minute (most {MOST_UPDATES})": self.updates,
        }

    @property
    def is_kept(self) -> bool:
        """Whether the allowances were kept."""
        return self.requests <= MOST_REQUESTS and self.updates <= MOST_UPDATES and not self.refused


def busiest(times: Iterable[float], seconds: float = 60.0) -> int:
    """How many there were at most in any stretch of so many seconds."""
    ordered, first, most = sorted(times), 0, 0
    for last, time in enumerate(ordered):
        while ordered[first] <= time - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most


async def spend(
    made: Databases, folder: Path, *, seed: int, workers: int = 4, runs: int = 100, seconds: float = 75.0
) -> Spent:
    """Open so many runs that never end, and watch for so many seconds."""
    url = await made.fresh("postgresql", folder)
    way = Way("PostgreSQL", "postgresql", workers)
    world = crowded_world(CHANNELS)
    async with staged(
        way, url, folder, conditions=CONDITIONS, origami=ORIGAMI, world=world, buries=False
    ) as stage:
        invite_the_app(stage.slack)
        storm.break_origami(stage.origami, seed)
        watching = asyncio.create_task(asyncio.sleep(seconds))
        typing = asyncio.create_task(_type(stage, runs))
        for kill in storm.kills(seed, workers, every=10.0):
            done, _ = await asyncio.wait({watching}, timeout=kill.after)
            if done:
                break
            stage.fleet.kill(f"worker-{kill.victim + 1}")
        typing.cancel()
        # Origami's own 429s among them, not those that the storm made.
        refused = [one for one in stage.origami.requests if one.status == 429 and one.fault is None]
        return Spent(
            requests=busiest(one.time for one in stage.origami.requests),
            refused=len(refused),
            updates=busiest(call.at for call in stage.slack.called("chat.update")),
            started=stage.origami.count_admitted_runs(),
        )


async def _type(stage: Stage, runs: int) -> None:
    for number in range(runs):
        person = stage.slack.person(PEOPLE[number % len(PEOPLE)])
        await person.command(f"#chaos-{number % CHANNELS}", f"/origami find founders [forever] {number}")
