"""What finished runs leave to be watched: their main tables, whose cells may still be filling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import origami
from bot.origami import Outcome
from storage import deliveries, watches
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Run


def main_table(result: origami.Run | None) -> str | None:
    """The id of the table that a run changed; one that changed nothing has no result to show."""
    outcome = Outcome.of(result) if result else None
    if outcome is None or outcome.main_table is None or not outcome.changed:
        return None
    return outcome.main_table.id


async def watch_main_tables(session: AsyncSession, ended: Iterable[tuple[Run, origami.Run | None]]) -> None:
    """Have the tables that the runs changed read, at once; the later of two runs on one table keeps it."""
    rounds: list[dict[tuple[str, str], tuple[Run, origami.Run | None]]] = []
    for run, result in ended:
        table_id = main_table(result)
        if table_id is None:
            continue
        at = (run.workspace_id, table_id)
        free = next((one for one in rounds if at not in one), None)
        if free is None:
            rounds.append(free := {})
        free[at] = (run, result)
    for each in rounds:
        await _watch(session, each)


async def _watch(
    session: AsyncSession, changed: dict[tuple[str, str], tuple[Run, origami.Run | None]]
) -> None:
    new = [
        watches.New(run.id, workspace_id, table_id, await _credits_before(session, run, result, table_id))
        for (workspace_id, table_id), (run, result) in changed.items()
    ]
    earlier = await watches.pass_on(session, changed.keys())
    if earlier:
        await deliveries.revise(session, earlier, DeliveryKind.PREVIEW)
    await watches.keep(session, new)


async def _credits_before(
    session: AsyncSession, run: Run, result: origami.Run | None, table_id: str
) -> float | None:
    """The table's lifetime credits before the run; None where nobody looked."""
    actions = result.response.actions if result and result.response else ()
    if any(action.type == "table_created" and action.table_id == table_id for action in actions):
        return 0.0
    newest = await watches.newest_of_table(session, run.workspace_id, table_id)
    if newest is None:
        return None
    watch, earlier = newest
    if watch.table is not None:
        return origami.Table.from_json(watch.table).credits.lifetime_used
    known = origami.Run.from_json(earlier.result) if earlier.result else None
    tables = known.response.tables if known and known.response else ()
    return next((table.credits.lifetime_used for table in tables if table.id == table_id), None)
