"""What Slack is answered when a listener has raised."""

from __future__ import annotations

import json
import sqlite3
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from bot.tasks import Tasks
from handlers.failures import Failures
from handlers.payloads import MalformedError


def orphaned() -> IntegrityError:
    """As SQLite refuses a row whose workspace is gone."""
    error = sqlite3.IntegrityError("FOREIGN KEY constraint failed")
    error.sqlite_errorname = "SQLITE_CONSTRAINT_FOREIGNKEY"
    return IntegrityError("INSERT INTO preferences", {}, error)


class Person:
    """Who is told something, as Bolt's context has them."""

    response_url, user_id = "https://hooks.slack.com/1", "U1"

    def __init__(self) -> None:
        self.told: list[str] = []

    async def respond(self, *, text: str, **_: Any) -> None:
        self.told.append(text)


async def answered(error: Exception, body: dict[str, Any], person: Person | None = None) -> Any:
    tasks = Tasks(lambda _: False)
    desk: Any = SimpleNamespace(tasks=tasks)
    answer = await Failures(desk).failed(error, body, person or Person())  # type: ignore[arg-type]
    await tasks.drain(1)
    return answer


@pytest.mark.parametrize("error", [orphaned(), StaleDataError("0 were matched")])
async def test_a_click_on_what_was_deleted_just_then_is_acked_and_its_author_told(error: Exception) -> None:
    person = Person()
    assert (await answered(error, {"type": "block_actions"}, person)).status == 200
    assert "no longer there" in " ".join(person.told)


async def test_a_form_says_that_what_it_was_for_is_gone() -> None:
    answer = await answered(orphaned(), {"type": "view_submission"})
    told = json.loads(answer.body)
    assert (answer.status, told["response_action"]) == (200, "update")
    assert "no longer there" in json.dumps(told["view"])


async def test_whose_command_was_overtaken_reads_that_nothing_was_started_and_to_send_it_again() -> None:
    told = json.loads((await answered(orphaned(), {"command": "/origami"})).body)
    assert told["response_type"] == "ephemeral"
    assert "Not started" in told["text"]
    assert "Send it again" in told["text"]


async def test_an_event_is_to_be_delivered_again() -> None:
    assert (await answered(orphaned(), {"type": "event_callback"})).status == 409


@pytest.mark.parametrize(
    ("error", "body", "status"),
    [
        (MalformedError("Click: user"), {"type": "block_actions"}, 400),
        (RuntimeError("ours"), {"type": "block_actions"}, 500),
        (RuntimeError("ours"), {"type": "event_callback"}, 500),
        (RuntimeError("ours"), {"command": "/origami"}, 200),
    ],
)
async def test_other_errors_are_told_as_they_were(
    error: Exception, body: dict[str, Any], status: int
) -> None:
    person = Person()
    assert (await answered(error, body, person)).status == status
    assert person.told == []
