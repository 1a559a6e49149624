"""Time as the database keeps it: UTC, aware, and told by the database's own clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import TIMESTAMP, ColumnElement, Float, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from sqlalchemy import Dialect
    from sqlalchemy.sql.compiler import SQLCompiler


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on every database.

    PostgreSQL keeps ``timestamptz``. SQLite has no such type and hands back naive values,
    so there it is seconds since 1970 (REAL): it sorts, compares and adds without surprises.
    """

    impl = Float
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the column type that the database compares well."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Float())
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Refuse naive datetimes: which zone they meant cannot be known."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"a naive datetime cannot be stored: {value!r}"
            raise ValueError(msg)
        return value.timestamp() if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401
        """Hand back an aware datetime in UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromtimestamp(value, UTC)
        return value.astimezone(UTC)  # type: ignore[no-any-return]


class database_now(FunctionElement[datetime]):  # noqa: N801  (it reads as the SQL function that it is)
    """The database's clock, plus ``seconds``: the only clock that leases and due times obey."""

    inherit_cache = True
    type = UtcDateTime()

    def __init__(self, seconds: float | ColumnElement[float] = 0.0) -> None:
        is_column = isinstance(seconds, ColumnElement)
        super().__init__(seconds if is_column else literal(float(seconds), Float))


@compiles(database_now, "sqlite")
def _sqlite_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    # unixepoch('subsec') is silently NULL in SQLite 3.40, which Debian 12 ships.
    return f"((julianday('now') - 2440587.5) * 86400.0 + {compiler.process(element.clauses, **options)})"


@compiles(database_now, "postgresql")
def _postgresql_now(element: database_now, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    # clock_timestamp() is told anew for each row, so that no index can be asked for what is before it.
    return f"(statement_timestamp() + make_interval(secs => {compiler.process(element.clauses, **options)}))"
