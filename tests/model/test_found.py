"""What the model has found, each as the shortest story that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage.records import OurStatus, RunState
from tests.model.faults import Fault
from tests.model.promises import Promises, Snapshot
from tests.model.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from types import SimpleNamespace as Row

    from tests.model.stage import Work
    from tests.model.world import Worker


@pytest.fixture
async def world(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[World]:
    made = World(sqlite_template, tmp_path / "model.sqlite3")
    yield made
    await made.close()


@pytest.fixture
def promises(world: World) -> Promises:
    return Promises(world)


@pytest.fixture
def worker(world: World) -> Worker:
    return world.hire()


async def do(world: World, worker: Worker, tick: str) -> None:
    """One tick, everything claimed worked to its end, and what was found written down."""
    for work in await world.tick(worker, tick):
        await world.finish(work)
    await world.settle(worker)


async def until(world: World, work: Work, place: str) -> None:
    while not work.over and place not in work.place:
        await world.step(work)


def run(world: World, number: int = 0) -> Row:
    return Snapshot.of(world).runs[number]


async def running_brief(world: World, worker: Worker, prompt: str = "Find leads") -> None:
    await world.brief("first", prompt=prompt)
    for tick in ("deliver", "submit"):
        await do(world, worker, tick)
    assert run(world).state == RunState.RUNNING


async def follow_up_in_unknown_state(world: World, worker: Worker, prompt: str) -> None:
    """A finished run whose follow-up was sent once, and nobody knows with what outcome."""
    await running_brief(world, worker)
    world.origami.end(world.origami.all_runs[0], "completed", {"todo": {"nextActions": [prompt]}})
    await world.pass_time(16)
    await do(world, worker, "poll")
    await do(world, worker, "deliver")
    await world.click("click", Snapshot.of(world).choices[0].id)
    for _ in range(3):
        await world.pass_time(2)
        await do(world, worker, "deliver")
    world.origami.faults.armed["start"] = Fault("no answer", done=False, times=1)
    await do(world, worker, "submit")
    assert run(world, 1).sent_at
    await world.pass_time(61)


@pytest.mark.parametrize("refusal", ["HTTP 401", "HTTP 402", "HTTP 404"])
async def test_a_start_of_unknown_outcome_is_not_called_rejected_when_the_look_up_is_refused(
    world: World, worker: Worker, promises: Promises, refusal: str
) -> None:
    await world.brief("first")
    await do(world, worker, "deliver")
    world.origami.faults.armed["start"] = Fault("no answer", done=True, times=1)
    await do(world, worker, "submit")
    world.origami.faults.armed["look"] = Fault(refusal, done=False, times=1)
    await world.pass_time(2)
    await do(world, worker, "submit")
    assert run(world).status != OurStatus.REJECTED
    await world.work_off()
    promises.came_true()


async def test_a_start_of_unknown_outcome_is_not_called_rejected_when_the_key_is_gone(
    world: World, worker: Worker, promises: Promises
) -> None:
    await world.brief("first")
    await do(world, worker, "deliver")
    world.origami.faults.armed["start"] = Fault("no answer", done=True, times=1)
    await do(world, worker, "submit")
    world.origami.connected = False
    await world.pass_time(2)
    await do(world, worker, "submit")
    world.origami.connected = True
    await world.work_off()
    promises.came_true()


async def test_a_look_up_that_meets_the_request_limit_keeps_the_idempotency_key(
    world: World, worker: Worker
) -> None:
    await world.brief("first")
    await do(world, worker, "deliver")
    world.origami.faults.armed["start"] = Fault("no answer", done=False, times=1)
    await do(world, worker, "submit")
    key = run(world).idempotency_key
    world.origami.faults.armed["look"] = Fault("HTTP 429", done=False, times=1)
    await world.pass_time(2)
    await do(world, worker, "submit")
    assert run(world).idempotency_key == key


async def test_a_colleagues_run_on_the_agent_is_never_taken_for_ours(
    world: World, worker: Worker, promises: Promises
) -> None:
    await follow_up_in_unknown_state(world, worker, "Find more")
    world.origami.colleague_starts(world.origami.agents_made[0], "Who are they?")
    await do(world, worker, "submit")
    promises.hold()
    await world.work_off()
    promises.came_true()


async def test_a_colleagues_run_whose_prompt_begins_ours_is_not_taken_for_ours(
    world: World, worker: Worker, promises: Promises
) -> None:
    await follow_up_in_unknown_state(world, worker, "Find more")
    world.origami.end(world.origami.colleague_starts(world.origami.agents_made[0], "Find"), "completed")
    await do(world, worker, "submit")
    promises.hold()


@pytest.mark.parametrize("refusal", ["message_not_found", "cant_update_message"])
async def test_an_opening_that_was_found_and_cannot_be_updated_still_lets_its_run_start(
    world: World, worker: Worker, promises: Promises, refusal: str
) -> None:
    await world.brief("first")
    world.slack.faults.armed["post"] = Fault("no answer", done=True, times=1)
    await do(world, worker, "deliver")
    world.slack.faults.armed["update"] = Fault(refusal, done=False, times=1)
    await world.pass_time(61)
    await do(world, worker, "deliver")
    await world.work_off()
    promises.came_true()


async def test_a_worker_that_hung_past_its_lease_posts_nothing(
    world: World, worker: Worker, promises: Promises
) -> None:
    await world.brief("first")
    (hung,) = await world.tick(worker, "deliver")
    await world.pass_time(61)
    await do(world, world.hire(), "deliver")
    await world.finish(hung)
    promises.hold()


@pytest.mark.parametrize("failed_before", [False, True])
async def test_a_stop_that_comes_while_a_slot_is_refused_needs_no_slot(
    world: World, worker: Worker, failed_before: bool
) -> None:
    world.origami.slots = 0
    if failed_before:
        world.origami.faults.armed["start"] = Fault("unreachable", done=False, times=2)
    for number in range(2):
        await world.brief(f"brief-{number}")
        await world.pass_time(2)
        await do(world, worker, "deliver")
    if failed_before:
        await do(world, worker, "submit")
        await world.pass_time(2)
    first, second = await world.tick(worker, "submit")
    await until(world, second, "on its way")
    await world.finish(first)
    await world.stop("stop", run(world, 1).id)
    await world.finish(second)
    await world.pass_time(61)
    await do(world, worker, "submit")
    assert run(world, 1).state == RunState.FINISHED


async def test_a_reply_does_not_overtake_the_brief_that_it_follows(world: World, worker: Worker) -> None:
    await world.brief("first", prompt="Find leads")
    await do(world, worker, "deliver")
    world.origami.faults.armed["start"] = Fault("unreachable", done=False, times=2)
    await do(world, worker, "submit")
    await world.reply("2.0", world.slack.messages[0].ts, "and their phone numbers")
    await world.pass_time(1.1)
    await do(world, worker, "deliver")
    await world.work_off()
    assert [one.prompt for one in world.origami.all_runs] == ["Find leads", "and their phone numbers"]


async def test_two_briefs_of_one_thread_have_one_agent(world: World, worker: Worker) -> None:
    await world.brief("first", prompt="Find leads")
    await do(world, worker, "deliver")
    await world.reply("2.0", world.slack.messages[0].ts, "and their phone numbers")
    await world.pass_time(1.1)
    await do(world, worker, "deliver")
    works = await world.tick(worker, "submit")
    for place in ("write", "answered"):
        for work in works:
            await until(world, work, place)
    for work in works:
        await world.finish(work)
    await world.work_off()
    assert len(world.origami.agents_made) == 1


async def test_a_reply_before_the_opening_is_on_record_joins_its_thread(
    world: World, worker: Worker, promises: Promises
) -> None:
    await world.brief("first", prompt="Find leads")
    world.slack.faults.armed["post"] = Fault("no answer", done=True, times=1)
    await do(world, worker, "deliver")
    await world.reply("2.0", world.slack.messages[0].ts, "and their phone numbers")
    await world.work_off()
    promises.came_true()


async def test_a_stale_task_of_the_same_worker_posts_nothing(
    world: World, worker: Worker, promises: Promises
) -> None:
    await world.brief("first")
    (stale,) = await world.tick(worker, "deliver")
    await world.pass_time(61)
    await do(world, worker, "deliver")
    await world.stop("stop", run(world).id)
    await world.pass_time(61)
    await world.tick(worker, "deliver")
    await world.finish(stale)
    promises.hold()
