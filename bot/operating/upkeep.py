"""``origami-slack migrate``, ``rotate-keys`` and ``forget``: what is done to the database as a whole."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.operating import bars
from bot.operating.opening import settings
from bot.operating.refusing import WRONG_KEYS, OperatingError, refusing
from bot.settings import Need
from bot.workspaces.leaving import forget_place
from storage import rotation, schema
from storage.database import Database
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.settings import Settings

Result = TypeVar("Result")


@refusing
def migrate() -> None:
    """Bring the database to this version's schema."""
    found = settings()

    async def upgrade(db: Database) -> None:
        with bars.steps("Migrating") as progress:
            await schema.upgrade(db, progress=progress)

    asyncio.run(_on_database(found, upgrade))
    typer.echo("The database is up to date.")


@refusing
def rotate_keys() -> None:
    """Encrypt every token and key with the newest of ENCRYPTION_KEYS; then the older ones can go."""
    found = settings(Need.SEALED)
    seal = Seal([key.get_secret_value() for key in found.encryption_keys])
    try:
        with bars.steps("Encrypting anew") as told:
            renewed = asyncio.run(_on_database(found, lambda db: rotation.renew(db, seal, told)))
    except SealBrokenError as error:
        raise OperatingError(WRONG_KEYS) from error
    typer.echo(f"Encrypted the secrets in {renewed} rows with the newest key.")


@refusing
def forget(
    *,
    team: Annotated[str, typer.Option(help="Slack's id of the workspace: T….")] = "",
    enterprise: Annotated[str, typer.Option(help="Slack's id of its organisation: E….")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Delete all that is kept of a workspace, its tokens and its key included, also beside a running bot.

    With --enterprise alone: of an organisation and all its workspaces.
    """
    whom = team or enterprise
    if not whom:
        raise OperatingError(
            "Say whom to forget: --team T…, with --enterprise E… where it is in an organisation."
        )
    found = settings()
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"Delete all that is kept of {whom}, for good?", abort=True)
    if not asyncio.run(_on_database(found, lambda db: forget_place(db, team, enterprise))):
        raise OperatingError(
            f"Nothing is kept of {whom}: check the id, and --enterprise where it is in an organisation."
        )
    typer.echo(f"All that was kept of {whom} is deleted.")


async def _on_database(found: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    db = Database(found.async_database_url)
    try:
        return await work(db)
    finally:
        await db.close()
