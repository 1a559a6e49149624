"""Queries about deliveries that are being sent: their leases, and what came of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import (
    BigInteger,
    CursorResult,
    Float,
    Integer,
    Text,
    bindparam,
    case,
    func,
    select,
    update,
)

from storage.dialects import dialect, listed, packed, rows_in, table_of
from storage.records import Delivery, DeliveryState
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningUpdate

_RENEWAL = (
    update(Delivery)
    .where(
        Delivery.id == bindparam("delivery"),
        Delivery.lease_owner == bindparam("owner"),
        Delivery.lease_until > database_now(),
        Delivery.state == DeliveryState.SENDING,
    )
    .values(lease_until=database_now(bindparam("seconds", type_=Float)))
    .execution_options(synchronize_session=False)
)


async def renew(session: AsyncSession, delivery: Delivery, *, lease_seconds: float) -> None:
    """Begin the lease anew before what cannot be taken back. Raises LeaseLostError when it is over."""
    leased = {"delivery": delivery.id, "owner": delivery.lease_owner, "seconds": lease_seconds}
    result = cast("CursorResult[Any]", await session.execute(_RENEWAL, leased))
    if result.rowcount != 1:
        raise LeaseLostError(f"delivery {delivery.id}")


async def settle(session: AsyncSession, delivery: Delivery, *, owner: str, **values: object) -> None:
    """Write the outcome under the lease and end it. Raises LeaseLostError when it is no longer ours."""
    named = {"delivery": delivery.id, "owner": owner}
    statement = _SETTLEMENT.values(lease_owner=None, lease_until=None, **values)
    result = cast("CursorResult[Any]", await session.execute(statement, named))
    if result.rowcount != 1:
        raise LeaseLostError(f"delivery {delivery.id}")


_SETTLEMENT = (
    update(Delivery)
    .where(
        Delivery.id == bindparam("delivery"),
        Delivery.lease_owner == bindparam("owner"),
        Delivery.state == DeliveryState.SENDING,
    )
    .execution_options(synchronize_session=False)
)


class Stood(NamedTuple):
    """A version that stands in Slack; ``delivery`` has the ids and the revision as it was claimed."""

    delivery: Delivery
    ts: str
    shown: str | None = None
    """The version's fingerprint, or None where another one may stand there."""


async def sent(
    session: AsyncSession, delivery: Delivery, *, owner: str, ts: str, shown: str | None = None
) -> bool:
    """The version that was rendered stands in Slack, in its channel; whether a later one is owed.

    Raises LeaseLostError when the lease of ``owner`` is no longer the delivery's.
    """
    told = {"rows": packed([_row(Stood(delivery, ts, shown), owner)]), "ids": [delivery.id]}
    found = (await session.execute(_standing(dialect(session), waits=True), told)).all()
    if not found:
        raise LeaseLostError(f"delivery {delivery.id}")
    return bool(found[0].state == DeliveryState.PENDING)


async def all_sent(session: AsyncSession, stood: Sequence[Stood]) -> dict[int, bool]:
    """The same for many, each under its own lease, by the ids of those that were written.

    One that somebody else has locked is left out, and not waited for: so nobody waits in a circle.
    """
    rows = [_row(one, one.delivery.lease_owner or "") for one in stood]
    told = {"rows": packed(rows), "ids": [one.delivery.id for one in stood]}
    found = await session.execute(_standing(dialect(session), waits=False), told)
    return {delivery_id: state == DeliveryState.PENDING for delivery_id, state in found}


def _row(stood: Stood, owner: str) -> dict[str, Any]:
    delivery = stood.delivery
    return {
        "id": delivery.id,
        "owner": owner,
        "channel": delivery.channel_id,
        "ts": stood.ts,
        "revision": delivery.revision,
        "shown": stood.shown,
    }


@cache
def _standing(kind: str, *, waits: bool) -> ReturningUpdate[Any]:
    kept = table_of(Delivery)
    new = rows_in(
        kind,
        bindparam("rows", type_=Text),
        id=Integer(),
        owner=Text(),
        channel=Text(),
        ts=Text(),
        revision=Integer(),
        shown=Text(),
    ).c
    given = listed(kind, kept.c.id, "ids", BigInteger())
    free = select(kept.c.id).where(given).with_for_update(skip_locked=True)
    posts = kept.c.posted_at.is_(None)
    return (
        update(kept)
        .where(
            kept.c.id == new.id,
            kept.c.lease_owner == new.owner,
            kept.c.state == DeliveryState.SENDING,
            given if waits else kept.c.id.in_(free),
        )
        .values(
            lease_owner=None,
            lease_until=None,
            state=case(
                (kept.c.revision > new.revision, DeliveryState.PENDING.value), else_=DeliveryState.SENT.value
            ),
            attempts=0,
            uncertain=False,
            shown=new.shown,
            sent_at=database_now(),
            channel_id=case((posts, new.channel), else_=kept.c.channel_id),
            ts=case((posts, new.ts), else_=kept.c.ts),
            posted_at=func.coalesce(kept.c.posted_at, database_now()),
        )
        .returning(kept.c.id, kept.c.state)
    )
