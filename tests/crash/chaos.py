"""Everything at once: ``python -m tests.crash.chaos --seed N --workers 4 --runs 300 --workspaces 20``.

Processes are killed every few seconds, a tenth of all calls to Slack and Origami fails, and people type,
click and stop; then the storm passes, and Slack and Origami count. The seed replays what people do, who is
killed in which order and which calls fail; how the processes interleave is the machine's.

Beside it ``tests.crash.budget`` holds 100 open runs on the product's real allowance of requests. In the storm
itself the allowance is off: 80 requests a minute would stretch 300 runs over 20 minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bot.runs.context import Pace
from bot.sandbox.local_origami import LocalOrigamiSettings
from tests.crash import storm
from tests.crash.bot_process import Conditions
from tests.crash.budget import Spent, spend
from tests.crash.databases import Databases, databases
from tests.crash.fleet import KILLED
from tests.crash.report import table
from tests.crash.stage import Stage, Way, staged
from tests.crash.tally import Tally
from tests.crash.world import PEOPLE, crowded_world, invite_the_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    from tests.crash.stage import Brief

    Life = Callable[[Stage, Brief], Awaitable[None]]

PACE = Pace(
    tick=0.25,
    lease=10.0,
    first_poll=0.5,
    polls_a_minute=1_000_000,
    stop_poll=0.2,
    slot_retry=0.5,
    backoff_base=0.2,
    backoff_cap=2.0,
    slack_call=1.5,
    posts_apart=0.05,
    progress_apart=0.5,
)
STORMY = Conditions(pace=PACE, delivery_lease=10.0, origami_call=2.0)
"""Leases as in production longer than what is done under them, and here short enough to be waited for."""
ORIGAMI = LocalOrigamiSettings(
    retry_after_seconds=0.5,
    step_seconds=0.1,
    plan="ultra",
    credits=10**6,
    requests_per_minute=10**6,
    requests_per_minute_and_address=10**6,
    requests_remembered=10**6,
)
PATIENCE_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How big the storm is."""

    seed: int
    workers: int = 4
    runs: int = 300
    workspaces: int = 20
    kill_every: float = 3.0
    at_once: int = 30
    share: float = storm.SHARE


