"""Queries about deliveries: what is owed to Slack, and whose turn it is."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Float,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from storage.dialects import dialect, insert_into, listed, packed, returned, rows_in, table_of
from storage.records import IS_OWED, Delivery, DeliveryKind, DeliveryState, Run, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Insert, Select, Update
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningUpdate


async def owe(session: AsyncSession, **values: Any) -> None:  # noqa: ANN401  (columns of Delivery)
    """Owe Slack a message; owing the same one twice (run, kind, subject, sequence) is owing it once."""
    await owe_all(session, [values])


async def owe_all(session: AsyncSession, owed: Sequence[dict[str, Any]]) -> None:
    """The same for many messages, in this order."""
    every = {"subject": "", "sequence": 0, "payload": {}, "recipient_id": None}
    if owed:
        await session.execute(_owed(dialect(session)), [{**every, **one} for one in owed])


@cache
def _owed(name: str) -> Insert:
    return insert_into(name, Delivery).on_conflict_do_nothing().inline()


async def owe_notice(
    session: AsyncSession,
    run: Run,
    *,
    token: str,
    subject: str,
    recipient_id: str,
    payload: dict[str, Any],
    acted_in: str = "",
) -> None:
    """Owe one person a few words about a run; ``subject`` tells what they answer apart.

    ``acted_in`` is the channel of what they answer, where that is known: it need not be the thread's.
    """
    thread = await session.get_one(Thread, run.thread_id)
    elsewhere = {"elsewhere": True} if acted_in and acted_in != thread.channel_id else {}
    await owe(
        session,
        token=token,
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.NOTICE,
        subject=subject[:255],
        channel_id=thread.channel_id,
        recipient_id=recipient_id,
        payload=payload | elsewhere,
    )


async def revise(
    session: AsyncSession,
    run_ids: Collection[str],
    *kinds: DeliveryKind,
    progress: bool = False,
    seconds_apart: float = 0.0,
    more_within: float = 0.0,
) -> None:
    """What the runs' messages of these kinds show has changed: they are rendered and sent again.

    ``progress`` may wait behind what a rep waits for, and keeps ``seconds_apart`` from its last version.
    Else it is due at once, or after ``more_within`` seconds where more is about to change.
    """
    seconds = {"apart": seconds_apart} if progress else {"more_within": more_within}
    named = {
        "runs": run_ids,
        "kinds": kinds,
    }
    await session.execute(_revision(dialect(session), progress=progress), named | seconds)


@cache
def _revision(name: str, *, progress: bool) -> Update:
    kept = table_of(Delivery).c
    # Rows are locked in one order by everybody: transactions may wait for each other, but not in a circle.
    in_order = (
        select(kept.id)
        .where(
            listed(name, kept.run_id, "runs"),
            listed(name, kept.kind, "kinds"),
            kept.state != DeliveryState.DROPPED,
        )
        .order_by(kept.id)
        .with_for_update()
    )
    sent = kept.state == DeliveryState.SENT
    if progress:
        earliest = kept.sent_at + _seconds(name, bindparam("apart", type_=Float))
        due_at = case(
            (and_(sent, earliest > database_now()), earliest), (sent, database_now()), else_=kept.due_at
        )
        # What a rep waits for stays urgent until it is sent, whatever progress comes after it.
        priority: Any = case((sent, 1), else_=kept.priority)
    else:
        put_off = and_(kept.state == DeliveryState.PENDING, kept.ts.is_not(None), kept.attempts == 0)
        due_at = case(
            (or_(sent, put_off), database_now(bindparam("more_within", type_=Float))), else_=kept.due_at
        )
        priority = literal(0)
    return (
        update(table_of(Delivery))
        .where(kept.id.in_(in_order))
        .values(
            revision=kept.revision + 1,
            state=case((sent, DeliveryState.PENDING.value), else_=kept.state),
            due_at=due_at,
            priority=priority,
        )
    )


def _seconds(name: str, seconds: ColumnElement[float]) -> Any:  # noqa: ANN401
    if name == "sqlite":
        return seconds
    return func.make_interval(0, 0, 0, 0, 0, 0, seconds)


async def claim_posts(
    session: AsyncSession, *, owner: str, limit: int, lease_seconds: float, seconds_apart: float = 1.0
) -> list[Delivery]:
    """Lease messages that are not in Slack yet: the head of each channel's queue, ``seconds_apart``.

    Whatever stands before a message in its channel, being sent or put off, holds it back:
    that keeps the order in a thread and lets a refusal pause one channel only.
    Notices go to one person by another road and neither wait nor hold anyone up.
    """
    given = {"apart": seconds_apart, "most": limit, "owner": owner, "lease": lease_seconds}
    return await _claimed(session, _posts(), given)


@cache
def _posts() -> ReturningUpdate[Any]:
    ahead, recent = aliased(Delivery), aliased(Delivery)
    same_channel_ahead = and_(
        ahead.workspace_id == Delivery.workspace_id,
        ahead.channel_id == Delivery.channel_id,
        ahead.kind != DeliveryKind.NOTICE,
        ahead.state.in_([literal_column("'pending'"), literal_column("'sending'")]),
        ahead.ts.is_(None),
        ahead.id < Delivery.id,
    )
    just_posted = and_(
        recent.workspace_id == Delivery.workspace_id,
        recent.channel_id == Delivery.channel_id,
        recent.posted_at > database_now(-bindparam("apart", type_=Float)),
    )
    its_turn = and_(
        ~select(ahead.id).where(same_channel_ahead).exists(), ~select(recent.id).where(just_posted).exists()
    )
    due = _due().where(Delivery.ts.is_(None), or_(Delivery.kind == DeliveryKind.NOTICE, its_turn))
    return _leased(due.order_by(Delivery.due_at))


async def claim_updates(
    session: AsyncSession, *, owner: str, limit: int, lease_seconds: float
) -> list[Delivery]:
    """Lease messages that stand in Slack and have changed, what reps wait for before progress."""
    given = {"most": limit, "owner": owner, "lease": lease_seconds}
    return await _claimed(session, _updates(), given)


@cache
def _updates() -> ReturningUpdate[Any]:
    return _leased(_due().where(Delivery.ts.is_not(None)).order_by(Delivery.priority, Delivery.due_at))


async def _claimed(
    session: AsyncSession, leased: ReturningUpdate[Any], given: dict[str, Any]
) -> list[Delivery]:
    claimed = await session.execute(returned(Delivery, leased), given)
    return sorted(claimed.scalars(), key=lambda delivery: delivery.id)


def _due() -> Select[int]:
    lease_over: ColumnElement[bool] = or_(
        Delivery.lease_until.is_(None), Delivery.lease_until < database_now()
    )
    return select(Delivery.id).where(IS_OWED, Delivery.due_at <= database_now(), lease_over)


def _leased(due: Select[int]) -> ReturningUpdate[Any]:
    was_sending = Delivery.state == DeliveryState.SENDING
    most = bindparam("most", type_=Integer)
    return (
        update(table_of(Delivery))
        .where(Delivery.id.in_(due.limit(most).with_for_update(skip_locked=True)))
        .values(
            state=DeliveryState.SENDING,
            # Its last sender died or lost its lease in the middle: the message may stand in Slack.
            uncertain=or_(Delivery.uncertain, and_(was_sending, Delivery.ts.is_(None))),
            shown=case((was_sending, None), else_=Delivery.shown),
            lease_owner=bindparam("owner"),
            lease_until=database_now(bindparam("lease", type_=Float)),
        )
        .returning(table_of(Delivery))
    )


async def queued(session: AsyncSession, places: Collection[tuple[str, str]]) -> bool:
    """Whether something waits to be posted in one of these channels, each with its workspace's id."""
    named = {"places": packed([{"workspace": one, "channel": other} for one, other in places])}
    return (await session.execute(_queued(dialect(session)), named)).first() is not None


