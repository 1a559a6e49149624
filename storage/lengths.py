"""How much is waiting: a few counts over indexed rows, for whoever watches the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.records import OPEN_STATES, Delivery, DeliveryState, Run, RunState
from storage.runs import SLOT
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Lengths:
    """Open runs by state, those in line for a slot, messages owed; `overdue` is the oldest one's, in s."""

    runs: Mapping[str, int]
    in_line: int
    owed: int
    overdue: float


async def lengths(session: AsyncSession) -> Lengths:
    """Count what is open and owed, over all workspaces."""
    in_line = func.count().filter(
        Run.waits_for == SLOT, Run.state.in_((RunState.QUEUED, RunState.SUBMITTING))
    )
    by_state = select(Run.state, func.count(), in_line).where(Run.state.in_(OPEN_STATES)).group_by(Run.state)
    rows = (await session.execute(by_state)).all()
    found = {state: count for state, count, _ in rows}
    waiting = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    owed = select(func.count(), func.min(Delivery.due_at), database_now()).where(waiting)
    count, oldest, now = (await session.execute(owed)).one()
    overdue = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    counts = {str(state): found.get(state, 0) for state in OPEN_STATES}
    return Lengths(counts, sum(row[2] for row in rows), count, overdue)
