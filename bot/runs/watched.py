"""What a finished run leaves to be watched: its main table, whose cells may still be filling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import origami
from bot.origami import Outcome
from storage import deliveries, watches
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Run


async def watch_main_table(session: AsyncSession, run: Run, result: origami.Run) -> None:
    """Have the table that the run changed read, at once; a run that changed nothing has no result to show."""
    outcome = Outcome.of(result)
    table = outcome.main_table
    if table is None or not outcome.changed:
        return
    before = await _credits_before(session, run, result, table.id)
    earlier = await watches.pass_on(session, run.workspace_id, table.id)
    if earlier:
        await deliveries.revise(session, earlier, DeliveryKind.PREVIEW)
    await watches.keep(session, run, table.id, credits_before=before)


async def _credits_before(
    session: AsyncSession, run: Run, result: origami.Run, table_id: str
) -> float | None:
    """The table's lifetime credits before the run; None where nobody looked."""
    actions = result.response.actions if result.response else ()
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
