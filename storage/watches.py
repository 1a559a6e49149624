"""Queries about watched tables: what is to be read again, and what is known of a table from before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import (
    CursorResult,
    Float,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from storage import deliveries
from storage.dialects import dialect, listed, packed, returned, rows_in, table_of
from storage.records import Delivery, DeliveryKind, Run, Watch, WatchEnd, Workspace
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningUpdate


@dataclass(frozen=True, slots=True)
class Claim:
    """A table that this process may read until its lease ends."""

    watch: Watch
    workspace: Workspace


class New(NamedTuple):
    """A table that a run has changed."""

    run_id: str
    workspace_id: str
    table_id: str
    credits_before: float | None


async def claim(session: AsyncSession, *, owner: str, limit: int, lease_seconds: float) -> list[Claim]:
    """Lease up to ``limit`` tables that are to be read, the longest due first."""
    given = {"owner": owner, "most": limit, "lease": lease_seconds}
    claimed = (await session.execute(returned(Watch, _claim()), given)).scalars().all()
    if not claimed:
        return []
    ids = {watch.workspace_id for watch in claimed}
    found = (await session.execute(_workspaces(dialect(session)), {"ids": ids})).scalars()
    workspaces = {workspace.id: workspace for workspace in found}
    return [Claim(watch, workspaces[watch.workspace_id]) for watch in claimed]


@cache
def _claim() -> ReturningUpdate[Any]:
    free = or_(Watch.lease_until.is_(None), Watch.lease_until < database_now())
    due = (
        select(Watch.run_id)
        .where(Watch.due_at <= database_now(), free)
        .order_by(Watch.due_at)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(skip_locked=True)
    )
    return (
        update(table_of(Watch))
        .where(Watch.run_id.in_(due))
        .values(lease_owner=bindparam("owner"), lease_until=database_now(bindparam("lease", type_=Float)))
        .returning(table_of(Watch))
    )


@cache
def _workspaces(kind: str) -> Select[Workspace]:
    return select(Workspace).where(listed(kind, Workspace.id, "ids"))


async def keep(session: AsyncSession, new: Sequence[New]) -> None:
    """Have tables that runs changed read, at once."""
    if new:
        await session.execute(_NEW, [one._asdict() for one in new])


_NEW = insert(table_of(Watch)).values(due_at=database_now(), attempts=0)


async def write_back(session: AsyncSession, watch: Watch, **values: object) -> None:
    """Write under the lease and end it. Raises LeaseLostError when it is no longer ours or nothing is due."""
    kept = table_of(Watch).c
    statement = (
        update(table_of(Watch))
        .where(kept.run_id == watch.run_id, kept.lease_owner == watch.lease_owner, kept.ended.is_(None))
        .values(lease_owner=None, lease_until=None, **values)
    )
    result = cast("CursorResult[Any]", await session.execute(statement))
    if result.rowcount != 1:
        raise LeaseLostError(f"watch {watch.run_id}")


class Read(NamedTuple):
    """What came of reading a leased table; what is None of the table stays as it was."""

    watch: Watch
    due_in: float | None = None
    """Seconds until it is to be read again; None for never."""
    ended: str | None = None
    attempts: int = 0
    table: str | None = None
    rows: str | None = None


async def was_read(session: AsyncSession, read: Read) -> None:
    """Write under the lease and end it. Raises LeaseLostError when it is no longer ours or nothing is due."""
    named = {"rows": packed([_row(read)]), "runs": [read.watch.run_id]}
    if not (await session.execute(_reading(dialect(session), waits=True), named)).all():
        raise LeaseLostError(f"watch {read.watch.run_id}")


async def all_read(session: AsyncSession, read: Sequence[Read]) -> set[str]:
    """The same for many, each under its own lease; returns the ids of the runs whose were written.

    One that somebody else has locked is left out, and not waited for.
    """
    named = {"rows": packed([_row(one) for one in read]), "runs": [one.watch.run_id for one in read]}
    return set((await session.execute(_reading(dialect(session), waits=False), named)).scalars())


def _row(read: Read) -> dict[str, Any]:
    return {**read._asdict(), "watch": read.watch.run_id, "owner": read.watch.lease_owner}


@cache
def _reading(kind: str, *, waits: bool) -> ReturningUpdate[str]:
    kept = table_of(Watch)
    new = rows_in(
        kind,
        bindparam("rows", type_=Text),
        watch=Text(),
        owner=Text(),
        due_in=Float(),
        ended=Text(),
        attempts=Integer(),
        table=Text(),
        rows=Text(),
    ).c
    given = listed(kind, kept.c.run_id, "runs")
    later = table_of(Watch).alias()
    taken_over = and_(
        new.table.is_not(None),
        exists().where(
            later.c.workspace_id == kept.c.workspace_id,
            later.c.table_id == kept.c.table_id,
            later.c.created_at > kept.c.created_at,
        ),
    )
    free = select(kept.c.run_id).where(given).with_for_update(skip_locked=True)
    return (
        update(kept)
        .where(
            kept.c.run_id == new.watch,
            kept.c.lease_owner == new.owner,
            kept.c.ended.is_(None),
            given if waits else kept.c.run_id.in_(free),
        )
        .values(
            lease_owner=None,
            lease_until=None,
            due_at=case((and_(new.due_in.is_not(None), ~taken_over), database_now(new.due_in)), else_=None),
            ended=case((and_(new.ended.is_(None), taken_over), WatchEnd.PASSED_ON.value), else_=new.ended),
            attempts=new.attempts,
            table=func.coalesce(new.table, kept.c.table),
            rows=func.coalesce(new.rows, kept.c.rows),
        )
        .returning(kept.c.run_id)
    )


async def owe_previews(session: AsyncSession, run_ids: Collection[str], *, new_id: Callable[[], str]) -> None:
    """Owe the preview, once there are rows to show, wherever an answer stands: it is to come after it.

    Called, with the runs locked, by whoever brings about either.
    """
    answers = await session.execute(_answers_with_rows(dialect(session)), {"runs": run_ids})
    owed = [{"token": new_id(), "kind": DeliveryKind.PREVIEW, **answer} for answer in answers.mappings()]
    await deliveries.owe_all(session, owed)


@cache
def _answers_with_rows(kind: str) -> Select[Any]:
    answer, watch = table_of(Delivery).c, table_of(Watch).c
    return (
        select(answer.run_id, answer.workspace_id, answer.subject, answer.channel_id, answer.recipient_id)
        .join(table_of(Watch), watch.run_id == answer.run_id)
        .where(
            listed(kind, answer.run_id, "runs"),
            answer.kind == DeliveryKind.ANSWER,
            answer.sequence == 0,
            answer.ts.is_not(None),
            watch.rows.is_not(None),
        )
        .order_by(answer.id)
    )


async def newest_of_table(
    session: AsyncSession, workspace_id: str, table_id: str
) -> tuple[Watch, Run] | None:
    """The newest watch of a table, and its run; None where nothing is known of it."""
    statement = (
        select(Watch, Run)
        .join(Run, Run.id == Watch.run_id)
        .where(Watch.workspace_id == workspace_id, Watch.table_id == table_id)
        .order_by(Watch.created_at.desc(), Watch.run_id.desc())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row else None


async def pass_on(session: AsyncSession, tables: Collection[tuple[str, str]]) -> Sequence[str]:
    """Later runs take tables over, each with its workspace's id: they are read for those only.

    One that was never read is read once for the earlier run, which has no preview yet. Returns the ids of the
    earlier runs for which nothing is read any more.
    """
    named = {
        "pairs": packed([{"workspace": one, "table": other} for one, other in tables]),
        "workspaces": {workspace_id for workspace_id, _ in tables},
        "tables": {table_id for _, table_id in tables},
    }
    return (await session.execute(_passing_on(dialect(session)), named)).scalars().all()


@cache
def _passing_on(kind: str) -> ReturningUpdate[str]:
    kept = table_of(Watch)
    taken = rows_in(kind, bindparam("pairs", type_=Text), workspace=Text(), table=Text()).c
    return (
        update(kept)
        .where(
            listed(kind, kept.c.workspace_id, "workspaces"),
            listed(kind, kept.c.table_id, "tables"),
            kept.c.workspace_id == taken.workspace,
            kept.c.table_id == taken.table,
            kept.c.ended.is_(None),
            kept.c.table.is_not(None),
        )
        .values(ended=WatchEnd.PASSED_ON, due_at=None)
        .returning(kept.c.run_id)
    )


async def release_all(session: AsyncSession, owner: str) -> None:
    """Give back every lease of a process that stops, so that the next one need not wait."""
    await session.execute(
        update(Watch)
        .where(Watch.lease_owner.startswith(owner))
        .values(lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False),
    )
