"""A new SQLite file is made in one go, and is what the migrations would have made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import schema
from storage.database import Database
from tests.upgrade.newest import migrated, statements

if TYPE_CHECKING:
    from pathlib import Path


async def test_a_new_file_is_what_the_migrations_make_of_an_empty_one(tmp_path: Path) -> None:
    await migrated(tmp_path / "step by step.sqlite3")
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/at once.sqlite3")
    try:
        await schema.upgrade(db)
        assert await schema.position(db) is schema.Position.CURRENT
    finally:
        await db.close()
    wanted = statements(tmp_path / "step by step.sqlite3")
    assert statements(tmp_path / "at once.sqlite3") == wanted
    assert schema.NEWEST.read_text(encoding="utf-8") == wanted, (
        "write it anew: python -m tests.upgrade.newest"
    )


async def test_a_file_with_tables_of_somebody_else_is_migrated_step_by_step(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/shared.sqlite3")
    try:
        async with db.engine.begin() as connection:
            await connection.exec_driver_sql("CREATE TABLE theirs (id INTEGER)")
        await schema.upgrade(db)
        assert await schema.position(db) is schema.Position.CURRENT
    finally:
        await db.close()
    assert "CREATE TABLE theirs" in statements(tmp_path / "shared.sqlite3")