@dataclass(slots=True)
class Weathered:
    """What came of it."""

    tally: Tally = field(default_factory=Tally)
    seconds: float = 0.0
    runs: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    other_ends: Counter[str] = field(default_factory=Counter)
    slack_calls: int = 0
    slack_faults: int = 0
    origami_calls: int = 0
    origami_faults: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every promise was kept."""
        return not (self.tally.broken or self.failures)


async def plain(stage: Stage, brief: Brief) -> None:
    """A brief that is answered."""
    await stage.ending(brief)


async def clicked(stage: Stage, brief: Brief, label: str, *clickers: str) -> None:
    """An answer with a button that somebody clicks, or several people at once."""
    asked = await stage.ending(brief)
    brief.clicked = True
    people = clickers or (brief.who,)
    await asyncio.gather(*(stage.click(brief, asked, label, who=who) for who in people))
    await stage.ending(brief, 2)


async def stopped(stage: Stage, brief: Brief) -> None:
    """A run that is stopped."""
    assert brief.opening is not None
    await stage.shows(brief.opening, "Working")
    await stage.click(brief, brief.opening, "Stop")
    await stage.ending(brief)


LIVES: Mapping[str, tuple[int, Life]] = {
    "find 5 founders in Austin": (1, plain),
    "find 3 dentists in Leeds [one question]": (2, lambda s, b: clicked(s, b, "Private only")),
    "find 4 dentists in Leeds [one question]": (2, lambda s, b: clicked(s, b, "Private only", *PEOPLE)),
    "find 4 roofers in Ohio [confirm]": (2, lambda s, b: clicked(s, b, "Confirm")),
    "find 6 founders in Austin [incomplete]": (2, lambda s, b: clicked(s, b, "Continue", "rep", "colleague")),
    "find 7 founders in Austin [errored]": (2, lambda s, b: clicked(s, b, "Try again")),
    "find 8 founders in Austin [timed out]": (1, plain),
    "find 2 founders in Austin [forever]": (1, stopped),
}
"""Each with how many runs it makes."""


def planned(plan: Plan) -> Iterator[tuple[str, str, str]]:
    """Prompt, person and channel of each life, until there are enough runs."""
    channels = tuple(f"#chaos-{number}" for number in range(plan.workspaces))
    total = 0
    for choice in storm.choices(plan.seed, prompt=tuple(LIVES), who=PEOPLE, where=channels):
        yield choice["prompt"], choice["who"], choice["where"]
        total += LIVES[choice["prompt"]][0]
        if total >= plan.runs:
            return


async def lives(stage: Stage, plan: Plan) -> None:
    """People at work, so many at once."""
    turns = asyncio.Semaphore(plan.at_once)

    async def one(prompt: str, who: str, where: str) -> None:
        async with turns:
            await LIVES[prompt][1](stage, await stage.type(prompt, who=who, where=where))

    async with asyncio.TaskGroup() as group:
        for life in planned(plan):
            group.create_task(one(*life))


async def killing(stage: Stage, plan: Plan) -> None:
    """Kill one process after the other, for ever."""
    names = list(stage.fleet.orders)
    for kill in storm.kills(plan.seed, len(names), every=plan.kill_every):
        await asyncio.sleep(kill.after)
        stage.fleet.kill(names[kill.victim])


@contextlib.asynccontextmanager
async def weather(stage: Stage, plan: Plan) -> AsyncIterator[None]:
    """Faults and kills as long as the block lasts."""
    storm.break_slack(stage.slack, plan.seed, plan.share)
    storm.break_origami(stage.origami, plan.seed, plan.share)
    deadly = asyncio.create_task(killing(stage, plan))
    try:
        yield
    finally:
        deadly.cancel()
        stage.slack.faults.clear()
        stage.origami.faults.clear()


async def run(plan: Plan, made: Databases, folder: Path) -> Weathered:
    """A storm, the calm after it, and the count."""
    weathered = Weathered()
    started = time.monotonic()
    way = Way("PostgreSQL", "postgresql", plan.workers)
    url = await made.fresh("postgresql", folder)
    world = crowded_world(plan.workspaces)
    async with staged(
        way, url, folder, conditions=STORMY, origami=ORIGAMI, world=world, buries=False
    ) as stage:
        stage.patience = stage.fleet.patience = PATIENCE_SECONDS
        invite_the_app(stage.slack)
        try:
            async with weather(stage, plan):
                await lives(stage, plan)
            await stage.settled()
        except* AssertionError as failed:
            weathered.failures += [str(error) for error in _leaves(failed)]
        weathered.tally = Tally.of(stage)
        weathered.runs = stage.origami.count_admitted_runs()
        weathered.kills.update(name for name, code in stage.fleet.deaths if code == KILLED)
        weathered.other_ends.update(name for name, code in stage.fleet.deaths if code != KILLED)
        weathered.slack_calls = len(stage.slack.calls)
        weathered.slack_faults = sum(call.error.startswith("fault:") for call in stage.slack.calls)
        weathered.origami_calls = len(stage.origami.requests)
        weathered.origami_faults = sum(request.fault is not None for request in stage.origami.requests)
        if weathered.tally.broken:
            weathered.failures += [*weathered.tally.stories, stage.logs()]
    weathered.seconds = time.monotonic() - started
    return weathered


def _leaves(group: BaseExceptionGroup[AssertionError]) -> Iterator[AssertionError]:
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _leaves(error)
        else:
            yield error


def report(weathered: Weathered, spent: Spent) -> str:
    """The numbers as tables, and what went wrong below them."""
    row = {
        "runs": weathered.runs,
        "seconds": round(weathered.seconds),
        "kills": weathered.kills.total(),
        "other ends": weathered.other_ends.total(),
        "Slack calls": weathered.slack_calls,
        "of them failed": weathered.slack_faults,
        "Origami calls": weathered.origami_calls,
        "failed too": weathered.origami_faults,
    }
    numbers = [table([row]), table([weathered.tally.as_row()]), table([spent.as_row()])]
    return "\n\n".join([*numbers, *weathered.failures])


async def everything(plan: Plan, made: Databases, folder: Path) -> tuple[Weathered, Spent]:
    """The storm and the watch over the allowance, side by side."""
    places = [folder / "storm", folder / "budget"]
    for place in places:
        place.mkdir()
    return await asyncio.gather(
        run(plan, made, places[0]), spend(made, places[1], seed=plan.seed, workers=plan.workers)
    )


def main() -> int:
    """One storm from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--workspaces", type=int, default=20)
    options = parser.parse_args()
    plan = Plan(options.seed, options.workers, options.runs, options.workspaces)
    sys.stdout.write(f"== {plan}\n")
    with databases() as made, tempfile.TemporaryDirectory(prefix="origami-chaos-") as folder:
        weathered, spent = asyncio.run(everything(plan, made, Path(folder)))
    sys.stdout.write(f"{report(weathered, spent)}\n")
    return int(not (weathered.ok and spent.is_kept))


if __name__ == "__main__":
    sys.exit(main())
