"""Once more a message that Slack would not take, when what was in its way is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage import audit, deliveries
from storage.records import DeliveryKind, DeliveryState, Workspace

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Delivery, Run


@dataclass(frozen=True, slots=True)
class Redelivery:
    """What is owed again, and what is not, each with why."""

    again: tuple[Delivery, ...] = ()
    left: tuple[tuple[Delivery, str], ...] = ()


async def redeliver(session: AsyncSession, run: Run, *, actor_id: str) -> Redelivery:
    """Owe every dropped message of a run again, as far as that can come to anything, and note who did it.

    The caller holds the run's lock.
    """
    workspace = await session.get_one(Workspace, run.workspace_id)
    again: list[Delivery] = []
    left: list[tuple[Delivery, str]] = []
    for delivery in await deliveries.of_run(session, run.id):
        if delivery.state != DeliveryState.DROPPED:
            continue
        why = _hopeless(delivery, workspace)
        if why is not None:
            left.append((delivery, why))
            continue
        await deliveries.owe_again(session, delivery)
        again.append(delivery)
    if again:
        ids = [delivery.id for delivery in again]
        await audit.record(
            session, run.workspace_id, actor_id, "retry_delivery", run_id=run.id, deliveries=ids
        )
    return Redelivery(tuple(again), tuple(left))


def _hopeless(delivery: Delivery, workspace: Workspace) -> str | None:
    if workspace.left_at is not None:
        return "the app is not installed in this workspace any more"
    if delivery.kind == DeliveryKind.OPENING and delivery.ts is None:
        return "its run ended without being started, because of it: whoever asked can ask again"
    if delivery.dropped_reason == "nothing_to_say":
        return "there was nothing left to say"
    return None