@cache
def _queued(kind: str) -> Select[int]:
    waiting = table_of(Delivery).c
    at = rows_in(kind, bindparam("places", type_=Text), workspace=Text(), channel=Text())
    return (
        select(waiting.id)
        .join(at, (waiting.workspace_id == at.c.workspace) & (waiting.channel_id == at.c.channel))
        .where(IS_OWED, waiting.state == DeliveryState.PENDING, waiting.ts.is_(None))
        .limit(1)
    )


async def of_run(session: AsyncSession, run_id: str) -> Sequence[Delivery]:
    """All of a run's messages, in the order in which they were owed."""
    statement = select(Delivery).where(Delivery.run_id == run_id).order_by(Delivery.id)
    return (await session.execute(statement)).scalars().all()


async def owe_again(session: AsyncSession, delivery: Delivery) -> None:
    """Owe a dropped message once more. The caller holds the run's lock.

    It may stand in Slack all the same, so it is looked for before it is posted. A notice goes by direct
    message: its response_url is long over.
    """
    await session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id, Delivery.state == DeliveryState.DROPPED)
        .values(
            state=DeliveryState.PENDING,
            dropped_reason=None,
            due_at=database_now(),
            attempts=1 if delivery.kind == DeliveryKind.NOTICE else 0,
            uncertain=delivery.ts is None,
            shown=None,
            lease_owner=None,
            lease_until=None,
        )
        .execution_options(synchronize_session=False)
    )


async def release_all(session: AsyncSession, owner: str) -> None:
    """End the leases of a process that stops; what it was sending is then of unknown outcome."""
    await session.execute(
        update(Delivery)
        .where(Delivery.lease_owner.startswith(owner), Delivery.state == DeliveryState.SENDING)
        .values(lease_until=database_now())
        .execution_options(synchronize_session=False),
    )
