"""``origami-slack backup``, ``restore`` and ``recheck``: copies of the database."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.operating import bars
from bot.operating.opening import opened, settings, sqlite_file
from bot.operating.refusing import OperatingError, refusing
from storage import copies, rechecking, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

WITH_POSTGRESQL = (
    "DATABASE_URL is a PostgreSQL: its own tools copy it, while the bot works:\n"
    '  pg_dump --format=custom --file=origami.dump "$DATABASE_URL"\n'
    "and put it back into an empty database, while no bot runs:\n"
    '  pg_restore --no-owner --exit-on-error --dbname="$DATABASE_URL" origami.dump\n'
    "  origami-slack recheck"
)

File = Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)]


@refusing
def backup(file: File) -> None:
    """Copy the SQLite database into FILE, while the bot works."""
    database = _database(settings())
    if not database.is_file():
        raise OperatingError(f"There is no database at {database}: check DATABASE_URL.")
    with _told(), bars.pages("Copying") as progress:
        copies.take(database, file, progress)
    typer.echo(f"{file} holds the database as it stood when the copy began.")


@refusing
def restore(
    file: File,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Even though there are runs in the database: they are lost.")
    ] = False,
) -> None:
    """Put FILE in the place of the SQLite database, while no bot runs."""
    database = _database(settings())
    with _told():
        revision = copies.revision_in(file)
        if revision is None:
            raise OperatingError(f"{file} holds none of this bot's tables.")
        if revision not in schema.revisions():
            raise OperatingError(
                f"{file} was written by a newer version (schema {revision}): restore it with that one."
            )
        if not replace and not copies.is_empty(database):
            raise OperatingError(
                f"There are runs in {database}: take a backup of it, then call this with --replace."
            )
        with bars.pages("Restoring") as progress:
            copies.put_back(file, database, progress)
    asyncio.run(_migrate_and_recheck())
    typer.echo(f"{database} is what {file} was. Whatever happened since is not known to the bot.")


@refusing
def recheck() -> None:
    """After pg_restore, and before the bot starts: let nothing be sent before it was looked for."""

    async def mark() -> tuple[int, int]:
        async with opened() as db, db.write() as session:
            return await rechecking.recheck(session)

    _tell(*asyncio.run(mark()))


async def _migrate_and_recheck() -> None:
    async with opened(migrated=True) as db, db.write() as session:
        _tell(*await rechecking.recheck(session))


def _tell(runs: int, messages: int) -> None:
    typer.echo(
        f"To be looked for before anything is sent: {runs} runs at Origami, {messages} messages in Slack."
    )


def _database(found: Settings) -> Path:
    file = sqlite_file(found)
    if file is None:
        raise OperatingError(WITH_POSTGRESQL)
    return file


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except copies.CopyError as error:
        raise OperatingError(str(error)) from error
