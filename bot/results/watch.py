"""Reading a finished run's table: for its preview, and again until its cells are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot import origami
from bot.origami import Priority, SavedView, bounded_table, ceiling
from storage import budgets, deliveries, runs, watches
from storage.records import DeliveryKind, Thread, WatchEnd
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.origami import OrigamiError, Table
    from bot.results.tools import Connections
    from storage.database import Database
    from storage.records import Run, Watch
    from storage.watches import Claim

log = structlog.get_logger(__name__)

REQUESTS = 2
"""One reading: the table, and the first rows of its saved view."""
NO_BUDGET_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Cadence:
    """How often a table is read, in seconds: after ``first``, then ever more slowly, until ``limit``."""

    first: float = 20.0
    slowest: float = 60.0
    limit: float = 600.0
    updates_apart: float = 5.0
    """Slack advises at most one update of a message in 3 seconds."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading found."""

    table: Table
    view: SavedView

    @classmethod
    def by(cls, watch: Watch) -> Seen | None:
        """What the last reading found; None before the first."""
        if watch.table is None:
            return None
        return cls(origami.Table.from_json(watch.table), SavedView.kept(watch.rows))

    @property
    def numbers(self) -> tuple[object, ...]:
        """What the answer and the headline say of it."""
        running = self.table.cells.running > 0
        errored = None if running else self.table.cells.errored
        return self.table.name, self.table.url, self.table.lead_count, self.view.matching, running, errored

    @property
    def shown(self) -> tuple[object, ...]:
        """What the preview says of it."""
        return self.table.model_copy(update={"stats": None, "updated_at": None}), self.view


@dataclass(frozen=True, slots=True)
class Watcher:
    """The watch tick: claims tables that are due, reads each, and brings the run's messages up to date."""

    db: Database
    origami: Connections
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    jitter: Callable[[], float]
    backoff: Callable[[int], float]
    wake: Callable[[str], None]
    owner: str
    lease: float
    cadence: Cadence

    async def claim(self, limit: int) -> list[Claim]:
        """Lease the tables that are to be read, as far as the request budget of each key goes."""
        owner = f"{self.owner}/{self.new_id()[:8]}"
        async with self.db.write() as session:
            claims = await watches.claim(session, owner=owner, limit=limit, lease_seconds=self.lease)
            return [one for one in claims if await self._granted(session, one)]

    async def _granted(self, session: AsyncSession, claim: Claim) -> bool:
        priority = Priority.READ if claim.watch.table is None else Priority.WATCH
        name = self.origami.budget_name(claim.workspace)
        most = ceiling(priority)
        if await budgets.spend(session, name, want=REQUESTS, ceiling=most, all_or_none=True):
            return True
        due_at = database_now(NO_BUDGET_SECONDS * (1 + self.jitter()))
        await watches.write_back(session, claim.watch, due_at=due_at)
        return False

    async def watch(self, claim: Claim) -> None:
        """Read one leased table and write down what it shows, and when it is to be read again."""
        watch = claim.watch
        try:
            try:
                seen = await self._read(claim)
            except origami.NotFound:
                await self._write(watch, None, ended=WatchEnd.GONE)
            except origami.OrigamiError as error:
                await self._failed(claim, error)
            else:
                await self._write(watch, seen, **self._next(watch, seen))
        except runs.LeaseLostError:
            log.info("watch.lease_lost", run=watch.run_id)

    async def _read(self, claim: Claim) -> Seen:
        client = self.origami.client(claim.workspace)
        if client is None:
            raise origami.KeyRefused("no key")
        table = bounded_table(await client.table(claim.watch.table_id, stats=True))
        page = await client.rows(claim.watch.table_id, limit=origami.PREVIEW_ROWS)
        return Seen(table, SavedView.of(page, table))

    def _next(self, watch: Watch, seen: Seen) -> dict[str, Any]:
        if not seen.table.cells.running:
            return {"ended": WatchEnd.COMPLETE}
        cadence, so_far = self.cadence, self._so_far(watch)
        wait = min(max(so_far, cadence.first), cadence.slowest)
        if so_far + wait > cadence.limit:
            return {"ended": WatchEnd.GAVE_UP}
        return {"due_in": wait + self.jitter() * wait / 10}

    async def _failed(self, claim: Claim, error: OrigamiError) -> None:
        watch = claim.watch
        if not watch.attempts:
            log.warning(
                "watch.failed",
                team=claim.workspace.team_id,
                run=watch.run_id,
                error=type(error).__name__,
                http_status=error.status,
                request_id=error.request_id,
            )
        wait = self.backoff(watch.attempts + 1)
        if error.retry_after is not None:
            wait = error.retry_after + self.jitter()
        if self._so_far(watch) + wait > self.cadence.limit:
            await self._write(watch, None, ended=WatchEnd.GAVE_UP)
        else:
            await self._write(watch, None, due_in=wait, attempts=watch.attempts + 1)

    def _so_far(self, watch: Watch) -> float:
        return (self.clock() - watch.created_at).total_seconds()

    async def _write(
        self,
        watch: Watch,
        seen: Seen | None,
        *,
        due_in: float | None = None,
        ended: WatchEnd | None = None,
        attempts: int = 0,
    ) -> None:
        """Write back what was found, with the messages that it changes, in one transaction."""
        due_at = None if due_in is None else database_now(due_in)
        async with self.db.write() as session:
            run = await runs.lock(session, watch.run_id, watch.workspace_id)
            if run is None:
                return
            await watches.write_back(
                session, watch, due_at=due_at, ended=ended, attempts=attempts, **_kept(watch, seen)
            )
            await self._bring_up_to_date(session, run, watch, seen, ended)
        if ended:
            log.info("watch.ended", run=watch.run_id, ended=ended.value)
        self.wake("deliver")

    async def _bring_up_to_date(
        self, session: AsyncSession, run: Run, watch: Watch, seen: Seen | None, ended: WatchEnd | None
    ) -> None:
        before = Seen.by(watch)
        if ended or (seen and (before is None or seen.shown != before.shown)):
            await deliveries.revise(
                session,
                [run.id],
                DeliveryKind.PREVIEW,
                progress=ended is None,
                seconds_apart=self.cadence.updates_apart,
            )
        if (seen and (before is None or seen.numbers != before.numbers)) or (ended and (seen or before)):
            await deliveries.revise(session, [run.id], DeliveryKind.OPENING)
            await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
        thread = await session.get_one(Thread, run.thread_id)
        await watches.owe_preview(
            session,
            token=self.new_id(),
            workspace_id=run.workspace_id,
            run_id=run.id,
            channel_id=thread.channel_id,
        )


def _kept(watch: Watch, seen: Seen | None) -> dict[str, str]:
    if seen is None:
        return {}
    table = {"table": seen.table.to_json()}
    # Rows that were shown once may go again, and the message that shows them must follow.
    has_rows = seen.view.rows or seen.view.matching or watch.rows is not None
    return table | {"rows": seen.view.to_json()} if has_rows else table
