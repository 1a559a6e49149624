"""The model of a run's life: every order of events that the rules allow, chosen by chance."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.model.chances import (
    ARRIVALS,
    CHANNELS,
    COLLEAGUES_PROMPTS,
    PROMPTS,
    REPLIES,
    REPS,
    STATUSES,
    WAITS,
    origami_faults,
    results,
    slack_faults,
)
from tests.model.promises import Promises, Snapshot
from tests.model.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from types import SimpleNamespace as Row

    from tests.model.stage import Work
    from tests.model.world import Worker

    Draw = Callable[[Any], Any]

EVENTS = {
    "a_smooth_second": 8,
    "time_passes": 6,
    "a_brief": 3,
    "a_tick": 6,
    "a_few_steps": 8,
    "a_task_ends": 4,
    "polls_are_written_back": 3,
    "origami_ends_a_run": 6,
    "a_smooth_while": 4,
    "a_click": 5,
    "own_words": 2,
    "a_reply": 4,
    "a_stop": 3,
    "a_redelivery": 2,
    "a_new_worker": 2,
    "a_crash": 2,
    "a_worker_leaves": 1,
    "the_vendors_fail": 4,
    "a_rough_while": 4,
    "slots_change": 2,
    "the_key_is_taken_away_or_given_back": 1,
    "a_colleague_uses_an_agent": 2,
    "origami_moves_on": 1,
    "origami_forgets_a_run": 1,
    "somebody_archives_an_agent": 1,
    "a_channel_is_closed_to_us": 1,
    "a_channel_is_archived_or_back": 1,
}
"""What can happen, the simplest first, and how often."""


class RunsLife(RuleBasedStateMachine):
    """Reps, colleagues, workers and vendors in any order.

    One rule draws every event: Hypothesis leaves out half of a machine's rules in each example, and a
    run does not live without briefs, ticks and time.
    """

    def __init__(self, template: Path, folder: Path) -> None:
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._path = folder / f"{id(self)}.sqlite3"
        self.world = World(template, self._path)
        self.promises = Promises(self.world)
        self.keys = (f"key-{number}" for number in itertools.count())
        self.heard: list[tuple[Any, ...]] = []
        """Requests of Slack's that may be delivered again."""

    def do(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(coroutine)

    @initialize()
    def begin(self) -> None:
        self.world.hire()
        self.hear("brief", next(self.keys), CHANNELS[0], REPS[0], PROMPTS[0])

    @rule(
        data=st.data(), name=st.sampled_from([name for name, often in EVENTS.items() for _ in range(often)])
    )
    def something_happens(self, data: st.DataObject, name: str) -> None:
        getattr(self, name)(data.draw)

    @invariant()
    def promises_hold(self) -> None:
        self.promises.hold()

    def teardown(self) -> None:
        try:
            self.do(self.end_the_storm())
        finally:
            self.do(self.world.close())
            self._loop.close()
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    async def end_the_storm(self) -> None:
        world = self.world
        world.origami.faults.armed.clear()
        world.slack.faults.armed.clear()
        world.origami.connected = True
        for worker in list(world.workers):
            await world.leave(worker)
        if any(run.stop_requested_at and not self.promises.paid(run.id) for run in self.runs()):
            world.origami.slots = -100
            await world.work_off(310.0)  # a refused key is tried again after 300 s
            self.promises.stopped_have_ended()
        world.origami.slots = 100
        await world.work_off()
        self.promises.came_true()

    # What people do in Slack.

    def a_brief(self, draw: Draw) -> None:
        channel, rep, prompt = (draw(st.sampled_from(some)) for some in (CHANNELS, REPS, PROMPTS))
        self.hear("brief", next(self.keys), channel, rep, prompt)

    def a_redelivery(self, draw: Draw) -> None:
        self.hear_again(draw(st.sampled_from(self.heard)))

    def a_click(self, draw: Draw) -> None:
        if choices := Snapshot.of(self.world).choices:
            choice, who = draw(st.sampled_from(choices)), draw(st.sampled_from((*REPS, "U3")))
            url = draw(st.sampled_from((None, "https://hooks/click")))
            self.hear("click", next(self.keys), choice.id, who, url)

    def own_words(self, draw: Draw) -> None:
        if ended := [run.id for run in self.runs() if run.result]:
            answers = draw(st.sampled_from(({0: "Neither"}, {0: "Neither", 1: "All of them"})))
            self.hear(
                "say", next(self.keys), draw(st.sampled_from(ended)), answers, draw(st.sampled_from(REPS))
            )

    def a_stop(self, draw: Draw) -> None:
        run = draw(st.sampled_from(self.runs()))
        self.hear("stop", next(self.keys), run.id, draw(st.sampled_from(REPS)))

    def a_reply(self, draw: Draw) -> None:
        openings = [
            one for one in self.world.slack.messages if one.thread_ts is None and one.channel in CHANNELS
        ]
        if openings:
            opening, text, who = (draw(st.sampled_from(some)) for some in (openings, REPLIES, REPS))
            self.hear("reply", f"9.{next(self.keys)}", opening.ts, text, opening.channel, who)

    def hear(self, what: str, *request: Any) -> None:
        self.heard.append((what, *request))
        self.hear_again(self.heard[-1])

    def hear_again(self, request: tuple[Any, ...]) -> None:
        self.do(self.world.pass_time(0.001))
        what, key, *rest = request
        match what:
            case "brief":
                channel, rep, prompt = rest
                self.do(self.world.brief(key, channel=channel, rep=rep, prompt=prompt))
            case "click":
                self.do(self.world.click(key, rest[0], who=rest[1], url=rest[2]))
            case "say":
                self.do(self.world.say(key, rest[0], rest[1], who=rest[2]))
            case "reply":
                self.do(self.world.reply(key, *rest[:2], channel=rest[2], who=rest[3]))
            case _:
                self.do(self.world.stop(key, rest[0], who=rest[1]))

    # What the workers do.

    def a_tick(self, draw: Draw) -> None:
        self.do(self.world.tick(self.a_worker(draw), draw(st.sampled_from(("submit", "poll", "deliver")))))

    def a_smooth_second(self, draw: Draw) -> None:
        self.do(self.world.second(self.a_worker(draw)))

    def a_smooth_while(self, draw: Draw) -> None:
        worker = self.a_worker(draw)
        for _ in range(draw(st.integers(2, 5))):
            self.do(self.world.second(worker))
            self.do(self.world.pass_time(1.5))

    def a_few_steps(self, draw: Draw) -> None:
        if self.works:
            work = draw(st.sampled_from(self.works))
            for _ in range(draw(st.integers(1, 3))):
                if not work.over:
                    self.do(self.world.step(work))

    def a_task_ends(self, draw: Draw) -> None:
        if self.works:
            self.do(self.world.finish(draw(st.sampled_from(self.works))))

    def polls_are_written_back(self, _draw: Draw) -> None:
        for worker in self.world.workers:
            self.do(self.world.settle(worker))

    def a_crash(self, draw: Draw) -> None:
        self.do(self.world.crash(self.a_worker(draw), draw(ARRIVALS)))
        if not self.world.workers:
            self.world.hire()

    def a_new_worker(self, _draw: Draw) -> None:
        if len(self.world.workers) < 3:
            self.world.hire()

    def a_worker_leaves(self, draw: Draw) -> None:
        if len(self.world.workers) > 1:
            self.do(self.world.leave(self.a_worker(draw)))

    def time_passes(self, draw: Draw) -> None:
        self.do(self.world.pass_time(draw(st.sampled_from(WAITS)), draw(ARRIVALS)))

    # What the vendors do.

    def origami_ends_a_run(self, draw: Draw) -> None:
        if running := self.world.origami.running:
            self.world.origami.end(
                draw(st.sampled_from(running)), draw(st.sampled_from(STATUSES)), draw(results)
            )

    def origami_moves_on(self, _draw: Draw) -> None:
        for run in self.world.origami.running:
            run.steps += 1

    def origami_forgets_a_run(self, draw: Draw) -> None:
        known = {one.origami_run_id for one in self.runs()}
        if running := [run for run in self.world.origami.running if run.id in known]:
            run = draw(st.sampled_from(running))
            run.forgotten = True
            self.world.origami.end(run, "errored")

    def a_colleague_uses_an_agent(self, draw: Draw) -> None:
        origami = self.world.origami
        free = [one for one in origami.agents_made if not one.at_work and not one.archived]
        if free and len(origami.running) < origami.slots:
            origami.colleague_starts(draw(st.sampled_from(free)), draw(st.sampled_from(COLLEAGUES_PROMPTS)))

    def somebody_archives_an_agent(self, draw: Draw) -> None:
        if agents := self.world.origami.agents_made:
            self.world.origami.archive(draw(st.sampled_from(agents)))

    def slots_change(self, draw: Draw) -> None:
        self.world.origami.slots = draw(st.integers(0, 3))

    def the_vendors_fail(self, draw: Draw) -> None:
        self.world.origami.faults.armed |= {
            kind: replace(fault) for kind, fault in draw(origami_faults).items()
        }
        self.world.slack.faults.armed |= {kind: replace(fault) for kind, fault in draw(slack_faults).items()}

    def the_key_is_taken_away_or_given_back(self, _draw: Draw) -> None:
        self.world.origami.connected = not self.world.origami.connected

    def a_rough_while(self, draw: Draw) -> None:
        self.the_vendors_fail(draw)
        worker = self.a_worker(draw)
        for seconds in draw(st.lists(st.sampled_from(WAITS[:5]), min_size=2, max_size=6)):
            self.do(self.world.second(worker))
            self.do(self.world.pass_time(seconds))

    def a_channel_is_closed_to_us(self, draw: Draw) -> None:
        self.world.slack.not_member.add(draw(st.sampled_from(CHANNELS)))

    def a_channel_is_archived_or_back(self, draw: Draw) -> None:
        self.world.slack.closed ^= {draw(st.sampled_from(CHANNELS))}

    # What there is.

    @property
    def works(self) -> list[Work]:
        return [work for worker in self.world.workers for work in worker.works]

    def a_worker(self, draw: Draw) -> Worker:
        worker: Worker = draw(st.sampled_from(self.world.workers))
        return worker

    def runs(self) -> list[Row]:
        return list(Snapshot.of(self.world).runs)
