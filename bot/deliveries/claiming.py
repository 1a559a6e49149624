"""Claiming what is due: messages to post before all else, and updates as far as allowances go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.deliveries.reading import read
from bot.deliveries.tools import lease_of
from storage import budgets, deliveries, sending
from storage.records import DeliveryState
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.reading import Records
    from bot.deliveries.tools import Tools
    from storage.records import Delivery

LEASE_SECONDS = 60.0
"""Ours: longer than what sending takes, with a few calls to Slack that time out."""
UPDATES_A_MINUTE = 50
"""Slack: chat.update is Tier 3, 50 a minute in a workspace."""
PROGRESS_UPDATES_A_MINUTE = 40
"""Progress leaves room for what reps wait for."""

MANY_POSTS = 10
"""Messages in hand that are to be posted: while there are so many, the rest is to wait for them."""
UPDATES_AT_ONCE = 25
"""Half of what is sent at once: there is always room for what is to be posted."""
UPDATES_MEANWHILE = 5
"""While many messages are to be posted: what changes goes on, slowly."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """Leased deliveries, and what they tell of by their ids."""

    deliveries: list[Delivery]
    records: dict[int, Records]
    held_back: bool
    """Whether more updates may be due than were claimed."""


async def claim(tools: Tools, limit: int, *, posting: int, updating: int) -> Claimed:
    """Lease what is due, beside so many posts and updates that are in hand."""
    # Each claim is a lease of its own: a task of ours that was stalled past its lease must not take the
    # next one, which may be ours too, for its own.
    lease = f"{tools.owner}/{tools.new_id()[:8]}"
    async with tools.db.write() as session:
        posts = await deliveries.claim_posts(
            session,
            owner=lease,
            limit=limit,
            lease_seconds=LEASE_SECONDS,
            seconds_apart=tools.posts_apart,
        )
        most = UPDATES_MEANWHILE if posting + len(posts) >= MANY_POSTS else UPDATES_AT_ONCE
        room = min(most - updating, limit - len(posts))
        updates = (
            await deliveries.claim_updates(session, owner=lease, limit=room, lease_seconds=LEASE_SECONDS)
            if room > 0
            else []
        )
        claimed = posts + await _allowed(tools, session, updates)
        records = await read(session, claimed) if claimed else {}
        if records:
            told = {one.standing.workspace.id: one.standing.workspace for one in records.values()}
            await tools.clients.ready(session, told.values())
    return Claimed(claimed, records, held_back=len(updates) >= room)


async def _allowed(tools: Tools, session: AsyncSession, updates: list[Delivery]) -> list[Delivery]:
    """The updates that their workspaces' allowances admit, what reps wait for first; the rest waits."""
    allowed: list[Delivery] = []
    for ceiling, is_progress in ((UPDATES_A_MINUTE, False), (PROGRESS_UPDATES_A_MINUTE, True)):
        by_name: dict[str, list[Delivery]] = {}
        for update in updates:
            if bool(update.priority) is is_progress:
                by_name.setdefault(budgets.UPDATES + update.workspace_id, []).append(update)
        wants = {name: len(mine) for name, mine in by_name.items()}
        granted = await budgets.spend_each(session, wants, ceiling=ceiling) if wants else {}
        for name, mine in by_name.items():
            allowed += mine[: granted[name]]
            for late in mine[granted[name] :]:
                tools.metrics.updates_denied.inc()
                await sending.settle(
                    session,
                    late,
                    owner=lease_of(late),
                    state=DeliveryState.PENDING,
                    due_at=database_now(2),
                )
    return allowed
