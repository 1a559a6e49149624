"""Queries about deliveries that are being sent: their leases, and what came of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, Float, bindparam, case, update

from storage.records import Delivery, DeliveryState
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy import Update
    from sqlalchemy.ext.asyncio import AsyncSession

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
    await _settle(session, named, _SETTLEMENT.values(lease_owner=None, lease_until=None, **values))


_SETTLEMENT = (
    update(Delivery)
    .where(
        Delivery.id == bindparam("delivery"),
        Delivery.lease_owner == bindparam("owner"),
        Delivery.state == DeliveryState.SENDING,
    )
    .execution_options(synchronize_session=False)
)


async def _settle(session: AsyncSession, named: dict[str, Any], statement: Update) -> None:
    result = cast("CursorResult[Any]", await session.execute(statement, named))
    if result.rowcount != 1:
        raise LeaseLostError(f"delivery {named['delivery']}")


async def sent(
    session: AsyncSession, delivery: Delivery, *, owner: str, ts: str, shown: str | None = None
) -> None:
    """The version that was rendered stands in Slack, in its channel; a later one stays owed.

    ``shown`` is its fingerprint, or None where another version may stand there.
    """
    posts = delivery.posted_at is None
    where = {"at_channel": delivery.channel_id, "at_ts": ts} if posts else {}
    version = {"rendered": delivery.revision, "of_version": shown}
    named = {"delivery": delivery.id, "owner": owner, **version, **where}
    await _settle(session, named, _standing(posts=posts))


@cache
def _standing(*, posts: bool) -> Update:
    posted = {"channel_id": bindparam("at_channel"), "ts": bindparam("at_ts"), "posted_at": database_now()}
    still_owed = Delivery.revision > bindparam("rendered")
    return _SETTLEMENT.values(
        lease_owner=None,
        lease_until=None,
        state=case((still_owed, DeliveryState.PENDING.value), else_=DeliveryState.SENT.value),
        attempts=0,
        uncertain=False,
        shown=bindparam("of_version"),
        sent_at=database_now(),
        **(posted if posts else {}),
    )
