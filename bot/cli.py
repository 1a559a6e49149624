"""The commands of ``origami-slack``."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path  # noqa: TC003  (typer reads it from the signatures)
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import structlog
import typer
import uvloop
from slack_sdk.errors import SlackApiError

from bot import error_reports, logs, operating
from bot.app import Role, SchemaBehindError, running
from bot.manifest import manifest as app_manifest
from bot.manifest import render
from bot.settings import Need, Settings, SettingsError
from bot.socket_mode import SilentError
from bot.workspaces.leaving import forget_place
from storage import rotation, schema
from storage.database import Database
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
WRONG_KEYS = (
    "None of ENCRYPTION_KEYS opens some of what is stored: add the key that it was encrypted with, behind "
    "the newest one."
)

app = typer.Typer(
    help="Origami for Slack.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)

app.add_typer(operating.runs, name="runs")
app.add_typer(operating.workspaces, name="workspaces")
for _command in (operating.backup, operating.restore, operating.recheck):
    app.command()(_command)

Host = Annotated[str | None, typer.Option(help="The address to listen on; HOST by default.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on; PORT by default.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command()
def run(host: Host = None, port: Port = None) -> None:
    """Everything in one process: Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    settings = _settings(Need.RECEIVE, host, port)
    _serve(settings, Role.RECEIVE | Role.WORK, over_http=None)


@app.command()
def web(host: Host = None, port: Port = None) -> None:
    """Only what comes in from Slack over HTTP; needs a worker beside it."""
    _serve(_settings(Need.RECEIVE_HTTP, host, port), Role.RECEIVE, over_http=True)


@app.command()
def worker() -> None:
    """Only the ticks: starts and polls runs, and posts. Any number of them on one PostgreSQL."""
    _serve(_settings(Need.SEND, None, None), Role.WORK, over_http=None)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    settings = _settings(Need.DATABASE, None, None)

    async def upgrade(db: Database) -> None:
        with operating.steps("Migrating") as progress:
            await schema.upgrade(db, progress=progress)

    asyncio.run(_on_database(settings, upgrade))
    typer.echo("The database is up to date.")


@app.command()
def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False
) -> None:
    """Look at settings, Slack, Origami and the database, and say what to do; exit with 1 if one fails."""
    from bot import doctor as surgery  # noqa: PLC0415 - the bot itself does without it

    logging.disable()
    lines = asyncio.run(surgery.examine(os.environ))
    if as_json:
        typer.echo(surgery.as_json(lines))
    else:
        surgery.show(lines, sys.stdout)
    sys.exit(0 if surgery.passed(lines) else 1)


@app.command()
def rotate_keys() -> None:
    """Encrypt every token and key with the newest of ENCRYPTION_KEYS; then the older ones can go."""
    settings = _settings(Need.SEALED, None, None)
    seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
    try:
        with operating.steps("Encrypting anew") as told:
            renewed = asyncio.run(_on_database(settings, lambda db: rotation.renew(db, seal, told)))
    except SealBrokenError:
        _fail(WRONG_KEYS)
    typer.echo(f"Encrypted the secrets in {renewed} rows with the newest key.")


@app.command()
def forget(
    *,
    team: Annotated[str, typer.Option(help="Slack's id of the workspace: T….")] = "",
    enterprise: Annotated[str, typer.Option(help="Slack's id of its organisation: E….")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Delete all that is kept of a workspace, its tokens and its key included, also beside a bot that runs.

    With --enterprise alone: of an organisation and all its workspaces.
    """
    whom = team or enterprise
    if not whom:
        _fail("Say whom to forget: --team T…, with --enterprise E… where it is in an organisation.")
    settings = _settings(Need.DATABASE, None, None)
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"Delete all that is kept of {whom}, for good?", abort=True)
    if not asyncio.run(_on_database(settings, lambda db: forget_place(db, team, enterprise))):
        _fail(f"Nothing is kept of {whom}: check the id, and --enterprise where it is in an organisation.")
    typer.echo(f"All that was kept of {whom} is deleted.")


async def _on_database(settings: Settings, work: Callable[[Database], Awaitable[Result]]) -> Result:
    db = Database(settings.async_database_url)
    try:
        return await work(db)
    finally:
        await db.close()


@app.command()
def manifest(
    url: Annotated[
        str | None, typer.Option(help="The https:// address of this bot: prints the manifest for HTTP.")
    ] = None,
) -> None:
    """Print the Slack app manifest: for Socket Mode, or with --url for HTTP."""
    try:
        typer.echo(render(app_manifest(url)), nl=False)
    except ValueError as error:
        _fail(str(error))


@app.command()
def sandbox(
    *,
    port: Annotated[int, typer.Option(min=0, max=65533, help="The port of the page.")] = 4000,
    bot: Annotated[
        str | None, typer.Option(help="The request URL of a bot that runs elsewhere: http://…/slack/events.")
    ] = None,
    own_bot: Annotated[
        bool, typer.Option("--own-bot/--no-bot", help="Start our bot, or wait for one to connect.")
    ] = True,
    mode: Annotated[str, typer.Option(help="How our bot hears from Slack: socket or http.")] = "socket",
    database: Annotated[
        str | None, typer.Option(help="Our bot's database; a SQLite file in --data by default.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="A folder to keep our bot's database and log in; else a temporary one."),
    ] = None,
    manifest_file: Annotated[
        Path | None, typer.Option("--manifest", help="The manifest of another app than ours.")
    ] = None,
) -> None:
    """Try everything in a browser: a local Slack and a local Origami, no account, no key."""
    from bot.sandbox import command  # noqa: PLC0415 - nothing of the sandbox is loaded in production

    try:
        options = command.options(
            port=port,
            bot=bot,
            own_bot=own_bot,
            mode=mode,
            database=database,
            data=data,
            manifest=manifest_file,
        )
        command.run(options)
    except command.SandboxError as error:
        _fail(str(error))


def _settings(need: Need, host: str | None, port: int | None) -> Settings:
    given = {"HOST": host, "PORT": None if port is None else str(port)}
    environ = {**os.environ, **{name: value for name, value in given.items() if value is not None}}
    try:
        settings = Settings.load(environ, need=need)
    except SettingsError as error:
        _fail(str(error))
    logs.configure(settings)
    return settings


def _serve(settings: Settings, role: Role, *, over_http: bool | None) -> None:
    async def serve() -> None:
        ended = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, ended.set)
        async with running(settings, role, over_http=over_http) as application:
            waiting: set[asyncio.Future[Any]] = {asyncio.create_task(ended.wait()), application.failure}
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if application.failure.done():
                application.failure.result()

    error_reports.start(settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve())
    except SchemaBehindError:
        _fail("The database's schema is not this version's: run `origami-slack migrate` first.")
    except SealBrokenError:
        _fail(WRONG_KEYS)
    except SlackApiError as error:
        _fail(f"Slack refuses the token ({error.response.get('error')}): check SLACK_BOT_TOKEN.")
    except (OSError, SilentError) as error:
        _fail(str(error))
    except Exception:
        log.exception("app.failed")
        sys.exit(1)
    finally:
        error_reports.stop()


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    sys.exit(1)
