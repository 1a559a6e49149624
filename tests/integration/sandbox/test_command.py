"""`origami-slack sandbox` at the terminal."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from bot import cli
from bot.sandbox import command
from bot.sandbox.examples import EXAMPLES
from bot.sandbox.local_origami import SCENARIOS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "built_page", lambda _: tmp_path)


def said(*words: str) -> str:
    result = CliRunner().invoke(cli.app, ["sandbox", *words])
    assert result.exit_code == 1, result.output
    return result.output.strip()


@pytest.mark.usefixtures("built")
def test_a_port_that_is_taken_is_one_line_with_the_way_out() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert said("--port", str(port)).splitlines() == [
            f"Port {port} is taken: origami-slack sandbox --port {port + 10}"
        ]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["--mode", "pigeon"], "--mode"),
        (["--no-bot", "--data", "here"], "--data"),
        (["--bot", "http://127.0.0.1:3000/slack/events", "--database", "sqlite:///x"], "--database"),
        (["--manifest", "/no/such/file"], "/no/such/file"),
    ],
)
def test_options_that_cannot_be_are_named(words: list[str], names: str) -> None:
    answer = said(*words)
    assert names in answer
    assert "Traceback" not in answer


@pytest.mark.usefixtures("built")
def test_a_database_that_is_none_is_named() -> None:
    assert "DATABASE_URL" in said("--port", "0", "--database", "mysql://x")


def test_another_apps_manifest_registers_that_app(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yml"
    path.write_text("display_information: {name: Pigeon}\nfeatures: {slash_commands: [{command: /coo}]}\n")
    options = command.options(
        port=0, bot=None, own_bot=False, mode="socket", database=None, data=None, manifest=path
    )
    assert options.manifest["display_information"]["name"] == "Pigeon"


def test_every_example_asks_for_something_that_the_local_origami_knows() -> None:
    for example in EXAMPLES:
        _, _, tag = example.brief.partition("[")
        assert not tag or tag.removesuffix("]") in SCENARIOS
