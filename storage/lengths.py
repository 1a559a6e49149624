"""How much is waiting: a few counts over indexed rows, for whoever watches the bot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage.records import OPEN_STATES, Delivery, DeliveryState, Run
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Lengths:
    """Open runs by state, messages owed, and for how many seconds the oldest of them is overdue."""

    runs: Mapping[str, int]
    owed: int
    overdue: float


async def lengths(session: AsyncSession) -> Lengths:
    """Count what is open and owed, over all workspaces."""
    counted = select(Run.state, func.count()).where(Run.state.in_(OPEN_STATES)).group_by(Run.state)
    found = dict((await session.execute(counted)).tuples().all())
    waiting = Delivery.state.in_((DeliveryState.PENDING, DeliveryState.SENDING))
    owed = select(func.count(), func.min(Delivery.due_at), database_now()).where(waiting)
    count, oldest, now = (await session.execute(owed)).one()
    overdue = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
    return Lengths({str(state): found.get(state, 0) for state in OPEN_STATES}, count, overdue)
