"""What the README says of settings and commands is what the code knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.core import TyperCommand, TyperGroup

from bot.cli import COMMANDS, load
from bot.deliveries.claiming import UPDATES_A_MINUTE
from bot.origami import PROMPT_LIMIT, Priority, ceiling
from bot.origami.saved_view import ROWS as PREVIEW_ROWS
from bot.runs.attachments import MOST_BYTES, MOST_FILES
from bot.runs.context import Pace
from bot.runs.hear import MOST_WAITING
from bot.runs.schedules import MOST_OF_A_PERSON
from bot.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OPERATORS = (ROOT / "docs/for-operators.md").read_text(encoding="utf-8")
PROMISES = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
LIMITS = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \| [^|]+ \|$", PROMISES, re.MULTILINE))
ROWS = {
    match[1]: (match[2].strip().strip("`"), match[3].strip())
    for match in re.finditer(r"^\| `([A-Z_]+)` \|(.*?)\|(.*)\|$", README, re.MULTILINE)
}


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_every_setting_stands_in_the_readme_as_the_code_explains_it(name: str) -> None:
    field = Settings.model_fields[name]
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    assert ROWS[str(field.alias)] == ("" if default in (None, ()) else str(default), field.description)


def test_the_readme_names_no_setting_that_is_not_there() -> None:
    assert set(ROWS) == {str(field.alias) for field in Settings.model_fields.values()}


def sub_commands() -> dict[str, TyperCommand]:
    groups = {name: group for name in COMMANDS if isinstance(group := load(name), TyperGroup)}
    return {
        f"{name} {called}": command
        for name, group in groups.items()
        for called, command in group.commands.items()
    }


def test_every_command_stands_in_the_readme() -> None:
    commands = {*COMMANDS, *sub_commands()} - {path.split()[0] for path in sub_commands()}
    section = README.split("## Commands")[1].split("## Settings")[0]
    assert {name for name in commands if f"`{name}" in section or f"slack {name}`" in section} == commands


def test_every_command_and_option_of_the_operator_is_explained() -> None:
    section = OPERATORS.split("## Commands")[1]
    alone = {name: load(name) for name in ("backup", "restore", "recheck")}
    for path, command in (sub_commands() | alone).items():
        assert f"`{path}" in section, path
        options = {one for parameter in command.params for one in parameter.opts if one.startswith("--")}
        assert {one for one in options if one not in section} == set(), path


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\((docs/[^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).exists(), picture


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a brief", f"{PROMPT_LIMIT:,} characters"),
        ("files with a request", f"{MOST_FILES}, of {MOST_BYTES // 2**20} MB each"),
        ("requests that wait in one thread", f"{MOST_WAITING}"),
        ("recurring briefs of one person", f"{MOST_OF_A_PERSON}"),
        ("a preview", f"{PREVIEW_ROWS} rows"),
        ("a run of which Origami says nothing", f"{Pace().silence_limit / 60:.0f} minutes"),
        ("requests to Origami", f"{ceiling(Priority.START)} of the 100 a minute"),
        ("posts", f"{1 / Pace().posts_apart:.0f} a second in a channel"),
        ("updates of messages", f"{UPDATES_A_MINUTE} a minute in a workspace"),
    ],
)
def test_each_limit_in_the_docs_is_the_codes(what: str, words: str) -> None:
    assert LIMITS[what].startswith(words)
