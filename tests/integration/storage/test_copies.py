"""Copies of a SQLite file that is written to, and what is refused."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from storage import copies
from storage.copies import CopyError

if TYPE_CHECKING:
    from pathlib import Path


def nothing(_done: int, _total: int) -> None:
    """Nobody watches."""


def made(path: Path, rows: int = 2000) -> Path:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE runs (id INTEGER PRIMARY KEY, filler TEXT)")
    connection.executemany("INSERT INTO runs (filler) VALUES (?)", [("x" * 2000,)] * rows)
    connection.commit()
    connection.close()
    return path


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM runs").fetchone()[0])
    finally:
        connection.close()


def test_a_copy_is_of_one_moment_whatever_is_written_meanwhile(tmp_path: Path) -> None:
    source, target = made(tmp_path / "a.sqlite3"), tmp_path / "b.sqlite3"
    writer = sqlite3.connect(source, isolation_level=None)
    told: list[int] = []

    def write(done: int, total: int) -> None:
        writer.execute("INSERT INTO runs (filler) VALUES ('late')")
        told.append(done)
        assert len(told) < total, "it begins anew with each write"

    copies.take(source, target, write)
    writer.close()
    assert len(told) > 2
    assert count(target) == 2000
    assert count(source) == 2000 + len(told)
    assert target.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("b.")) == ["b.sqlite3"]


def test_a_copy_takes_no_file_s_place(tmp_path: Path) -> None:
    source, target = made(tmp_path / "a.sqlite3", 1), tmp_path / "b.sqlite3"
    target.write_text("mine")
    with pytest.raises(CopyError, match="is there already"):
        copies.take(source, target, nothing)
    assert target.read_text() == "mine"


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source, target = made(tmp_path / "a.sqlite3", 1), tmp_path / "b.sqlite3"

    def fail(_done: int, _total: int) -> None:
        raise OSError("the disk is full")

    with pytest.raises(CopyError, match="the disk is full"):
        copies.take(source, target, fail)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("b.")] == []


def test_a_copy_is_put_back_in_the_place_of_what_was_there(tmp_path: Path) -> None:
    source, copy = made(tmp_path / "a.sqlite3", 3), tmp_path / "b.sqlite3"
    copies.take(source, copy, nothing)
    made_since = sqlite3.connect(source)
    made_since.execute("DELETE FROM runs")
    made_since.commit()
    made_since.close()
    assert copies.is_empty(source)
    copies.put_back(copy, source, nothing)
    assert count(source) == 3
    assert not copies.is_empty(source)


def test_nothing_is_put_back_while_somebody_has_the_database_open(tmp_path: Path) -> None:
    source, copy = made(tmp_path / "a.sqlite3", 3), made(tmp_path / "b.sqlite3", 5)
    idle = sqlite3.connect(source)
    idle.execute("SELECT 1 FROM runs").fetchone()
    with pytest.raises(CopyError, match="is in use: stop the bot first"):
        copies.put_back(copy, source, nothing)
    idle.close()
    copies.put_back(copy, source, nothing)
    assert count(source) == 5


def test_a_damaged_copy_is_noticed(tmp_path: Path) -> None:
    copy = made(tmp_path / "a.sqlite3", 200)
    content = bytearray(copy.read_bytes())
    content[4096 * 3 : 4096 * 6] = b"\xff" * (4096 * 3)
    copy.write_bytes(content)
    with pytest.raises(CopyError, match=r"is damaged|is not a SQLite database"):
        copies.revision_in(copy)


def test_what_has_none_of_our_tables_has_no_schema(tmp_path: Path) -> None:
    assert copies.revision_in(made(tmp_path / "a.sqlite3", 1)) is None
