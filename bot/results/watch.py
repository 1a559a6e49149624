"""Reading a finished run's table: for its preview, and again until its cells are done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot import origami
from bot.origami import Priority, SavedView, bounded_table, ceiling
from storage import budgets, deliveries, runs, watches
from storage.records import DeliveryKind, WatchEnd
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.origami import OrigamiError, Table
    from bot.results.tools import Tools
    from storage.records import Watch
    from storage.watches import Claim

log = structlog.get_logger(__name__)

REQUESTS = 2
"""One reading: the table, and the first rows of its saved view."""
NO_BUDGET_SECONDS = 2.0


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


async def claim(tools: Tools, limit: int) -> list[Claim]:
    """Lease the tables that are to be read, as far as the request budget of each key goes."""
    owner = f"{tools.owner}/{tools.new_id()[:8]}"
    async with tools.db.write() as session:
        claims = await watches.claim(session, owner=owner, limit=limit, lease_seconds=tools.pace.lease)
        first = [one for one in claims if one.watch.table is None]
        again = [one for one in claims if one.watch.table is not None]
        granted = await _granted(tools, session, first, Priority.READ)
        return granted + await _granted(tools, session, again, Priority.WATCH)


async def _granted(
    tools: Tools, session: AsyncSession, claims: Sequence[Claim], priority: Priority
) -> list[Claim]:
    """The claims that the budgets of their keys admit; the rest is put off."""
    by_key: dict[str, list[Claim]] = {}
    for one in claims:
        by_key.setdefault(tools.origami.budget_name(one.workspace), []).append(one)
    wants = {name: REQUESTS * len(mine) for name, mine in by_key.items()}
    budget = await budgets.spend_each(session, wants, ceiling=ceiling(priority)) if wants else {}
    granted: list[Claim] = []
    for name, mine in by_key.items():
        count = budget[name] // REQUESTS
        granted += mine[:count]
        for late in mine[count:]:
            tools.metrics.budget_denied.labels(priority.name.lower()).inc()
            due_at = database_now(NO_BUDGET_SECONDS * (1 + tools.jitter()))
            await watches.write_back(session, late.watch, due_at=due_at)
    return granted


async def read(tools: Tools, claim: Claim) -> None:
    """Read one leased table and write down what it shows, and when it is to be read again."""
    watch = claim.watch
    try:
        try:
            seen = await _read(tools, claim)
        except origami.NotFound:
            await _write(tools, watch, None, ended=WatchEnd.GONE)
        except origami.OrigamiError as error:
            await _failed(tools, claim, error)
        else:
            await _write(tools, watch, seen, **_next(tools, watch, seen))
    except runs.LeaseLostError:
        log.info("watch.lease_lost", run=watch.run_id)


async def _read(tools: Tools, claim: Claim) -> Seen:
    client = tools.origami.client(claim.workspace)
    if client is None:
        raise origami.KeyRefused("no key")
    table = bounded_table(await client.table(claim.watch.table_id, stats=True))
    page = await client.rows(claim.watch.table_id, limit=origami.PREVIEW_ROWS)
    return Seen(table, SavedView.of(page, table))


def _next(tools: Tools, watch: Watch, seen: Seen) -> dict[str, Any]:
    if not seen.table.cells.running:
        return {"ended": WatchEnd.COMPLETE}
    pace, so_far = tools.pace, _so_far(tools, watch)
    wait = min(max(so_far, pace.watch_first), pace.watch_slowest)
    if so_far + wait > pace.watch_limit:
        return {"ended": WatchEnd.GAVE_UP}
    return {"due_in": wait + tools.jitter() * wait / 10}


async def _failed(tools: Tools, claim: Claim, error: OrigamiError) -> None:
    watch = claim.watch
    if not watch.attempts:
        log.warning(
            "watch.failed",
            team=claim.workspace.team_id,
            run=watch.run_id,
            error=type(error).__name__,
            http_status=error.status,
        )
    wait = tools.backoff(watch.attempts + 1)
    if error.retry_after is not None:
        wait = error.retry_after + tools.jitter()
    if _so_far(tools, watch) + wait > tools.pace.watch_limit:
        await _write(tools, watch, None, ended=WatchEnd.GAVE_UP)
    else:
        await _write(tools, watch, None, due_in=wait, attempts=watch.attempts + 1)


def _so_far(tools: Tools, watch: Watch) -> float:
    return (tools.clock() - watch.created_at).total_seconds()


async def _write(
    tools: Tools,
    watch: Watch,
    seen: Seen | None,
    *,
    due_in: float | None = None,
    ended: WatchEnd | None = None,
    attempts: int = 0,
) -> None:
    """Write back what was found, with the messages that it changes, in one transaction."""
    due_at = None if due_in is None else database_now(due_in)
    async with tools.db.write() as session:
        await runs.hold(session, watch.run_id)
        await watches.write_back(
            session, watch, due_at=due_at, ended=ended, attempts=attempts, **_kept(watch, seen)
        )
        await _revise_messages(tools, session, watch, seen, over=ended is not None)
        await watches.owe_previews(session, [watch.run_id], new_id=tools.new_id)
    if ended:
        log.info("watch.ended", run=watch.run_id, ended=ended.value)
    tools.wake("deliver")


async def _revise_messages(
    tools: Tools, session: AsyncSession, watch: Watch, seen: Seen | None, *, over: bool
) -> None:
    before, run_ids = Seen.by(watch), [watch.run_id]
    kinds = [DeliveryKind.PREVIEW] if over else []
    if not over and seen and (before is None or seen.shown != before.shown):
        await deliveries.revise(
            session, run_ids, DeliveryKind.PREVIEW, progress=True, seconds_apart=tools.pace.progress_apart
        )
    if (seen and (before is None or seen.numbers != before.numbers)) or (over and (seen or before)):
        kinds += [DeliveryKind.OPENING, DeliveryKind.ANSWER]
    if kinds:
        await deliveries.revise(session, run_ids, *kinds)


def _kept(watch: Watch, seen: Seen | None) -> dict[str, str]:
    if seen is None:
        return {}
    table = {"table": seen.table.to_json()}
    # Rows that were shown once may go again, and the message that shows them must follow.
    has_rows = seen.view.rows or seen.view.matching or watch.rows is not None
    return table | {"rows": seen.view.to_json()} if has_rows else table
