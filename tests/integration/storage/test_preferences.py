"""Preferences and feedback, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import settings as quick
from hypothesis import strategies as st
from sqlalchemy import select

from bot.runs import feedback
from bot.runs.answer import NotFoundError
from bot.workspaces.known import workspace_of
from bot.workspaces.preferences import Preferences, mine, preferences_for, set_mine, set_shared, shared
from storage import feedback as verdicts
from storage.preferences import PERSONAL, SHARED, settable
from storage.records import AuditEntry, Preference, Run, Thread, Workspace

if TYPE_CHECKING:
    from storage.database import Database

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
async def workspace(db: Database) -> Workspace:
    return await workspace_of(db, team_id="T", enterprise_id="", new_id=lambda: "W")


async def test_a_workspace_is_made_once(db: Database, workspace: Workspace) -> None:
    again = await workspace_of(db, team_id="T", enterprise_id="", new_id=lambda: "other")
    assert again.id == workspace.id == "W"


async def test_nothing_set_is_the_default(db: Database, workspace: Workspace) -> None:
    assert await preferences_for(db, "W", "U", "C") == Preferences()
    assert await preferences_for(db, "W", "", "") == Preferences()


async def test_the_narrower_scope_wins_name_by_name(db: Database, workspace: Workspace) -> None:
    await set_shared(db, "W", "A", "", {"model": "lite", "remind_minutes": 15, "replies": "anyone"})
    await set_shared(db, "W", "A", "C", {"model": "max", "who_may_stop": "admins"})
    await set_mine(db, "W", "U", {"notify": "dm", "broadcast": True, "model": None})
    common: dict[str, Any] = {"remind_minutes": 15, "replies": "anyone"}
    channel: dict[str, Any] = {**common, "who_may_stop": "admins"}
    assert await preferences_for(db, "W", "U", "C") == Preferences(notify="dm", broadcast=True, **channel)
    assert await preferences_for(db, "W", "other", "C") == Preferences(model="max", **channel)
    assert await preferences_for(db, "W", "other", "D") == Preferences(model="lite", **common)


async def test_what_is_left_out_falls_to_the_wider_scope_again(db: Database, workspace: Workspace) -> None:
    await set_shared(db, "W", "A", "C", {"replies": "anyone", "model": "max"})
    await set_shared(db, "W", "A", "C", {"model": "max"})
    assert await preferences_for(db, "W", "U", "C") == Preferences(model="max")
    assert await shared(db, "W", "C") == {"model": "max"}
    assert await shared(db, "W", "") == {}


async def test_a_person_cannot_set_what_is_an_admins(db: Database, workspace: Workspace) -> None:
    await set_mine(db, "W", "U", {"who_may_stop": "anyone", "replies": "anyone", "notify": "both"})
    assert await mine(db, "W", "U") == {"notify": "both"}
    async with db.write() as session:
        row = await session.get_one(Preference, ("W", "user", "U"))
        row.values = {"who_may_stop": "anyone", "notify": "both"}
    assert await preferences_for(db, "W", "U", "C") == Preferences(notify="both")


async def test_a_user_and_a_channel_of_one_name_are_told_apart(db: Database, workspace: Workspace) -> None:
    await set_mine(db, "W", "X", {"model": "mine"})
    assert await preferences_for(db, "W", "", "X") == Preferences()


async def test_another_workspaces_settings_do_not_count(db: Database, workspace: Workspace) -> None:
    await workspace_of(db, team_id="T2", enterprise_id="", new_id=lambda: "W2")
    await set_shared(db, "W2", "A", "", {"replies": "anyone"})
    assert await preferences_for(db, "W", "U", "C") == Preferences()


async def test_who_changed_shared_settings_is_noted(db: Database, workspace: Workspace) -> None:
    await set_shared(db, "W", "A", "C", {"replies": "anyone"})
    async with db.read() as session:
        [entry] = (await session.execute(select(AuditEntry))).scalars()
    assert (entry.actor_id, entry.action) == ("A", "settings")
    assert entry.details == {"scope": "channel", "subject": "C", "replies": "anyone"}


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.lists(st.integers(), max_size=1)
)
VALUES = st.dictionaries(st.sampled_from([*PERSONAL, *SHARED, "new"]) | st.text(max_size=9), ANYTHING)


@quick(max_examples=100, deadline=None)
@given(VALUES)
def test_what_nobody_can_use_counts_as_not_set(values: dict[str, Any]) -> None:
    kept = settable("user", values) | settable("channel", values)
    assert Preferences.of(values) == Preferences.of(kept)
    assert settable("user", values).keys() <= PERSONAL
    assert settable("workspace", values).keys() <= SHARED


async def a_run(db: Database) -> None:
    async with db.write() as session:
        session.add(Thread(id="t", workspace_id="W", channel_id="C", requester_id="U"))
        await session.flush()
        session.add(
            Run(id="r", workspace_id="W", thread_id="t", requester_id="U", source="command", prompt="x")
        )


async def test_a_persons_last_verdict_counts(db: Database, workspace: Workspace) -> None:
    await a_run(db)
    for user, verdict in (("U", "bad"), ("V", "good"), ("U", "good"), ("X", "bad")):
        async with db.write() as session:
            await verdicts.record(session, workspace_id="W", run_id="r", user_id=user, verdict=verdict)
    async with db.read() as session:
        assert await verdicts.count(session, "W", since=LONG_AGO) == {"good": 2, "bad": 1}
        later = datetime.now(UTC) + timedelta(hours=1)
        assert await verdicts.count(session, "W", since=later) == {}
        assert await verdicts.count(session, "W2", since=LONG_AGO) == {}


class Tools:
    """As much of the context as a verdict needs."""

    def __init__(self, db: Database) -> None:
        self.db = db


@pytest.mark.parametrize(
    ("team", "run", "verdict"), [("T", "other", "good"), ("T2", "r", "good"), ("T", "r", "splendid")]
)
async def test_a_verdict_on_nothing_of_this_workspace_is_not_kept(
    db: Database, workspace: Workspace, team: str, run: str, verdict: str
) -> None:
    from bot.runs.notify import Actor
    from bot.runs.start import Team

    await a_run(db)
    with pytest.raises(NotFoundError):
        await feedback.give(Tools(db), Actor("k", Team(team), "U"), run, verdict)  # type: ignore[arg-type]
    async with db.read() as session:
        assert await verdicts.count(session, "W", since=LONG_AGO) == {}
