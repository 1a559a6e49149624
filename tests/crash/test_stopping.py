"""SIGTERM: what is in hand is finished or released, and the next process goes on at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_origami import Fault
from tests.crash.stage import WAYS, Way, staged
from tests.crash.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from tests.crash.databases import Databases
    from tests.crash.stage import Stage

GRACE_SECONDS = 10.0
"""What platforms allow between SIGTERM and SIGKILL."""
AT_ONCE_SECONDS = 20.0
"""Well below the lease of 60 s that a dead process would leave behind, busy machine included."""


def posts(stage: Stage) -> list[str]:
    return [one.path for one in stage.origami.requests if one.method == "POST"]


@pytest.mark.parametrize("way", WAYS[:3], ids=lambda way: way.name)
async def test_a_stopped_process_ends_well_and_the_next_one_goes_on_at_once(
    way: Way, made: Databases, tmp_path: Path
) -> None:
    url = await made.fresh(way.database, tmp_path)
    async with staged(way, url, tmp_path, buries=False) as stage:
        stage.origami.faults.add(Fault(kind="delay", seconds=1.0), on="POST /agents")
        typing = asyncio.create_task(stage.type("find 3 founders in Austin"))
        await stage.until(lambda: posts(stage), "a start in hand")
        clock = asyncio.get_running_loop().time
        asked = clock()
        codes = await stage.fleet.stop(gently=True)
        assert clock() - asked < GRACE_SECONDS
        assert set(codes.values()) == {0}
        assert stage.books.held() == []
        await stage.fleet.start()
        stage.patience = AT_ONCE_SECONDS
        await stage.ending(await typing)
        await stage.settled()
        assert not Tally.of(stage).broken
        assert stage.origami.count_admitted_runs() == 1


async def test_a_call_that_outlasts_the_grace_is_cut_off_and_looked_for_by_the_next_process(
    made: Databases, tmp_path: Path
) -> None:
    way = WAYS[0]
    url = await made.fresh(way.database, tmp_path)
    async with staged(way, url, tmp_path, buries=False) as stage:
        stage.origami.faults.add(Fault(kind="hang", after_work=True), on="POST /agents")
        typing = asyncio.create_task(stage.type("find 3 founders in Austin"))
        await stage.until(lambda: stage.origami.runs, "a run whose answer never comes")
        clock = asyncio.get_running_loop().time
        asked = clock()
        assert set((await stage.fleet.stop(gently=True)).values()) == {0}
        assert clock() - asked < GRACE_SECONDS
        await stage.fleet.start()
        stage.patience = AT_ONCE_SECONDS
        await stage.ending(await typing)
        await stage.settled()
        assert not Tally.of(stage).broken
        assert stage.origami.count_admitted_runs() == 1
