"""PostgreSQL databases that tests use one after the other: making one is dear, and emptying one is not."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

PATIENCE_MS = 60_000
FEW_BYTES = 5 * 8192
"""PostgreSQL plans for a table of up to 10 pages as for an empty one."""
DISCONNECT = """
    SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
OURS: LiteralString = "relnamespace = 'public'::regnamespace"
SHAPE: LiteralString = f"""
    WITH ours AS (SELECT oid, relname FROM pg_class WHERE {OURS})
    SELECT 'schema', version_num, '' FROM alembic_version
    UNION ALL SELECT 'setting', unnest(setconfig), '' FROM pg_db_role_setting
        JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()
    UNION ALL SELECT 'relation', relname, '' FROM ours
    UNION ALL SELECT 'column', c.ctid::text, c.xmin::text FROM pg_attribute c JOIN ours ON attrelid = ours.oid
    UNION ALL SELECT 'default', c.ctid::text, c.xmin::text FROM pg_attrdef c
    UNION ALL SELECT 'index', c.ctid::text, c.xmin::text FROM pg_index c JOIN ours ON indexrelid = ours.oid
    UNION ALL SELECT 'rule', c.ctid::text, c.xmin::text FROM pg_constraint c JOIN ours ON conrelid = ours.oid
    UNION ALL SELECT 'trigger', c.ctid::text, c.xmin::text FROM pg_trigger c JOIN ours ON tgrelid = ours.oid
    UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'statistics', relname, '' FROM pg_statistic JOIN ours ON starelid = ours.oid
    ORDER BY 1, 2, 3
"""
"""What a database is, but for its rows: whatever changes it writes a new version of a catalogue's row."""
USED: LiteralString = f"""
    SELECT relname, pg_relation_size(oid) > {FEW_BYTES} FROM pg_class
    WHERE {OURS} AND relkind = 'r' AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
"""
BACK_TO_ONE: LiteralString = f"SELECT setval(oid, 1, false) FROM pg_class WHERE {OURS} AND relkind = 'S'"


@dataclass(slots=True)
class Lending:
    """Databases made of one template, each lent to one test at a time, and emptied when it comes back.

    One of which a test has changed more than its rows is not lent again.
    """

    server: str
    template: str
    _shape: Sequence[Any] = ()
    _free: list[str] = field(default_factory=list)

    def lend(self) -> str:
        """The name of an empty database that nobody is connected to."""
        with self._at() as connection:
            if self._free:
                name = self._free.pop()
                connection.execute(DISCONNECT, [PATIENCE_MS, name])  # whoever emptied it may still be leaving
                return name
            name = f"test_{uuid.uuid4().hex}"
            new, template = sql.Identifier(name), sql.Identifier(self.template)
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, template))
        return name

    def take_back(self, name: str) -> None:
        """Empty a database for the next test, or let it go."""
        if self._emptied(name):
            self._free.append(name)
            return
        with self._at() as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _emptied(self, name: str) -> bool:
        """Whether a database is again as it was made."""
        with self._at(name) as connection:
            connection.execute(DISCONNECT, [PATIENCE_MS, name])
            if connection.execute(SHAPE).fetchall() != self._made_shape():
                return False
            _empty(connection)
            return True

    def _made_shape(self) -> Sequence[Any]:
        if not self._shape:
            with self._at(self.template) as connection:
                self._shape = connection.execute(SHAPE).fetchall()
        return self._shape

    def _at(self, name: str = "") -> psycopg.Connection[Any]:
        address = psycopg.conninfo.make_conninfo(self.server, **({"dbname": name} if name else {}))
        return psycopg.connect(address, autocommit=True)


def _empty(connection: psycopg.Connection[Any]) -> None:
    """No rows, and numbers that begin anew; truncating makes new files, which is dearer than a few rows."""
    used = connection.execute(USED).fetchall()
    connection.execute("SET session_replication_role = replica")  # whatever refers to a row goes as well
    for table, is_large in used:
        empty = sql.SQL("TRUNCATE {} CASCADE") if is_large else sql.SQL("DELETE FROM {}")
        connection.execute(empty.format(sql.Identifier(table)))
    connection.execute(BACK_TO_ONE)
