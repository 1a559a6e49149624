"""Empty databases of both kinds."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.deliveries import claiming
from bot.origami import budget
from tests.conftest import IN_TURNS, database_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many runs at once would wait for the next minute's requests and updates."""
    plenty = {level: most * 1_000 for level, most in budget._CEILINGS.items()}
    monkeypatch.setattr(budget, "_CEILINGS", plenty)
    for name in ("UPDATES_A_MINUTE", "PROGRESS_UPDATES_A_MINUTE"):
        monkeypatch.setattr(claiming, name, getattr(claiming, name) * 1_000)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path}/empty.sqlite3"


@pytest.fixture
def empty_postgresql_url(postgresql_server: str) -> Iterator[str]:
    name = f"empty_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield database_address(postgresql_server, name)
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=IN_TURNS["empty_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))
