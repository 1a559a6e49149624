"""The one place where SQLite's and PostgreSQL's SQL differ in how it is built."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Table, Text, TypeDecorator, any_, bindparam, cast, column, func, select, type_coerce
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import (
        BindParameter,
        ColumnElement,
        Dialect,
        Executable,
        FromClause,
        Select,
        SQLColumnExpression,
    )
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.dml import ReturningUpdate
    from sqlalchemy.types import TypeEngine

    from storage.records import Base


def table_of(record: type[Base]) -> Table:
    """A record's bare table: its statements go without the work of the ORM, which costs as much again."""
    table = record.__table__
    assert isinstance(table, Table)
    return table


@cache
def returned(record: type[Base], changed: ReturningUpdate[Any]) -> Executable:
    """The records that a kept UPDATE of the bare table returns: the ORM loads them, and no more than that."""
    return select(record).from_statement(changed)


def dialect(session: AsyncSession) -> str:
    """Which database it is: ``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def insert_into(name: str, record: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT for a statement that is made once and kept: into the bare table, without the ORM."""
    make = sqlite.insert if name == "sqlite" else postgresql.insert
    return make(table_of(record))


def insert(session: AsyncSession, record: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_nothing``."""
    make = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return make(record)


async def alone(session: AsyncSession, name: str) -> None:
    """From here to the end of a writing transaction nobody else is past this point with the same name.

    On SQLite one writer at a time is let in anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def among(session: AsyncSession, names: Collection[str]) -> Select[Any]:
    """The same for one column of texts, as ``column.in_(among(session, names))``."""
    return select(rows(session, [{"name": name} for name in names], name=Text()).c.name)


def rows(session: AsyncSession, given: Sequence[Mapping[str, Any]], **columns: TypeEngine[Any]) -> FromClause:
    """Rows of ours to join with, as one parameter: compiled once, whether they are one or a thousand.

    ``columns`` are the names and types; what a row lacks is NULL.
    """
    return rows_in(dialect(session), bindparam(None, packed(given), Text), **columns)


class Listed(TypeDecorator[list[Any]]):
    """Many values as one parameter: an array, or on SQLite JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, of_type: TypeEngine[Any] | None = None) -> None:
        super().__init__()
        self.of_type = of_type or Text()

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose what the database takes."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(postgresql.ARRAY(self.of_type))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401
        """Any collection will do."""
        return orjson.dumps(list(value)).decode() if dialect.name == "sqlite" else list(value)


def listed(
    kind: str, wanted: SQLColumnExpression[Any], name: str, of_type: TypeEngine[Any] | None = None
) -> ColumnElement[bool]:
    """Whether a column is one of the values that a kept statement is given as ``name``.

    PostgreSQL takes an array for a few values, and looks them up; of rows it expects a hundred, and reads a
    table of some thousands from end to end instead.
    """
    given = bindparam(name, type_=Listed(of_type))
    if kind == "sqlite":
        return wanted.in_(select(func.json_each(given).table_valued("value").alias().c.value))
    return wanted == any_(given)


def packed(given: Sequence[Mapping[str, Any]]) -> str:
    """Rows as the parameter of ``rows_in``."""
    return orjson.dumps(list(given)).decode()


def rows_in(kind: str, parameter: BindParameter[str], /, **columns: TypeEngine[Any]) -> FromClause:
    """The rows of a statement that is made once and kept, and is given them as ``packed`` each time."""
    if kind == "sqlite":
        each = func.json_each(parameter).table_valued("value").alias()
        taken = [
            type_coerce(func.json_extract(each.c.value, f"$.{name}"), of_type).label(name)
            for name, of_type in columns.items()
        ]
        return select(*taken).select_from(each).subquery()
    typed = [column(name, of_type) for name, of_type in columns.items()]
    return (
        func.json_to_recordset(cast(parameter, postgresql.JSON(none_as_null=True)))
        .table_valued(*typed)
        .render_derived(with_types=True)
    )
