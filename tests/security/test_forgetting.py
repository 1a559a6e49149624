"""All that is kept of a workspace is deleted while its people go on: each of them gets an orderly answer."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.views import ids
from bot.web import EVENTS_PATH
from bot.workspaces.leaving import Leaving
from storage import workspaces
from storage.database import Database
from storage.records.base import Base
from tests.security.agreeable import agreeable_slack
from tests.security.corpus import Place, encoded
from tests.security.furnished import furnish
from tests.security.in_process import hearing, post
from tests.security.signing import signed
from tests.security.test_fuzz import FORM, SECRET, settings_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlalchemy.ext.asyncio import AsyncSession
    from starlette.types import ASGIApp


PLACE = Place(own_keys=False)
WHOLE: tuple[set[str], ...] = (set(), {"threads", "runs", "deliveries"})
WRITES = (1, 2, 3)
"""Before which of a request's transactions the workspace is deleted; few have more."""


class Interruption:
    """Deletes what is kept of a workspace before the ``turn``-th transaction that writes begins."""

    def __init__(self, forget: Any) -> None:
        self._forget, self._left, self.came = forget, 0, False

    def arm(self, turn: int) -> None:
        self._left, self.came = turn, False

    async def __call__(self) -> None:
        self._left -= 1
        if self._left == 0:
            self.came = True
            await self._forget()


@dataclass(frozen=True)
class Heard:
    """A process that hears, and what interrupts its transactions."""

    db: Database
    site: ASGIApp
    interruption: Interruption
    respond: str


@pytest.fixture
async def heard(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Heard]:
    settings = partial(settings_of, url=database_url, many=False)
    async with agreeable_slack() as slack, hearing(settings(slack)) as served:
        app, site = served
        context, plain = app.context, Database.write
        leaving = Leaving(context.db, context.origami, None, context.new_id)

        async def forget() -> None:
            async with context.db.read() as session:
                found = await workspaces.find(session, team_id=PLACE.team)
            assert found is not None
            with monkeypatch.context() as undisturbed:
                undisturbed.setattr(Database, "write", plain)
                await leaving.forget(found, PLACE.user)

        interruption = Interruption(forget)

        @asynccontextmanager
        async def write(db: Database) -> AsyncIterator[AsyncSession]:
            await interruption()
            async with plain(db) as session:
                yield session

        monkeypatch.setattr(Database, "write", write)
        yield Heard(app.context.db, site, interruption, f"{slack}respond/1")


def everything(respond: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What a place can send, but for the deletion itself."""
    for kind, payload in replace(PLACE, respond=respond).everything():
        if not (payload.get("actions") and payload["actions"][0]["action_id"] == ids.FORGET):
            yield kind, payload


async def kept(db: Database) -> set[str]:
    """Which tables hold anything of a workspace."""
    tables = [table for table in Base.metadata.sorted_tables if "workspace_id" in table.c]
    async with db.read() as session:
        return {table.name for table in tables if (await session.execute(select(table).limit(1))).first()}


@pytest.mark.parametrize("turn", WRITES)
async def test_whoever_acts_at_that_moment_gets_an_answer_and_nothing_is_half_kept(
    heard: Heard, turn: int
) -> None:
    overtaken = 0
    for kind, payload in everything(heard.respond):
        await furnish(heard.db, PLACE)
        body = encoded(kind, payload)
        with capture_logs() as logs:
            heard.interruption.arm(turn)
            status = await post(heard.site, EVENTS_PATH, body, signed(SECRET, body) | {"Content-Type": FORM})
            heard.interruption.arm(0)
        assert [entry for entry in logs if entry["log_level"] in {"error", "critical"}] == [], payload
        assert status in {200, 400}, payload
        overtaken += "request.overtaken" in {entry["event"] for entry in logs}
        if heard.interruption.came:
            # A brief may come just after: then all of it is there.
            assert {"threads", "runs", "deliveries"} & (found := await kept(heard.db)) in WHOLE, payload
            assert "choices" not in found
    assert overtaken or turn > 1
