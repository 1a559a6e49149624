"""What must be true at every moment, and what must have come true when the storm is over."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from types import SimpleNamespace as Row
from typing import TYPE_CHECKING

from storage.records import ChoiceState, DeliveryKind, DeliveryState, OurStatus, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.model.world import World


@dataclass(frozen=True)
class Snapshot:
    """All that the database says, row by row."""

    runs: Sequence[Row]
    deliveries: Sequence[Row]
    choices: Sequence[Row]

    @classmethod
    def of(cls, world: World) -> Snapshot:
        tables = ("runs ORDER BY created_at, id", "deliveries ORDER BY id", "choices ORDER BY run_id, id")
        return cls(
            *([Row(**row) for row in world.look.execute(f"SELECT * FROM {table}")] for table in tables)
        )


class Promises:
    """The promises, checked again and again: a run that has ended is remembered."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ended: dict[str, str | None] = {}

    def hold(self) -> None:
        """Raise AssertionError where a promise is broken now."""
        assert not self._world.errors, self._world.errors
        seen = Snapshot.of(self._world)
        self._the_end_is_final(seen)
        self._nothing_is_started_twice(seen)
        _clicks_have_one_winner(seen)
        self._a_thread_has_one_agent_and_keeps_its_order(seen)
        self._messages_stand_once_and_in_order(seen)

    def came_true(self) -> None:
        """The same, when every fault is over and everything due has been worked off."""
        self.hold()
        seen = Snapshot.of(self._world)
        for run in seen.runs:
            assert run.state == RunState.FINISHED, f"never ended: {_told(run)}"
            assert run.lease_owner is None, f"leased for ever: {_told(run)}"
            self._is_told_to_the_rep(run, [one for one in seen.deliveries if one.run_id == run.id])
        for one in seen.deliveries:
            assert one.state in (DeliveryState.SENT, DeliveryState.DROPPED), f"owed for ever: {_shown(one)}"
            assert one.lease_owner is None, f"leased for ever: {_shown(one)}"
        self._every_paid_run_is_known(seen)

    def stopped_have_ended(self) -> None:
        """A stop needs no slot: whoever waits for one and was stopped is over."""
        for run in Snapshot.of(self._world).runs:
            if run.stop_requested_at and not self.paid(run.id):
                assert run.state == RunState.FINISHED, f"stopped, and still waits: {_told(run)}"

    def _the_end_is_final(self, seen: Snapshot) -> None:
        for run in seen.runs:
            if run.id in self._ended:
                assert run.state == RunState.FINISHED, f"rose from the dead: {_told(run)}"
                assert run.status == self._ended[run.id], f"ended twice: {_told(run)}"
            elif run.state == RunState.FINISHED:
                self._ended[run.id] = run.status

    def _nothing_is_started_twice(self, seen: Snapshot) -> None:
        # A run whose agent was archived over it is begun anew with another agent.
        admitted = [one for one in self._world.origami.all_runs if one.ours and not one.agent.archived]
        assert len(admitted) <= len(seen.runs), f"{len(admitted)} runs at Origami for {len(seen.runs)}"
        for ours, count in Counter(one.ours for one in admitted).items():
            assert count == 1, f"{count} runs at Origami for {ours}"
        owners = {one.id: one.ours for one in self._world.origami.all_runs}
        for run in seen.runs:
            if run.origami_run_id:
                assert owners[run.origami_run_id] == run.id, f"took over another's run: {_told(run)}"

    def _a_thread_has_one_agent_and_keeps_its_order(self, seen: Snapshot) -> None:
        runs = {run.id: run for run in seen.runs}
        admitted = [
            one
            for one in self._world.origami.all_runs
            if one.ours and not one.agent.archived and not _never_found(runs[one.ours])
        ]
        by_thread = groupby(
            sorted(admitted, key=lambda one: runs[one.ours].thread_id),
            key=lambda one: runs[one.ours].thread_id,
        )
        for thread_id, found in by_thread:
            ours = list(found)
            agents = {one.agent.id for one in ours}
            assert len(agents) == 1, f"thread {thread_id[:8]} has {len(agents)} agents"
            asked = [runs[one.ours].created_at for one in ours]
            assert asked == sorted(asked), (
                f"overtaken in thread {thread_id[:8]}: {[one.prompt for one in ours]}"
            )

    def _messages_stand_once_and_in_order(self, seen: Snapshot) -> None:
        by_token = {one.token: one for one in seen.deliveries}
        told: list[tuple[str, str]] = []
        for message in self._world.slack.messages:
            one = by_token.get(message.token)
            if one is None or one.kind == DeliveryKind.NOTICE:
                continue
            which = (one.run_id, f"{one.kind} {one.sequence}")
            doubled = which in told and message.channel not in self._world.slack.unsearchable
            assert not doubled, f"stands twice: {_shown(one)}"
            told.append(which)
            if one.kind == DeliveryKind.ANSWER:
                assert (one.run_id, "opening 0") in told, f"answered before it was opened: {_shown(one)}"

    def _is_told_to_the_rep(self, run: Row, owed: Sequence[Row]) -> None:
        first = next((one for one in owed if one.kind == DeliveryKind.ANSWER and one.sequence == 0), None)
        notice = any(one.subject == "cannot_post" for one in owed)
        if first is None:
            assert run.status == OurStatus.REJECTED, f"ended in silence: {_told(run)}"
            assert notice, f"ended in silence: {_told(run)}"
            return
        posted = [one for one in self._world.slack.messages if one.token == first.token]
        if first.state == DeliveryState.DROPPED and first.ts is None:
            assert notice or posted, f"its answer was dropped in silence: {_told(run)}"
            return
        assert posted, f"its answer does not stand in Slack: {_told(run)}"
        assert all(f"<@{run.requester_id}>" in one.text for one in posted), f"mentions nobody: {posted}"

    def _every_paid_run_is_known(self, seen: Snapshot) -> None:
        known = Counter(run.origami_run_id for run in seen.runs if run.origami_run_id)
        lost = {run.id for run in seen.runs if _never_found(run)}
        for one in self._world.origami.all_runs:
            if one.ours and one.ours not in lost and not one.agent.archived and not one.forgotten:
                assert known[one.id] == 1, f"{one.id} of {one.ours} is known {known[one.id]} times"

    def paid(self, run_id: str) -> bool:
        return any(one.ours == run_id for one in self._world.origami.all_runs)


def _clicks_have_one_winner(seen: Snapshot) -> None:
    won = Counter((one.run_id, one.question_index) for one in seen.choices if one.state == ChoiceState.CHOSEN)
    assert not won or max(won.values()) == 1, f"two winners: {won}"
    follow_ups = Counter(run.follows_id for run in seen.runs if run.source in {"button", "answer"})
    assert not follow_ups or max(follow_ups.values()) == 1, f"two follow-ups: {follow_ups}"


def _never_found(run: Row) -> bool:
    """Whether Origami gave no answer about its start for an hour: it is lost, and its agent with it."""
    return run.status == OurStatus.LOST and run.origami_run_id is None


def _told(run: Row) -> str:
    parts = (
        run.id[:8],
        run.state,
        run.status,
        run.reason,
        f"waits for {run.waits_for}",
        f"sent {run.sent_at}",
    )
    return " · ".join(str(part) for part in parts)


def _shown(one: Row) -> str:
    parts = (
        one.id,
        one.kind,
        one.sequence,
        one.subject,
        one.state,
        one.dropped_reason,
        f"run {one.run_id[:8]}",
    )
    return " · ".join(str(part) for part in parts)
