"""What each earlier release left in its database, as SQL that it would have written itself.

A file stands for what its schema brought; a later release left that too. A schema without a file of its own
left what the ones before it did.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from storage import schema

if TYPE_CHECKING:
    from storage.database import Database

FOLDER = Path(__file__).with_name("releases")
_MOMENT = re.compile(r"\{\{(-?\d+)\}\}")
_CLOCK = {
    "sqlite": "((julianday('now') - 2440587.5) * 86400.0 + {})",
    "postgresql": "now() + interval '{} s'",
}


def releases() -> list[str]:
    """The schemas that somebody may have: all but the newest, unless a file says that it was released."""
    known = schema.revisions()
    return [revision for revision in known if revision != known[-1] or (FOLDER / f"{revision}.sql").exists()]


async def make(db: Database, revision: str) -> None:
    """Make an empty database what the release of this schema left when it was stopped."""
    await schema.upgrade(db, to=revision)
    await fill(db, revision)


async def fill(db: Database, revision: str) -> None:
    """Write what the release of this schema wrote into a database of that schema, or a newer one."""
    dialect = db.engine.dialect.name
    async with db.write() as session:
        for file in sorted(FOLDER.glob("*.sql")):
            if file.stem > revision:
                continue
            for statement in _statements(file.read_text("utf-8"), _CLOCK[dialect]):
                await (await session.connection()).exec_driver_sql(statement)


def _statements(sql: str, clock: str) -> list[str]:
    sql = "\n".join(line for line in sql.splitlines() if not line.startswith("--"))
    sql = _MOMENT.sub(lambda found: clock.format(found[1]), sql)
    return [one.strip() for one in re.split(r";\s*(?:\n|$)", sql) if one.strip()]
