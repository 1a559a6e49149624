"""Inserting records at once, for the price of a statement: a flush of the ORM costs twice as much."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from storage.dialects import table_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Insert
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningInsert

    from storage.records import Base


async def keep(session: AsyncSession, record: Base) -> None:
    """Insert a new record whose key is set; the session knows it then as after ``add`` and ``flush``."""
    statement, told = _insertion(type(record))
    made = (await session.execute(statement, _given(record))).one()
    make_transient_to_detached(record)
    session.add(record)
    for name, value in zip(told, made, strict=True):
        set_committed_value(record, name, value)


async def keep_all(session: AsyncSession, records: Sequence[Base]) -> None:
    """Insert new records of one kind whose keys are set, in one go; the session does not know them then."""
    if records:
        await session.execute(_plain_insertion(type(records[0])), [_given(record) for record in records])


def _given(record: Base) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if not name.startswith("_")}


@cache
def _plain_insertion(record: type[Base]) -> Insert:
    return insert(table_of(record)).inline()


@cache
def _insertion(record: type[Base]) -> tuple[ReturningInsert[Any], Sequence[str]]:
    """The statement, and the attributes that the database makes: the key where there are none."""
    columns = table_of(record).c
    told = [column for column in columns if column.default is not None and column.default.is_clause_element]
    told = told or list(table_of(record).primary_key)
    return insert(table_of(record)).returning(*told), [column.key for column in told]
