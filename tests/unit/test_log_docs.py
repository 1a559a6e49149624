"""The lines that the docs explain are those that the code writes."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bot import error_reports

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/logs.md").read_text("utf-8")
EVENTS = {
    name
    for row in re.findall(r"^\| (`[a-z_]+\..*?) \|", PAGE, re.MULTILINE)
    for name in re.findall(r"`(.+?)`", row)
}


def written() -> dict[str, set[str]]:
    """Each event that the product logs, with the fields that every place gives it."""
    found: dict[str, set[str]] = {}
    for package in ("bot", "handlers", "storage"):
        for module in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(module.read_text("utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    of = node.func.value
                    if isinstance(of, ast.Name) and of.id == "log" and node.args:
                        assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
                        found.setdefault(node.args[0].value, set()).update(
                            keyword.arg or "ids" for keyword in node.keywords
                        )
    return found


def test_every_event_that_the_page_explains_is_written() -> None:
    assert EVENTS
    assert EVENTS - set(written()) == set()


def test_every_change_of_a_runs_or_messages_state_is_explained() -> None:
    states = {event for event in written() if event.startswith(("run.", "delivery.", "app.", "tick."))}
    assert states - EVENTS == {"tick.settle_failed"}


def test_an_event_is_named_by_its_subject_and_what_befell_it() -> None:
    assert [event for event in written() if not re.fullmatch(r"[a-z_]+\.[a-z_]+", event)] == []


def test_no_line_is_given_what_people_wrote_or_a_secret() -> None:
    words = {"prompt", "text", "body", "payload", "answer", "key", "token", "secret", "response_url", "label"}
    assert {event: fields & words for event, fields in written().items() if fields & words} == {}


def test_what_goes_along_to_sentry_is_ids_and_words_of_ours() -> None:
    assert set(error_reports.TAGS) & {"prompt", "error", "url", "reason"} == set()
