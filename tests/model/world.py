"""The whole product but for its sockets: a real database, workers that can die, and the two vendors."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import uuid
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from bot.deliveries.audience import OURS, Audience
from bot.deliveries.sender import Sender
from bot.deliveries.tools import Tools
from bot.runs import opened, poll, submit
from bot.runs.accept import accept
from bot.runs.answer import choose, in_own_words
from bot.runs.context import Context, Pace
from bot.runs.guard import Who
from bot.runs.hear import Said, hear
from bot.runs.notify import Actor
from bot.runs.permission import Facts, Refused
from bot.runs.poll import Due
from bot.runs.start import Brief, Team
from bot.runs.stop import request_stop
from bot.views.times import Reader
from storage import deliveries, runs
from storage.records import Delivery
from tests.model.fake_origami import FakeOrigami
from tests.model.fake_slack import FakeSlack
from tests.model.stage import START, Clock, Go, Stage, StagedDatabase, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from bot.origami import Origami
    from storage.records import Workspace

TEAM = Team("T1")
NAMES = uuid.UUID(int=1)
BATCH = 5
MOST_ROUNDS = 400


@dataclass(eq=False, repr=False)
class Worker:
    """A worker process: its own lease owner, what it has in hand, and polls not yet written back."""

    context: Context
    sender: Sender
    works: list[Work] = field(default_factory=list)
    polled: list[poll.StillRunning] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.context.owner

    def __repr__(self) -> str:
        return f"<{self.name}>"


class World:
    """Everything that the model moves; each method is one event."""

    def __init__(self, template: Path, path: Path) -> None:
        shutil.copy(template, path)
        self.clock = Clock()
        self.stage = Stage(self.clock)
        self.db = StagedDatabase(f"sqlite+aiosqlite:///{path}", self.stage)
        self.look = sqlite3.connect(path, isolation_level=None)
        """A way to look at the database beside the product, and at a tenth of the price."""
        self.look.row_factory = sqlite3.Row
        self.origami = FakeOrigami(self.stage)
        self.slack = FakeSlack(self.stage)
        self.workers: list[Worker] = []
        self.errors: list[BaseException] = []
        """What a tick would log as an error of its item: there should be none."""
        self._ids = 0
        self._owners = 0
        self._web = self._context("web")

    async def close(self) -> None:
        for worker in list(self.workers):
            await self.crash(worker)
        self.look.close()
        await self.db.close()

    # Bot's processes.

    def hire(self) -> Worker:
        """A new worker process."""
        self._owners += 1
        context = self._context(f"worker-{self._owners}")
        worker = Worker(context, self._sender(context))
        self.workers.append(worker)
        return worker

    def _context(self, owner: str) -> Context:
        return Context(
            db=self.db,
            origami=_Connections(self.origami),
            files=_NoFiles(),
            clock=self.clock.now,
            new_id=self._new_id,
            jitter=lambda: 0.5,
            wake=lambda _tick: None,
            owner=owner,
            pace=Pace(),
        )

    def _sender(self, context: Context) -> Sender:
        async def readers(_client: Any, _team_id: str, _user_id: str) -> Reader:
            await self.stage.stand("who reads it")
            return Reader()

        tools = Tools(
            db=self.db,
            at_once=self.db,
            clients=_Clients(self.slack),
            http=cast("Any", self.slack),
            consequences=opened,
            readers=readers,
            audiences=_OursAlone(),
            clock=self.clock.now,
            new_id=self._new_id,
            backoff=context.backoff,
            posts_apart=context.pace.posts_apart,
            wake=context.wake,
            owner=context.owner,
            sessions=cast("Any", _NoSessions()),
        )
        return Sender(tools)

    def _new_id(self) -> str:
        self._ids += 1
        return str(uuid.uuid5(NAMES, str(self._ids)))

    async def tick(self, worker: Worker, name: str) -> list[Work]:
        """Claim what is due; each item becomes a task that stands at its first step."""
        claim, work = self._ticks(worker)[name]
        items = await claim(BATCH)
        begun = [await self.stage.begin(f"{worker.name} {name} {_id_of(item)}", work(item)) for item in items]
        worker.works += begun
        self._sweep()
        return begun

    def _ticks(self, worker: Worker) -> dict[str, tuple[Callable[[int], Any], Callable[[Any], Any]]]:
        context, sender = worker.context, worker.sender
        return {
            "submit": (partial(submit.claim, context), partial(submit.submit, context)),
            "poll": (partial(poll.claim, context), partial(poll.poll, context)),
            "deliver": (sender.claim, sender.send),
        }

    async def step(self, work: Work) -> None:
        """One task goes on to where it stands next."""
        await work.step()
        self._sweep()

    async def finish(self, work: Work) -> None:
        """One task goes on to its end."""
        await work.end()
        self._sweep()

    async def settle(self, worker: Worker) -> None:
        """Write back what the worker's polls found."""
        polled, worker.polled = worker.polled, []
        await poll.write_back(worker.context, polled)

    async def second(self, worker: Worker) -> bool:
        """Every tick once, each item worked to its end; False when there was nothing to do."""
        begun = [work for name in ("deliver", "submit", "poll") for work in await self.tick(worker, name)]
        for work in begun:
            await self.finish(work)
        await self.settle(worker)
        return bool(begun)

    async def crash(self, worker: Worker, go: Go = Go.LOST) -> None:
        """The process is killed: its outgoing calls arrive or not, nothing else follows."""
        self.workers.remove(worker)
        for work in worker.works:
            await work.die(go)
        self.stage.swept()

    async def leave(self, worker: Worker) -> None:
        """The process is stopped in order: what is in hand ends, leases go back."""
        for work in worker.works:
            await work.end()
        self._sweep()
        await self.settle(worker)
        self.workers.remove(worker)
        async with self.db.write() as session:
            await runs.release_all(session, worker.name)
            await deliveries.release_all(session, worker.name)

    async def pass_time(self, seconds: float, go: Go = Go.LOST) -> None:
        await self.stage.pass_time(seconds, go)
        self._sweep()

    def _sweep(self) -> None:
        for worker in self.workers:
            over = [work for work in worker.works if work.over]
            worker.works = [work for work in worker.works if not work.over]
            worker.polled += [work.outcome for work in over if work.outcome is not None]
            self.errors += [work.error for work in over if work.error is not None]
        self.stage.swept()

    # What people do in Slack.

    async def brief(
        self, key: str, *, channel: str = "C1", rep: str = "U1", prompt: str = "Find leads"
    ) -> str | None:
        """A rep's brief; returns the run's id, None when the request was known already."""
        asked = Brief(key, TEAM, channel, rep, prompt, "command", response_url=f"https://hooks/{key}")
        run = await accept(self._web, asked)
        return run.id if run else None

    async def click(self, key: str, choice_id: str, *, who: str = "U1", url: str | None = None) -> None:
        await choose(self._web, Actor(key, TEAM, who, url), choice_id)

    async def say(self, key: str, run_id: str, answers: Mapping[int, str], *, who: str = "U1") -> None:
        await in_own_words(self._web, Actor(key, TEAM, who), run_id, answers)

    async def reply(
        self, ts: str, thread_ts: str, text: str, *, channel: str = "C1", who: str = "U1"
    ) -> None:
        """A message to us in one of our threads; a redelivery of it has the same ``ts``."""
        with contextlib.suppress(Refused):  # a stop by whoever may not, and is told so
            await hear(self._web, Said(TEAM, channel, who, f"<@UBOT> {text}", ts, thread_ts, "UBOT"))

    async def stop(self, key: str, run_id: str, *, who: str = "U1") -> None:
        await request_stop(self._web, Actor(key, TEAM, who, who=Who(Facts(is_admin=True))), run_id)

    # The storm ends.

    async def work_off(self, seconds: float = float("inf")) -> None:
        """One new worker works, and waits for what is due, until there is nothing, or so long at the most.

        Origami ends each run as soon as it is asked about it.
        """
        worker, until = self.hire(), self.clock.seconds + seconds
        for _ in range(MOST_ROUNDS):
            name, due = self._due_first()
            if name is None or due > until:
                break
            for run in self.origami.running:
                self.origami.end(run, "completed")
            if due > self.clock.seconds:
                await self.pass_time(due - self.clock.seconds + 0.001)
            begun = await self.tick(worker, name)
            for work in begun:
                await self.finish(work)
            await self.settle(worker)
            if not begun:
                await self.pass_time(1.0)
        self.workers.remove(worker)

    def _due_first(self) -> tuple[str | None, float]:
        """Which tick has work first, and when by the model's clock."""
        columns = "max(due_at, coalesce(lease_until, 0))"
        rows = self.look.execute(
            f"SELECT CASE state WHEN 'running' THEN 'poll' ELSE 'submit' END, {columns} FROM runs"
            " WHERE state IN ('queued', 'submitting', 'running') UNION ALL"
            f" SELECT 'deliver', {columns} FROM deliveries WHERE state IN ('pending', 'sending')"
            " ORDER BY 2 LIMIT 1"
        ).fetchall()
        return (rows[0][0], rows[0][1] - START.timestamp()) if rows else (None, 0.0)


class _NoFiles:
    """Nobody attaches anything here."""

    async def fetch(self, _workspace: Workspace, file_id: str, *, limit: int) -> bytes:
        raise AssertionError(f"nobody attached {file_id} of up to {limit} bytes")


class _OursAlone:
    async def of(self, _workspace: Workspace, _channel_id: str) -> Audience:
        return OURS


@dataclass(frozen=True)
class _Clients:
    slack: FakeSlack

    async def __call__(self, _workspace: Workspace) -> Any:
        return self.slack

    async def ready(self, *_: object) -> None:
        pass


class _NoSessions:
    """Nobody watches the thread's status line here."""

    def show(self, *_: object) -> None:
        pass


@dataclass(frozen=True)
class _Connections:
    origami: FakeOrigami

    def client(self, workspace: Workspace) -> Origami | None:
        return cast("Origami", self.origami) if self.origami.connected else None

    def budget_name(self, workspace: Workspace) -> str:
        return "origami"


def _id_of(item: Any) -> str:
    if isinstance(item, Delivery):
        return f"{item.kind} {item.id}"
    return str(item.poll.id if isinstance(item, Due) else item.run.id)[:8]
