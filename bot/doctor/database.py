"""Whether the database answers, has our schema and lets us write, and what it holds of workspaces."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.doctor.lines import Line, fail, ok, skip, warn
from bot.features import off
from storage import budgets, schema
from storage.database import Database
from storage.lengths import Lengths, lengths
from storage.records import Workspace, bots
from storage.schema import Position
from storage.sealed import everything_sealed
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from bot.settings import Settings

OLDEST_POSTGRESQL = 14
"""The oldest that its makers still mend."""
LOW_BYTES = 500 * 2**20
_LOOK = "Check DATABASE_URL: its host, port, user, password and name, and that the server runs."


@dataclass(frozen=True, slots=True)
class Found:
    """The lines, and what is waiting where that could be read."""

    lines: list[Line]
    waiting: Lengths | None = None


async def database_lines(settings: Settings) -> Found:
    """``database…``, ``encryption_keys`` and ``workspaces``; nothing is changed, and no file made."""
    missing = _missing_file(settings.async_database_url)
    if missing is not None:
        return Found([missing])
    db = Database(settings.async_database_url)
    try:
        return await _examine(db, settings)
    except (SQLAlchemyError, OSError) as error:
        behind = getattr(error, "orig", None) or error
        return Found([fail("database", f"It does not answer ({type(behind).__name__}).", _LOOK)])
    finally:
        await db.close()


async def _examine(db: Database, settings: Settings) -> Found:
    await db.ping()
    name = "SQLite" if db.is_sqlite else "PostgreSQL"
    lines = [ok("database", f"{name} answers."), await _server(db)]
    position = await schema.position(db)
    lines.append(_schema(position, sqlite=db.is_sqlite))
    if position is not Position.CURRENT:
        return Found(lines)
    lines += [await _write(db), await _keys(db, settings), await _workspaces(db, settings)]
    async with db.read() as session:
        return Found(lines, await lengths(session))


def _missing_file(address: str) -> Line | None:
    """What to say of a SQLite file that is not there yet; to open it would make it."""
    url = make_url(address)
    if (
        url.get_backend_name() != "sqlite"
        or not url.database
        or url.database.startswith(("file:", ":memory:"))
    ):
        return None
    path = Path(url.database)
    if path.exists():
        return None
    if not path.absolute().parent.is_dir():
        return fail("database", f"There is no folder {path.parent}.", "Make it, or change DATABASE_URL.")
    return skip("database", f"{path.name} is not there yet: the first start makes it.")


def _schema(position: Position, *, sqlite: bool) -> Line:
    match position:
        case Position.CURRENT:
            return ok("database.schema", "Up to date.")
        case Position.AHEAD:
            to_do = "Run the newer version of origami-slack that made it, or restore a backup."
            return fail("database.schema", "Newer than this version knows.", to_do)
        case Position.BEHIND if sqlite:
            return skip("database.schema", "Behind: the next start brings it up to date.")
        case _:
            return fail("database.schema", "Behind this version.", "Run `origami-slack migrate`.")


async def _server(db: Database) -> Line:
    async with db.read() as session:
        if not db.is_sqlite:
            version = str(await session.scalar(text("SHOW server_version")))
            if int(version.partition(".")[0]) < OLDEST_POSTGRESQL:
                return warn("database.server", f"PostgreSQL {version} is no longer mended.", "Upgrade it.")
            return ok("database.server", f"PostgreSQL {version}.")
        mode = await session.scalar(text("PRAGMA journal_mode"))
        file = await session.scalar(text("SELECT file FROM pragma_database_list WHERE name = 'main'"))
    free = shutil.disk_usage(Path(str(file)).parent).free if file else LOW_BYTES
    if mode != "wal":
        to_do = "Put the file on a local disk: SQLite's WAL does not work on network file systems."
        return warn("database.server", f"The journal is {mode}, not wal.", to_do)
    if free < LOW_BYTES:
        return warn("database.server", f"{free / 2**20:,.0f} MiB are left on its disk.", "Make room.")
    return ok("database.server", f"Journal wal, {free / 2**30:,.1f} GiB free.")


async def _write(db: Database) -> Line:
    """A row is written and taken back."""
    try:
        async with db.read() as session:
            await budgets.spend(session, "doctor", want=1, ceiling=1)
            await session.rollback()
    except SQLAlchemyError as error:
        to_do = "Give the user of DATABASE_URL the right to write, or the process the file and its folder."
        name = type(getattr(error, "orig", None) or error).__name__
        return fail("database.write", f"It cannot be written ({name}).", to_do)
    return ok("database.write", "Can be written.")


async def _keys(db: Database, settings: Settings) -> Line:
    async with db.read() as session:
        sealed = await everything_sealed(session)
    if not sealed:
        return skip("encryption_keys", "Nothing is kept encrypted.")
    if not settings.encryption_keys:
        return fail(
            "encryption_keys", f"{len(sealed)} secrets, and no key.", "Set ENCRYPTION_KEYS as it was before."
        )
    seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
    shut = sum(not _opens(seal, one) for one in sealed)
    if shut:
        to_do = "Add the key that they were encrypted with to the end of ENCRYPTION_KEYS."
        return fail("encryption_keys", f"{shut} of {len(sealed)} secrets cannot be opened.", to_do)
    return ok("encryption_keys", f"They open all {len(sealed)} secrets.")


def _opens(seal: Seal, sealed: str) -> bool:
    try:
        seal.open(sealed)
    except SealBrokenError:
        return False
    return True


async def _withheld(db: Database) -> str:
    """Which scopes were left out at how many installations: what needs them is off there."""
    async with db.read() as session:
        granted = (await session.execute(select(bots.c.bot_scopes))).scalars().all()
    missing = Counter(feature.scope for scopes in granted for feature in off((scopes or "").split(",")))
    told = ", ".join(f"{scope} at {count}" for scope, count in sorted(missing.items()))
    return f"; not granted, and what needs it off: {told}" if told else ""


async def _workspaces(db: Database, settings: Settings) -> Line:
    counts = select(
        func.count(), func.count(Workspace.sealed_key), func.count(Workspace.key_refused_at)
    ).where(Workspace.left_at.is_(None))
    async with db.read() as session:
        installed, connected, refused = (await session.execute(counts)).one()
    words = f"{installed} known"
    if settings.uses_oauth:
        words += f", {connected} connected to Origami{await _withheld(db)}"
    if refused:
        to_do = "Ask their admins to enter a current key: Home, Connect Origami (or ORIGAMI_API_KEY)."
        return warn("workspaces", f"{words}; Origami refuses the key of {refused}.", to_do)
    return ok("workspaces", f"{words}.")
