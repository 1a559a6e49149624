"""What has been spent in the last minute, counted once for all processes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Text, bindparam, literal, select, true, update

from storage.dialects import dialect, insert_into, packed, rows_in, table_of
from storage.records import Budget
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from sqlalchemy import Select, Update
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningInsert

UPDATES = "slack-updates:"
"""With a workspace's id behind it, the name of its allowance of changed messages."""
WINDOW_SECONDS = 61.0
"""A minute and the second that its oldest bucket may still cover."""


async def spend(
    session: AsyncSession, name: str, *, want: int, ceiling: int, all_or_none: bool = False
) -> int:
    """Take up to ``want`` from what is left below ``ceiling`` a minute; returns how many were granted.

    With ``all_or_none`` it is ``want`` or nothing.
    """
    granted = await spend_each(session, {name: want}, ceiling=ceiling, all_or_none=all_or_none)
    return granted[name]


async def spend_each(
    session: AsyncSession, wants: Mapping[str, int], *, ceiling: int, all_or_none: bool = False
) -> dict[str, int]:
    """The same for many names in one go; returns what was granted to each.

    A sliding window of one-second buckets by the database's clock, its rows locked until the
    caller's transaction ends: in the order of their names, so that nobody waits in a circle.
    """
    kept = await _locked(session, wants)
    missing = wants.keys() - kept.keys()
    if missing:
        new_names = {"rows": packed([{"name": name} for name in missing])}
        made = await session.execute(_making(dialect(session)), new_names)
        kept |= {name: ([], now) for name, now in made}
        if others := missing - kept.keys():
            kept |= await _locked(session, others)
    granted, changed = {}, []
    for name, want in wants.items():
        spent, now = kept[name]
        granted[name], buckets = _take(
            spent, float(int(now.timestamp())), want, ceiling, all_or_none=all_or_none
        )
        if granted[name]:
            changed.append({"name": name, "spent": buckets})
    if changed:
        await session.execute(_spending(dialect(session)), {"rows": packed(changed)})
    return granted


@cache
def _making(kind: str) -> ReturningInsert[Any]:
    """New names, with nothing spent; what somebody else has made meanwhile is left alone."""
    new = rows_in(kind, bindparam("rows", type_=Text), name=Text()).c
    made = select(new.name, literal([], JSON)).where(true()).order_by(new.name)
    insert = insert_into(kind, Budget).from_select(["name", "spent"], made).on_conflict_do_nothing()
    return insert.returning(table_of(Budget).c.name, database_now())


@cache
def _spending(kind: str) -> Update:
    kept, new = table_of(Budget), rows_in(kind, bindparam("rows", type_=Text), name=Text(), spent=JSON()).c
    return update(kept).where(kept.c.name == new.name).values(spent=new.spent)


async def _locked(session: AsyncSession, names: Collection[str]) -> dict[str, tuple[list[float], datetime]]:
    named = {"rows": packed([{"name": name} for name in names])}
    found = await session.execute(_locking(dialect(session)), named)
    return {name: (spent, now) for name, spent, now in found}


@cache
def _locking(kind: str) -> Select[Any]:
    kept, wanted = table_of(Budget).c, rows_in(kind, bindparam("rows", type_=Text), name=Text()).c
    return (
        select(kept.name, kept.spent, database_now())
        .where(kept.name.in_(select(wanted.name)))
        .order_by(kept.name)
        .with_for_update()
    )


def _take(
    spent: list[float], second: float, want: int, ceiling: int, *, all_or_none: bool
) -> tuple[int, list[float]]:
    """What may be spent now, and the window's buckets with it, as second, count, second, count."""
    buckets = {
        at: count for at, count in zip(spent[::2], spent[1::2], strict=True) if at > second - WINDOW_SECONDS
    }
    granted = max(0, min(want, ceiling - int(sum(buckets.values()))))
    if all_or_none and granted < want:
        return 0, spent
    if granted:
        buckets[second] = buckets.get(second, 0) + granted
    return granted, [number for pair in sorted(buckets.items()) for number in pair]
