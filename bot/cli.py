"""``origami-slack``: its commands stand in modules of their own, and each is loaded when it is called.

So a call pays for what it needs: ``--help`` for nothing, ``runs list`` for the database, ``run`` for the bot.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from bot.collecting import nothing_collected

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS = {
    "run": (
        "bot.serving:run",
        "Everything in one process: Socket Mode when SLACK_APP_TOKEN is set, else HTTP.",
    ),
    "web": ("bot.serving:web", "Only what comes in from Slack over HTTP; needs a worker beside it."),
    "worker": (
        "bot.serving:worker",
        "Only the ticks: starts and polls runs, and posts. Any number of them on one PostgreSQL.",
    ),
    "migrate": ("bot.operating.upkeep:migrate", "Bring the database to this version's schema."),
    "doctor": (
        "bot.doctor.command:doctor",
        "Look at settings, Slack, Origami and the database, and say what to do; exit with 1 if one fails.",
    ),
    "rotate-keys": (
        "bot.operating.upkeep:rotate_keys",
        "Encrypt every token and key with the newest of ENCRYPTION_KEYS; then the older ones can go.",
    ),
    "forget": (
        "bot.operating.upkeep:forget",
        "Delete all that is kept of a workspace, its tokens and its key included, also beside a running bot.",
    ),
    "manifest": (
        "bot.operating.manifest:manifest",
        "Print the Slack app manifest: for Socket Mode, or with --url for HTTP.",
    ),
    "sandbox": (
        "bot.sandbox.command:sandbox",
        "Try everything in a browser: a local Slack and a local Origami, no account, no key.",
    ),
    "backup": (
        "bot.operating.copies:backup",
        "Copy the SQLite database into FILE, while the bot works.",
    ),
    "restore": (
        "bot.operating.copies:restore",
        "Put FILE in the place of the SQLite database, while no bot runs.",
    ),
    "recheck": (
        "bot.operating.copies:recheck",
        "After pg_restore, and before the bot starts: let nothing be sent before it was looked for.",
    ),
    "runs": ("bot.operating.runs:app", "Runs: list, show, retry, stop."),
    "workspaces": ("bot.operating.workspaces:app", "Workspaces: list, show."),
}
"""Where each command stands, or its group of commands, and how its help begins."""


def load(name: str) -> TyperCommand | TyperGroup:
    """A command, or a group of them, with the module in which it stands."""
    module, _, attribute = COMMANDS[name][0].partition(":")
    with nothing_collected(), _without_rich() if module == "bot.serving" else contextlib.nullcontext():
        found = getattr(importlib.import_module(module), attribute)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    command = typer.main.get_command(alone)
    assert isinstance(command, TyperCommand)
    return command


class _Elsewhere(TyperCommand):
    """Shows how a command's help begins, and is the command itself as soon as it is called."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:  # noqa: ANN401  (typer's own classes)
        assert self.name is not None
        return load(self.name).make_context(info_name, args, parent, **extra)


class _Commands(TyperGroup):
    def __init__(self, **given: Any) -> None:  # noqa: ANN401  (whatever typer gives its groups)
        super().__init__(**given)
        for name, (_, words) in COMMANDS.items():
            self.add_command(_Elsewhere(name=name, help=words))


app = typer.Typer(cls=_Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def origami_slack() -> None:
    """Origami for Slack."""


def main() -> None:
    """Run the command line."""
    app()


@contextlib.contextmanager
def _without_rich() -> Iterator[None]:
    """5 MB that structlog and httpx load, where it is installed, for what the bot never prints."""
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # an import of it fails from now on
    try:
        yield
    finally:
        del sys.modules["rich"]
