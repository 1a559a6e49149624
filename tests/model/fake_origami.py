"""Origami in memory: it admits runs, honours idempotency keys, and has slots, busy agents and bad days."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from bot import origami
from tests.model.faults import NEVER_LEFT, UNANSWERED, UNREADABLE, Faults, origami_error
from tests.model.stage import Go

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.model.stage import Stage

T = TypeVar("T")

CALL_SECONDS = 20.0
"""Our client gives a call up after so long."""
NO_ANSWER = (*UNANSWERED, *NEVER_LEFT, *UNREADABLE)


@dataclass(eq=False, repr=False)
class OrigamiRun:
    """A run at Origami; ``ours`` is the id of our run, None for one that somebody began in the app."""

    id: str
    agent: OrigamiAgent
    prompt: str
    ours: str | None
    started_at: datetime
    status: str = "running"
    steps: int = 0
    result: dict[str, Any] = field(default_factory=dict)
    forgotten: bool = False

    def __repr__(self) -> str:
        return f"<{self.id} {self.status} {self.prompt[:20]!r}>"

    def read(self) -> origami.Run:
        return origami.Run.read({**self._known(), "request": {"prompt": self.prompt}, **self.result})

    def summary(self) -> origami.RunSummary:
        short = self.prompt if len(self.prompt) <= 200 else self.prompt[:200] + "…"
        return origami.RunSummary.read({**self._known(), "prompt": short})

    def _known(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "agentId": self.agent.id,
            "status": self.status,
            "prompt": self.prompt,
            "steps": {"completed": self.steps, "max": 50},
            "startedAt": self.started_at.isoformat(),
        }


@dataclass(eq=False, repr=False)
class OrigamiAgent:
    """An agent and its runs, oldest first."""

    id: str
    name: str
    runs: list[OrigamiRun] = field(default_factory=list)
    archived: bool = False

    def __repr__(self) -> str:
        return f"<{self.id}>"

    @property
    def at_work(self) -> OrigamiRun | None:
        return next((run for run in self.runs if run.status == "running"), None)


class FakeOrigami:
    """What ``bot.runs`` calls of ``bot.origami.Origami``."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.faults = Faults()
        self.slots = 3
        self.connected = True
        """Whether the workspace has a key."""
        self.agents_made: list[OrigamiAgent] = []
        self.all_runs: list[OrigamiRun] = []
        """In the order in which they were admitted."""
        self._kept: dict[str, tuple[tuple[str, bytes], Any]] = {}
        """Origami: an answer below 500 is stored with its key, and replayed for 24 hours."""

    @property
    def running(self) -> list[OrigamiRun]:
        return [run for run in self.all_runs if run.status == "running"]

    # What people do in the Origami app.

    def end(self, run: OrigamiRun, status: str, result: dict[str, Any] | None = None) -> None:
        run.status, run.result = status, result or {}

    def archive(self, agent: OrigamiAgent) -> None:
        agent.archived = True
        for run in agent.runs:
            if run.status == "running":
                run.status = "cancelled"

    def colleague_starts(self, agent: OrigamiAgent, prompt: str) -> OrigamiRun:
        assert agent.at_work is None
        return self._admit(agent, prompt, None)

    # What our client calls.

    async def create_agent(self, body: bytes, *, idempotency_key: str) -> origami.Admission:
        def work() -> OrigamiRun:
            asked = json.loads(body)
            self._need_slot()
            agent = OrigamiAgent(f"agent-{len(self.agents_made) + 1}", asked["name"])
            self.agents_made.append(agent)
            return self._admit(agent, asked["prompt"], _ours(idempotency_key))

        run = await self._start("/agents", body, idempotency_key, work)
        return origami.Admission(origami.Agent(id=run.agent.id, name=run.agent.name), run.read())

    async def send_run(self, agent_id: str, body: bytes, *, idempotency_key: str) -> origami.Run:
        def work() -> OrigamiRun:
            agent = self._agent(agent_id)
            busy = agent.at_work
            if busy:
                raise origami.AgentBusy(
                    "Busy", status=409, code="AGENT_BUSY", body={"currentRun": {"id": busy.id}}
                )
            self._need_slot()
            return self._admit(agent, json.loads(body)["prompt"], _ours(idempotency_key))

        return (await self._start(f"/agents/{agent_id}/runs", body, idempotency_key, work)).read()

    async def run(self, agent_id: str, run_id: str) -> origami.Polled:
        def work() -> origami.Polled:
            run = next((run for run in self._agent(agent_id).runs if run.id == run_id), None)
            if run is None or run.forgotten:
                raise origami.RunNotFound("No such run", status=404, code="RUN_NOT_FOUND")
            return origami.Polled(run.read(), 15.0 if run.status == "running" else None)

        return await self._call("poll", work)

    async def runs(self, agent_id: str) -> list[origami.RunSummary]:
        def work() -> list[origami.RunSummary]:
            return [run.summary() for run in reversed(self._agent(agent_id).runs) if not run.forgotten]

        return await self._call("look", work)

    async def agents(self, *, search: str) -> list[origami.Agent]:
        def work() -> list[origami.Agent]:
            found = [one for one in self.agents_made if search in one.name and not one.archived]
            return [origami.Agent(id=one.id, name=one.name) for one in found]

        return await self._call("look", work)

    async def cancel(self, agent_id: str) -> None:
        def work() -> None:
            busy = self._agent(agent_id).at_work
            if busy:
                self.end(busy, "cancelled")

        await self._call("cancel", work)

    # How it answers.

    async def _start(self, path: str, body: bytes, key: str, work: Callable[[], OrigamiRun]) -> OrigamiRun:
        def keyed() -> OrigamiRun:
            fingerprint = (path, body)
            if key not in self._kept:
                try:
                    self._kept[key] = fingerprint, work()
                except origami.OrigamiError as refusal:
                    self._kept[key] = fingerprint, refusal
            kept_for, answer = self._kept[key]
            if kept_for != fingerprint:
                raise origami.IdempotencyConflict("Another body", status=409, code="IDEMPOTENCY_ERROR")
            if isinstance(answer, origami.OrigamiError):
                raise answer
            assert isinstance(answer, OrigamiRun)
            return answer

        return await self._call("start", keyed, keep=(key, (path, body)))

    async def _call(
        self, kind: str, work: Callable[[], T], *, keep: tuple[str, tuple[str, bytes]] | None = None
    ) -> T:
        fault = self.faults.next(kind)
        went = await self._stage.stand(f"origami {kind}: on its way", CALL_SECONDS)
        if went is Go.LOST:
            raise origami.Unavailable("no answer")
        if fault and not fault.done:
            error = origami_error(fault.name)
            final = fault.name not in NO_ANSWER and not isinstance(error, origami.IdempotencyConflict)
            if final and keep and keep[0] not in self._kept:
                self._kept[keep[0]] = keep[1], error
            raise error
        try:
            answer = work()
        except origami.OrigamiError:
            if went is Go.LANDED or (fault and fault.done):
                raise origami.Unavailable("no answer") from None
            raise
        if went is Go.LANDED:
            raise origami.Unavailable("no answer")
        if await self._stage.stand(f"origami {kind}: answered", CALL_SECONDS) is not Go.ON:
            raise origami.Unavailable("no answer")
        if fault:
            if keep and fault.name == "HTTP 503":
                del self._kept[
                    keep[0]
                ]  # an answer of 500 and more is never stored: a repeat is carried out again
            raise origami_error(fault.name)
        return answer

    def _agent(self, agent_id: str) -> OrigamiAgent:
        found = next((agent for agent in self.agents_made if agent.id == agent_id), None)
        if found is None or found.archived:
            raise origami.AgentNotFound("No such agent", status=404, code="AGENT_NOT_FOUND")
        return found

    def _need_slot(self) -> None:
        if len(self.running) >= self.slots:
            raise origami.NoFreeSlot(
                "No slot",
                status=429,
                code="CONCURRENT_LIMIT_EXCEEDED",
                retry_after=60.0,
                body={"limit": self.slots},
            )

    def _admit(self, agent: OrigamiAgent, prompt: str, ours: str | None) -> OrigamiRun:
        run = OrigamiRun(f"v2_run-{len(self.all_runs) + 1}", agent, prompt, ours, self._stage.clock.now())
        agent.runs.append(run)
        self.all_runs.append(run)
        return run


def _ours(idempotency_key: str) -> str:
    """Our run's id, with which each of its keys begins."""
    return idempotency_key.rpartition("-")[0]
