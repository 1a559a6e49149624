"""Migrations by Alembic, which is loaded only where there is something to migrate."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from sqlalchemy import Connection


def migration(revision: str) -> ModuleType:
    """The migration that leads to a schema."""
    script = ScriptDirectory.from_config(_config()).get_revision(revision)
    assert script is not None
    return script.module


def migrate(
    connection: Connection, wanted: Sequence[str], progress: Callable[[int, int], None] | None = None
) -> None:
    """Take the database of an open transaction through these schemas, one after the other.

    ``progress`` is told how many migrations of how many are done.
    """
    done = itertools.count(1)

    def applied(**_: object) -> None:
        if progress is not None:
            progress(next(done), len(wanted))

    if wanted:
        config = _config()
        config.attributes.update(connection=connection, applied=applied)
        command.upgrade(config, wanted[-1])


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
