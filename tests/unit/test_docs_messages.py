"""What the docs quote is what the code says."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ANYTHING = "\0"
"""Stands where a message names what differs."""
THEIRS = ("Slack: “", "SQLite: “", "or “operation_timeout")
"""What comes before words that are not ours."""


def said(node: ast.AST) -> str:
    """The words of a string in the code, with a mark for each part that is only known at run time."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w+\}", ANYTHING, node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(said(part) for part in node.values)
    if isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Call) and node.value.args:
        return said(node.value.args[0])
    return ANYTHING


def words_of_the_code() -> list[str]:
    found = []
    for package in ("bot", "handlers", "storage"):
        for path in (ROOT / package).rglob("*.py"):
            tree = ast.parse(path.read_text("utf-8"))
            found += [said(node) for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
    return found


CODE = "\n".join(words_of_the_code())


def quoted(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    marks = re.finditer(r"“([^”]+)”", text)
    return [mark[1] for mark in marks if not text[: mark.end()].removesuffix(f"{mark[1]}”").endswith(THEIRS)]


def stands_in_the_code(words: str, code: str = CODE) -> bool:
    pattern = r"[^\n]*".join(re.escape(part) for part in words.split("…"))
    return re.search(pattern, code) is not None


@pytest.mark.parametrize("words", quoted(ROOT / "docs/troubleshooting.md"))
def test_each_message_in_the_troubleshooting_is_the_bots_own(words: str) -> None:
    assert stands_in_the_code(words)


def test_words_that_nobody_says_are_noticed() -> None:
    assert not stands_in_the_code("Origami has no idea what … means.")
    assert stands_in_the_code("Slack was not heard for … s")
    assert stands_in_the_code("It is … now.", code=f"It is {ANYTHING} now.")
