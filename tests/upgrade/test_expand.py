"""Every migration only adds, so that the release before it goes on working beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from alembic.operations import ops

from storage import migrating, schema
from storage.database import Database
from tests.upgrade.expanding import problems, told

if TYPE_CHECKING:
    from pathlib import Path


def test_the_schemas_that_are_known_are_those_of_the_migrations() -> None:
    whole = [migrating.migration(revision) for revision in schema.revisions()]
    assert [one.revision for one in whole] == schema.revisions()
    assert [one.down_revision for one in whole] == [None, *schema.revisions()[:-1]]


async def test_every_migration_only_expands_or_says_what_it_contracts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/origami.sqlite3")
    known = schema.revisions()
    try:
        for number, revision in enumerate(known):
            with told(monkeypatch) as operations:
                await schema.upgrade(db, to=revision)
            contracts = getattr(migrating.migration(revision), "CONTRACTS", None)
            if contracts is None:
                assert problems(operations) == [], revision
            else:
                assert contracts in known[:number], f"{revision} contracts what no earlier release gave up"
    finally:
        await db.close()


TEXT = sa.Text()


@pytest.mark.parametrize(
    "operation",
    [
        ops.DropTableOp("runs"),
        ops.DropColumnOp("runs", "prompt"),
        ops.RenameTableOp("runs", "jobs"),
        ops.AddColumnOp("runs", sa.Column("new", TEXT, nullable=False)),
        ops.AlterColumnOp("runs", "prompt", modify_name="brief"),
        ops.AlterColumnOp("runs", "model", modify_nullable=False),
        ops.AlterColumnOp("runs", "model", modify_type=sa.Integer()),
        ops.CreateUniqueConstraintOp("uq", "runs", ["prompt"]),
        ops.CreateIndexOp("ix", "runs", ["prompt"], unique=True),
        ops.ExecuteSQLOp("DELETE FROM runs"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_the_release_before_could_not_live_with_is_noticed(operation: ops.MigrateOperation) -> None:
    assert len(problems([operation])) == 1


@pytest.mark.parametrize(
    "operation",
    [
        ops.CreateTableOp("new", [sa.Column("id", TEXT, nullable=False)]),
        ops.AddColumnOp("runs", sa.Column("new", TEXT, nullable=True)),
        ops.AddColumnOp("runs", sa.Column("new", TEXT, nullable=False, server_default="")),
        ops.CreateIndexOp("ix", "runs", ["prompt"]),
        ops.AlterColumnOp("runs", "prompt", modify_nullable=True),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_only_adds_passes(operation: ops.MigrateOperation) -> None:
    assert problems([operation]) == []


def test_a_new_table_may_have_rules_of_its_own() -> None:
    new = ops.CreateTableOp("new", [sa.Column("id", TEXT, nullable=False)])
    assert problems([new, ops.CreateIndexOp("ix", "new", ["id"], unique=True)]) == []


async def test_a_schema_of_a_newer_release_is_left_alone_and_worked_on(tmp_path: Path) -> None:
    """In a rolling upgrade a process of the old release may be started again after the migration."""
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/origami.sqlite3")
    try:
        assert await schema.is_behind(db)
        await schema.upgrade(db, to="0002")
        assert await schema.is_behind(db)
        await schema.upgrade(db)
        assert not await schema.is_behind(db)
        async with db.write() as session:
            await session.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        assert not await schema.is_behind(db)
        await schema.upgrade(db)
        assert await schema.current(db) == "9999"
    finally:
        await db.close()
