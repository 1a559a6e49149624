"""Reading a finished run's table: for its preview, and again until its cells are done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot import origami
from bot.origami import Priority, SavedView, bounded_table, ceiling
from bot.results.found import Found, Seen
from storage import budgets, watches
from storage.records import WatchEnd
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.origami import OrigamiError
    from bot.results.tools import Tools
    from storage.records import Watch
    from storage.watches import Claim

log = structlog.get_logger(__name__)

REQUESTS = 2
"""One reading: the table, and the first rows of its saved view."""
NO_BUDGET_SECONDS = 2.0


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


async def read(tools: Tools, claim: Claim) -> Found:
    """Read one leased table: what it shows is to be written down, and when it is to be read again."""
    watch = claim.watch
    try:
        seen = await _read(tools, claim)
    except origami.NotFound:
        return Found(watch, ended=WatchEnd.GONE)
    except origami.OrigamiError as error:
        return _failed(tools, claim, error)
    return Found(watch, seen, **_next(tools, watch, seen))


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


def _failed(tools: Tools, claim: Claim, error: OrigamiError) -> Found:
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
        return Found(watch, ended=WatchEnd.GAVE_UP)
    return Found(watch, due_in=wait, attempts=watch.attempts + 1)


def _so_far(tools: Tools, watch: Watch) -> float:
    return (tools.clock() - watch.created_at).total_seconds()
