"""What `origami-slack sandbox` does: builds the page, starts everything, says where, and waits for Ctrl-C."""

from __future__ import annotations

import asyncio
import errno
import shlex
import signal
from pathlib import Path  # noqa: TC003  (typer reads it from the signatures)
from typing import TYPE_CHECKING, Annotated, Any

import typer
import yaml

from bot.manifest import manifest as our_manifest
from bot.sandbox.page_build import PageBuildError, built_page
from bot.sandbox.runner import SandboxOptions, running_sandbox
from bot.settings import SettingsError

if TYPE_CHECKING:
    from bot.sandbox.sandbox import Sandbox


class SandboxError(Exception):
    """The sandbox cannot start; the message is for the person at the terminal."""


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
    manifest: Annotated[Path | None, typer.Option(help="The manifest of another app than ours.")] = None,
) -> None:
    """Try everything in a browser: a local Slack and a local Origami, no account, no key."""
    try:
        run(
            options(
                port=port,
                bot=bot,
                own_bot=own_bot,
                mode=mode,
                database=database,
                data=data,
                manifest=manifest,
            )
        )
    except SandboxError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def options(
    *,
    port: int,
    bot: str | None,
    own_bot: bool,
    mode: str,
    database: str | None,
    data: Path | None,
    manifest: Path | None,
) -> SandboxOptions:
    """The options as typed. Raises SandboxError for those that do not go together."""
    if mode not in {"socket", "http"}:
        raise SandboxError("--mode is socket or http.")
    elsewhere = bot is not None or not own_bot
    if elsewhere and (database or data):
        raise SandboxError(
            "--database and --data are for our own bot: leave them out with --bot and --no-bot."
        )
    return SandboxOptions(
        port=port,
        mode="http" if mode == "http" else "socket",
        bot=bot,
        own_bot=own_bot and bot is None,
        database=database,
        data=data,
        manifest=our_manifest() if manifest is None else _read(manifest),
    )


def run(chosen: SandboxOptions) -> None:
    """Run until Ctrl-C. Raises SandboxError."""
    try:
        built = built_page(typer.echo)
        asyncio.run(_serve(chosen, built))
    except (PageBuildError, SettingsError) as error:
        raise SandboxError(str(error)) from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SandboxError(
            f"Port {chosen.port} is taken: origami-slack sandbox --port {chosen.port + 10}"
        ) from error


async def _serve(chosen: SandboxOptions, built: Path) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with running_sandbox(chosen, built) as sandbox:
        await sandbox.until_bot_is_ready()
        _greet(sandbox)
        await ended.wait()
        typer.echo("Stopping …")


def _greet(sandbox: Sandbox) -> None:
    typer.echo(
        f"The sandbox is at {sandbox.url} - open it and click an example, "
        "or type: /origami find 50 SaaS founders in Austin who raised seed"
    )
    if sandbox.bot is None:
        typer.echo("The bot joins with this environment:")
        for name, value in sandbox.environ.items():
            typer.echo(f"  {name}={shlex.quote(value)}")


def _read(path: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        document["display_information"]["name"]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise SandboxError(f"{path} is not a Slack app manifest: {error}") from error
    return dict(document)
