"""The pages on security say what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.manifest import manifest

ROOT = Path(__file__).parents[2]
PAGES = ("docs/security.md", "docs/slack-review.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    named = re.findall(r"`((?:tests|bot|handlers|storage)/[\w/]+\.py)`", (ROOT / page).read_text("utf-8"))
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_page_that_a_page_links_is_there(page: str) -> None:
    linked = re.findall(r"\]\((?!https:)([^)#]+)", (ROOT / page).read_text("utf-8"))
    assert [name for name in linked if not (ROOT / "docs" / name).exists()] == []


def test_what_the_manifest_says_of_the_agent_is_short_and_that_it_can_be_wrong() -> None:
    described = manifest()
    agent = described["features"]["agent_view"]["agent_description"]
    assert len(agent.split()) <= 25
    for words in (agent, described["display_information"]["long_description"]):
        assert "can be wrong" in words


def test_every_scope_has_its_reason_and_no_other_is_listed() -> None:
    asked = manifest()["oauth_config"]["scopes"]
    rows = re.findall(
        r"^\| `([\w.:]+)` \| (.+) \| (.+) \|$", (ROOT / PAGES[1]).read_text("utf-8"), re.MULTILINE
    )
    assert [scope for scope, _, _ in rows] == sorted([*asked["bot"], *asked.get("bot_optional", [])])


def test_every_test_of_security_is_in_the_threat_model() -> None:
    told = (ROOT / PAGES[0]).read_text("utf-8")
    tests = sorted(path.name for path in (ROOT / "tests/security").glob("test_*.py"))
    assert [name for name in tests if f"tests/security/{name}" not in told] == []
