"""Somebody of another company sends whatever our app listens to: nothing starts, is pressed or stops."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.web import EVENTS_PATH
from storage.records.base import Base
from tests.security.agreeable import OUTSIDER, agreeable_slack
from tests.security.corpus import LINKS, NOBODY, Json, Place, encoded
from tests.security.furnished import RUNNING, furnish
from tests.security.in_process import answer, hearing
from tests.security.signing import signed
from tests.security.test_fuzz import FORM, SECRET, settings_of
from tests.security.test_isolation import settled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.types import ASGIApp

    from storage.database import Database

TOLD = ("/respond/", "/chat.postEphemeral", "/chat.postMessage", "/conversations.open", "/users.info")
"""What may be said to an outsider: why not, where only they see it; and who they are may be asked."""
QUIET = {
    "block_actions show_runs",
    "event_callback channel_id_changed",
    "event_callback message",
    "event_callback team_access_granted",
    "event_callback team_access_revoked",
    "event_callback tokens_revoked",
    "url_verification None",
}
"""Answered in words, taken with another event for the same message, or of no person."""
SUBJECTS = (NOBODY, RUNNING)


@dataclass(frozen=True)
class Abroad(Place):
    """The same place, where whoever acts is of another company."""

    home: str = "T0STRANGE02"

    def _base(self, kind: str) -> Json:
        made = super()._base(kind)
        return made | {"user": made["user"] | {"id": OUTSIDER, "team_id": self.home}}

    def envelope(self, event: Json, *, shared: bool = False) -> Json:
        del shared
        theirs = {"user": OUTSIDER, "user_team": self.home}
        return super().envelope(event | theirs, shared=True)

    def command(self, words: str) -> Json:
        """Slack: a command belongs to the workspace of whoever types it."""
        return super().command(words) | {"team_id": self.home, "user_id": OUTSIDER}


@dataclass
class Heard:
    """A process that hears, what is kept by it, and what it asks of Slack and Origami."""

    db: Database
    site: ASGIApp
    slack: str
    asked: list[str]

    async def effects(self, kind: str, payload: Json) -> set[str]:
        """What came of a payload: tables that changed, paths that were asked for, what was offered."""
        before = await rows(self.db)
        self.asked.clear()
        body = encoded(kind, payload)
        headers = signed(SECRET, body) | {"Content-Type": FORM}
        status, told, _ = await answer(self.site, EVENTS_PATH, body, headers)
        assert status in {200, 400}, payload
        await settled()
        after = await rows(self.db)
        found = {f"table {name}" for name in after if after[name] != before[name]}
        found |= {path for path in self.asked if not any(part in path for part in TOLD)}
        return found | ({"offered"} if b'"options":[{' in told.replace(b" ", b"") else set())


async def rows(db: Database) -> dict[str, list[str]]:
    """All that is kept but for what was refused and which requests came."""
    found = {}
    async with db.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name == "inbox" or "slack_" in table.name:
                continue
            statement = select(table)
            if table.name == "audit":
                statement = statement.where(table.c.action != "refused")
            if table.name == "deliveries":
                # Words to one person about why not.
                statement = statement.where(table.c.kind != "notice")
            found[table.name] = sorted(map(repr, (await session.execute(statement)).all()))
    return found


@pytest.fixture
async def heard(sqlite_url: str) -> AsyncIterator[Heard]:
    asked: list[str] = []
    settings = partial(settings_of, url=sqlite_url, many=False)
    async with agreeable_slack(asked) as slack, hearing(settings(slack)) as (app, site):
        # Home that the bot shows anew by itself would fall into the turn of whatever is sent just then.
        await app.ticks.stop(60)
        yield Heard(app.context.db, site, slack, asked)


def everything(place: Place) -> Iterator[tuple[str, Json]]:
    """What a place sends, but for links, which Slack's client follows by itself."""
    for kind, payload in place.everything():
        if not (payload.get("actions") and payload["actions"][0]["action_id"].startswith(LINKS)):
            yield kind, payload


async def walked(heard: Heard, place: Place) -> dict[str, set[str]]:
    """What came of everything that a place sends, by what it was."""
    found: dict[str, set[str]] = {}
    for kind, payload in everything(replace(place, respond=f"{heard.slack}respond/1", subjects=SUBJECTS)):
        await furnish(heard.db, Place())
        came = await heard.effects(kind, payload)
        found.setdefault(named(payload), set()).update(came)
    return found


def named(payload: Json) -> str:
    """Which listener a payload is for, in words."""
    event, view, actions = (payload.get(name) or {} for name in ("event", "view", "actions"))
    what = actions[0]["action_id"] if actions else view.get("callback_id") or event.get("type")
    what = what or payload.get("callback_id") or payload.get("action_id")
    return f"{payload.get('type', 'command')} {what}"


async def test_nothing_comes_of_whatever_an_outsider_sends(heard: Heard) -> None:
    found = await walked(heard, Abroad(own_keys=False))
    assert len(found) > 50
    assert {name: effects for name, effects in found.items() if effects} == {}


async def test_of_what_one_of_ours_sends_something_comes(heard: Heard) -> None:
    found = await walked(heard, Place(own_keys=False))
    listeners: dict[str, set[str]] = {}
    for name, effects in found.items():
        listeners.setdefault(name.partition(":")[0], set()).update(effects)
    assert {name for name, effects in listeners.items() if not effects} == QUIET
