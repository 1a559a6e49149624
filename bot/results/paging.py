"""Reading a table to its end: each request out of the minute's budget, each failure waited out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import structlog

from bot import origami
from bot.origami import Priority, ceiling
from storage import budgets

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from bot.results.tools import Tools
    from storage.records import Workspace

log = structlog.get_logger(__name__)

T = TypeVar("T")

MOST_TRIES = 10
"""Calls in a row that fail before the read is given up: with the back-off a few minutes."""
MOST_PAGES = 20_000
"""Ours: four million rows, so that a cursor which never ends does."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Origami's tables in a workspace's name, read patiently: what passes is waited out."""

    tools: Tools
    client: origami.Origami
    workspace: Workspace
    _cursors: set[str] = field(default_factory=set)

    async def table(self, table_id: str) -> origami.Table:
        """The table as it is now. Raises an OrigamiError that waiting does not cure."""
        return await self._ask(lambda: self.client.table(table_id))

    async def pages(self, table_id: str) -> AsyncIterator[origami.RowPage]:
        """The saved view page by page; it ends after the last one, or where a cursor comes a second time.

        In the latter case ``next_cursor`` of the last page is set: Origami begins again from the top when it
        no longer knows a cursor. Raises an OrigamiError that waiting does not cure.
        """
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._ask(lambda at=cursor: self.client.rows(table_id, cursor=at))  # type: ignore[misc]
            yield page
            cursor = page.next_cursor
            if cursor is None or cursor in self._cursors:
                return
            self._cursors.add(cursor)

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T:
        for tries in range(1, MOST_TRIES + 1):
            await self._wait_for_budget()
            try:
                return await call()
            except (origami.Unavailable, origami.Throttled) as error:
                if tries == MOST_TRIES:
                    raise
                if tries == 1:
                    log.warning("table.read_failed", team=self.workspace.team_id, error=str(error))
                wait = self.tools.backoff(tries) if error.retry_after is None else error.retry_after
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def _wait_for_budget(self) -> None:
        name = self.tools.origami.budget_name(self.workspace)
        while True:
            async with self.tools.db.write() as session:
                if await budgets.spend(session, name, want=1, ceiling=ceiling(Priority.READ)):
                    return
            self.tools.metrics.budget_denied.labels("read").inc()
            await asyncio.sleep(self.tools.pace.tick)
