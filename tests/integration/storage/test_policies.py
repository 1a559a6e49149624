"""What is kept of a policy, and that nobody slips past its limits: on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.runs.accept import accept
from bot.runs.context import Context, Pace
from bot.runs.guard import Refused, Who
from bot.runs.permission import Facts
from bot.runs.start import Brief, Team
from bot.workspaces.known import workspace_of
from bot.workspaces.policies import policy_of, set_policy
from bot.workspaces.preferences import set_shared, shared
from storage.database import Database
from storage.policies import MOST_LISTED, Policy
from storage.records import AuditEntry, Run, RunState

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEAM = Team("T1")


def working_on(db: Database) -> Context:
    return Context(
        db=db,
        origami=None,  # type: ignore[arg-type]  # never asked
        files=None,  # type: ignore[arg-type]  # never asked
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        jitter=lambda: 0.5,
        wake=lambda tick: None,
        owner="me",
        pace=Pace(),
    )


@pytest.fixture
async def other_process(database_url: str) -> AsyncIterator[Database]:
    """Another process on the same database."""
    database = Database(database_url)
    yield database
    await database.close()


async def workspace_id(db: Database) -> str:
    return (await workspace_of(db, team_id="T1", enterprise_id="", new_id=lambda: str(uuid.uuid4()))).id


async def holds(db: Database, **values: Any) -> None:
    await set_policy(db, await workspace_id(db), "UADMIN", Policy(**values))


def brief(user_id: str = "U1", **changes: Any) -> Brief:
    return Brief(f"key:{uuid.uuid4()}", TEAM, "C1", user_id, "find dentists", "command", **changes)


async def count(db: Database, record: Any) -> int:
    async with db.read() as session:
        return int((await session.execute(select(func.count()).select_from(record))).scalar_one())


async def change_runs(db: Database, **values: Any) -> None:
    async with db.write() as session:
        await session.execute(update(Run).values(**values))


async def test_a_policy_is_kept_and_the_form_for_settings_leaves_it_alone(db: Database) -> None:
    known = await workspace_id(db)
    assert await policy_of(db, known) == Policy()
    policy = Policy(who_may_start="listed", people=("U1",), channels=("C1",), runs_a_day=5)
    await set_policy(db, known, "UADMIN", policy)
    await set_shared(db, known, "UADMIN", "", {"replies": "anyone"})
    assert await policy_of(db, known) == Policy(
        who_may_start="listed", people=("U1",), channels=("C1",), runs_a_day=5, set_by="UADMIN"
    )
    assert await shared(db, known, "") == {"replies": "anyone"}


async def test_a_change_of_policy_is_in_the_audit(db: Database) -> None:
    await holds(db, runs_at_once=2)
    async with db.read() as session:
        [entry] = (await session.execute(select(AuditEntry))).scalars().all()
    assert (entry.actor_id, entry.action, entry.details["scope"]) == ("UADMIN", "settings", "roles")
    assert entry.details["runs_at_once"] == 2


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False)),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
NAMES = st.sampled_from([*Policy.__dataclass_fields__, "something_new"])


@given(st.dictionaries(NAMES, JSON))
def test_whatever_stands_there_reads_as_a_policy(values: dict[str, Any]) -> None:
    policy = Policy.of(values)
    assert policy.who_may_start in {"everyone", "listed"}
    assert policy.guests in {"may", "may_not"}
    assert policy.runs_at_once >= 0
    assert all(isinstance(one, str) for one in (*policy.people, *policy.groups, *policy.channels))


def test_a_list_that_is_too_long_counts_as_not_set() -> None:
    assert Policy.of({"people": ["U1"] * (MOST_LISTED + 1)}) == Policy()


@pytest.mark.parametrize("limit", ["runs_at_once", "runs_a_day"])
async def test_of_two_starts_at_one_instant_the_limit_lets_one_through(
    db: Database, other_process: Database, limit: str
) -> None:
    await holds(db, **{limit: 1})
    contexts = [working_on(db), working_on(other_process)] * 3
    outcomes = await asyncio.gather(
        *(accept(context, brief()) for context in contexts), return_exceptions=True
    )
    assert sum(isinstance(outcome, Run) for outcome in outcomes) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert len(refused) == 5
    assert {one.reason["code"] for one in refused} == {limit.upper()}
    assert await count(db, Run) == 1


async def test_another_persons_runs_do_not_count(db: Database) -> None:
    await holds(db, runs_at_once=1, runs_a_day=1)
    for user_id in ("U1", "U2"):
        assert await accept(working_on(db), brief(user_id))


async def test_a_run_that_has_ended_makes_room_but_for_the_days_limit(db: Database) -> None:
    context, ended = working_on(db), datetime.now(UTC)
    await holds(db, runs_at_once=1)
    assert await accept(context, brief())
    await change_runs(db, state=RunState.FINISHED, status="completed", started_at=ended, finished_at=ended)
    assert await accept(context, brief())
    await holds(db, runs_a_day=2)
    with pytest.raises(Refused, match="RUNS_A_DAY"):
        await accept(context, brief())
    await change_runs(db, state=RunState.FINISHED, created_at=ended - timedelta(hours=24, minutes=1))
    assert await accept(context, brief())


@pytest.mark.parametrize(("status", "counts"), [("rejected", False), ("cancelled", False), ("lost", True)])
async def test_a_run_for_which_nothing_was_spent_is_not_one_of_the_days(
    db: Database, status: str, counts: bool
) -> None:
    context = working_on(db)
    await holds(db, runs_a_day=1)
    assert await accept(context, brief())
    await change_runs(db, state=RunState.FINISHED, status=status, finished_at=datetime.now(UTC))
    if counts:
        with pytest.raises(Refused):
            await accept(context, brief())
    else:
        assert await accept(context, brief())


async def test_slack_is_asked_once_and_only_where_it_matters(db: Database) -> None:
    asked: list[tuple[str, ...]] = []

    async def ask(groups: tuple[str, ...]) -> Facts:
        asked.append(groups)
        return Facts(groups=frozenset({"S1"}))

    context, who = working_on(db), Who(ask=ask)
    assert await accept(context, brief(who=who))
    await holds(db, who_may_start="listed", people=("U1",), groups=("S1",))
    assert await accept(context, brief(who=who))
    assert asked == []
    assert await accept(context, brief("U2", who=who))
    assert asked == [("S1",)]


async def test_a_refusal_keeps_nothing_but_its_entry_in_the_audit_and_that_once(db: Database) -> None:
    context = working_on(db)
    await holds(db, who_may_start="listed")
    asked = brief()
    for is_repeat in (False, True):
        with pytest.raises(Refused) as refused:
            await accept(context, asked)
        assert refused.value.is_repeat is is_repeat
    assert await count(db, Run) == 0
    async with db.read() as session:
        statement = select(AuditEntry).where(AuditEntry.action == "refused")
        [entry] = (await session.execute(statement)).scalars().all()
    assert (entry.actor_id, entry.details) == ("U1", {"code": "NOT_LISTED", "deed": "accept"})
    await holds(db)
    assert await accept(context, asked)
