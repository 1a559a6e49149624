"""The command line knows what its commands are, and a call loads no more than it needs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import COMMANDS, app, load

ROOT = Path(__file__).parents[2]

ONLY_SOME_NEED = {
    "PIL": "a funnel's picture",
    "alembic": "a schema that is behind",
    "bot.doctor": "`doctor`",
    "bot.sandbox": "`sandbox`",
    "cryptography": "ENCRYPTION_KEYS",
    "psycopg": "PostgreSQL",
    "rich": "a table or a bar on a terminal",
    "sentry_sdk": "SENTRY_DSN",
    "xlsxwriter": "a file for Excel",
    "yaml": "the manifest",
}
"""What takes time and memory, and what it is loaded for."""
ONLY_THE_BOT_NEEDS = {
    "aiohttp": "Slack and Origami",
    "apscheduler": "ticks",
    "handlers": "what comes in from Slack",
    "httpx": "Origami",
    "markdown_to_slack_blocks": "answers",
    "prometheus_client": "metrics",
    "slack_bolt": "what comes in from Slack",
    "uvicorn": "HTTP",
}
EVERY_COMMAND_DECIDES = {
    "pydantic": "settings",
    "sqlalchemy": "the database",
    "structlog": "logs",
}


def loaded_by(code: str) -> set[str]:
    """The modules, and their packages, of a Python that has run the code."""
    whole = f"import sys; {code}; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", whole], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_the_command_line_by_itself_loads_none_of_what_its_commands_need() -> None:
    unwanted = {**ONLY_SOME_NEED, **ONLY_THE_BOT_NEEDS, **EVERY_COMMAND_DECIDES}
    assert loaded_by("import bot.cli") & unwanted.keys() == set()


def test_the_bot_loads_only_what_every_bot_needs() -> None:
    found = loaded_by("from bot import cli; cli.load('run')")
    assert found & ONLY_SOME_NEED.keys() == set()
    assert ONLY_THE_BOT_NEEDS.keys() <= found


@pytest.mark.parametrize("name", ["backup", "migrate", "runs", "workspaces"])
def test_an_operators_command_loads_nothing_that_speaks_to_slack_or_origami(name: str) -> None:
    found = loaded_by(f"from bot import cli; cli.load('{name}')")
    assert found & ONLY_THE_BOT_NEEDS.keys() == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_its_own_help_says(name: str) -> None:
    first = (load(name).help or "").split("\n\n")[0]
    assert " ".join(inspect.cleandoc(first).split()) == COMMANDS[name][1]


def test_a_command_that_there_is_not_is_told_with_one_that_is_like_it() -> None:
    said = CliRunner().invoke(app, ["worke"])
    assert (said.exit_code, "'worker'" in said.output) == (2, True)
