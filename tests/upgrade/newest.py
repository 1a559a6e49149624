"""``storage/migrations/newest.sql``: what the migrations make of an empty SQLite file.

``python -m tests.upgrade.newest`` writes it anew, which every new migration needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import tempfile
from pathlib import Path

from storage import schema
from storage.database import Database


def statements(file: Path) -> str:
    """All that makes a SQLite file's schema, in the order in which it was made, and which schema that is."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid")
        lines = [" ".join(sql.split()) for (sql,) in made]
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return ";\n".join([*lines, f"INSERT INTO alembic_version VALUES ('{revision}')"]) + "\n"


async def migrated(file: Path) -> None:
    """Let Alembic make the tables, step by step."""
    db = Database(f"sqlite+aiosqlite:///{file}")
    try:
        for revision in schema.revisions():
            await schema.upgrade(db, to=revision)
    finally:
        await db.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(migrated(Path(folder) / "newest.sqlite3"))
        schema.NEWEST.write_text(statements(Path(folder) / "newest.sqlite3"), encoding="utf-8")
