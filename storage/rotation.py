"""All that is sealed: whether our keys open it, and sealing it anew with the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Table, func, or_, select, update

from storage.records import Base, bots, installations
from storage.records.installations import SECRETS
from storage.sealing import SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import ColumnElement

    from storage.database import Database
    from storage.sealing import Seal

BATCH = 100
"""Rows in one transaction: so long their locks, and SQLite's one writer, are held."""
SAMPLE = 1_000
"""Of each table, when the bot starts: the rows that were sealed last."""
SEALED: tuple[tuple[Table, tuple[str, ...]], ...] = (
    (Base.metadata.tables["workspaces"], ("sealed_key",)),
    *((table, tuple(name for name in SECRETS if name in table.c)) for table in (bots, installations)),
)


async def unopened(db: Database, seal: Seal) -> int:
    """How many secrets none of the keys opens, of the newest thousand rows of each table."""
    broken = 0
    async with db.read() as session:
        for table, names in SEALED:
            columns = [table.c[name] for name in names]
            newest = select(*columns).where(_any(table, names)).order_by(table.c.id.desc()).limit(SAMPLE)
            for row in (await session.execute(newest)).all():
                broken += sum(1 for secret in row if secret and not _opens(seal, secret))
    return broken


async def renew(db: Database, seal: Seal, progress: Callable[[int, int], None]) -> int:
    """Seal every token and key with the newest key, beside a bot that runs. Returns how many rows.

    ``progress`` is told how many of how many rows are done. Raises SealBrokenError, and what was done until
    then stays done.
    """
    async with db.read() as session:
        counts = [
            select(func.count()).select_from(table).where(_any(table, names)) for table, names in SEALED
        ]
        total = sum([(await session.execute(count)).scalar_one() for count in counts])
    done = 0
    for table, names in SEALED:
        after = None
        while (batch := await _renew_some(db, seal, table, names, after)) is not None:
            after, rows = batch
            done += rows
            progress(done, max(total, done))
    return done


async def _renew_some(
    db: Database, seal: Seal, table: Table, names: tuple[str, ...], after: object
) -> tuple[object, int] | None:
    columns = [table.c[name] for name in names]
    some = select(table.c.id, *columns).where(_any(table, names)).order_by(table.c.id).limit(BATCH)
    if after is not None:
        some = some.where(table.c.id > after)
    async with db.write() as session:
        rows = (await session.execute(some.with_for_update())).all()
        for row in rows:
            sealed = {name: getattr(row, name) for name in names}
            values = {name: seal.renew(secret) for name, secret in sealed.items() if secret}
            await session.execute(update(table).where(table.c.id == row.id).values(**values))
    return (rows[-1].id, len(rows)) if rows else None


def _any(table: Table, names: tuple[str, ...]) -> ColumnElement[bool]:
    return or_(*(table.c[name].is_not(None) for name in names))


def _opens(seal: Seal, secret: str) -> bool:
    try:
        seal.open(secret)
    except SealBrokenError:
        return False
    return True
