"""What a workspace's policy does to recurring briefs, and the credit floor: on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from bot.runs import occurrences, schedules
from bot.runs.accept import accept
from bot.runs.floor import Floor
from bot.runs.guard import Refused
from bot.runs.start import Brief
from bot.workspaces.policies import Policy, set_policy
from storage import runs
from storage.records import AuditEntry, Delivery, DeliveryKind, Run, RunState, Schedule, Workspace
from tests.integration.runs.test_schedules import (
    DRAFT,
    TEAM,
    People,
    actor,
    an_admin,
    claimed,
    comes_due,
    count,
    made,
    nobody,
    now,
    told,
    working_on,
)

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.database import Database

POLICIES: dict[str, dict[str, Any]] = {
    "GUEST": {"guests": "may_not"},
    "NOT_LISTED": {"who_may_start": "listed", "people": ("U5",)},
    "OTHER_CHANNELS": {"channels": ("C0OTHER",)},
}
U1_IS_A_GUEST = {"guests": ("U1",)}


@pytest.fixture
def context(db: Database) -> Context:
    return working_on(db)


async def holds(context: Context, **values: Any) -> None:
    async with context.db.read() as session:
        workspace = (await session.execute(select(Workspace))).scalar_one()
    await set_policy(context.db, workspace.id, "UADMIN", Policy(**values))


async def the_run(context: Context) -> Run:
    async with context.db.read() as session:
        return (await session.execute(select(Run))).scalar_one()


async def notices(context: Context) -> list[str]:
    async with context.db.read() as session:
        found = (
            await session.execute(select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE))
        ).scalars()
        return [delivery.payload["code"] for delivery in found]


async def refused(context: Context) -> list[str]:
    async with context.db.read() as session:
        found = select(AuditEntry.details).where(AuditEntry.action == "refused")
        return [details["code"] for details in (await session.execute(found)).scalars()]


@pytest.mark.parametrize("code", POLICIES)
async def test_an_owner_who_may_not_start_any_more_is_told_and_it_pauses(context: Context, code: str) -> None:
    schedule = await made(context)
    await holds(context, **POLICIES[code])
    await comes_due(context)
    people = People(admins=["U9"], **U1_IS_A_GUEST)
    await occurrences.work(context, people, await claimed(context))
    run, after = await the_run(context), await now(context, schedule)
    assert (run.state, run.status, (run.reason or {})["code"]) == ("finished", "rejected", code)
    assert after is not None
    assert (after.state, (after.paused_reason or {})["code"]) == ("paused", code)
    assert await told(context) == ["U1"]
    assert await refused(context) == [code]
    await occurrences.work(context, people, await claimed(context))
    assert await told(context) == ["U1", "U9"]


async def test_its_owner_cannot_resume_it_and_an_admin_who_does_owns_it(context: Context) -> None:
    schedule = await made(context)
    await holds(context, **POLICIES["NOT_LISTED"])
    await comes_due(context)
    await occurrences.work(context, People(), await claimed(context))
    with pytest.raises(Refused, match="NOT_LISTED"):
        await schedules.resume(context, actor(), schedule.id, is_admin=nobody)
    await schedules.resume(context, actor("U5"), schedule.id, is_admin=an_admin)
    after = await now(context, schedule)
    assert after is not None
    assert (after.owner_id, after.state) == ("U5", "active")


@pytest.mark.parametrize("code", ["NOT_LISTED", "OTHER_CHANNELS"])
async def test_whoever_may_not_start_makes_and_changes_nothing_that_recurs(
    context: Context, code: str
) -> None:
    schedule = await made(context)
    await holds(context, **POLICIES[code])
    with pytest.raises(Refused, match=code):
        await schedules.create(context, actor(), DRAFT)
    with pytest.raises(Refused, match=code):
        await schedules.change(context, actor(), schedule.id, DRAFT, is_admin=nobody)
    assert await count(context, Schedule) == 1


async def test_the_days_limit_leaves_one_out_and_the_next_comes_again(context: Context) -> None:
    schedule = await made(context)
    assert await accept(context, Brief("k", TEAM, "C0LEADS", "U1", "find dentists", "command"))
    await holds(context, runs_a_day=1, runs_at_once=1)
    await comes_due(context)
    await occurrences.work(context, People(), await claimed(context))
    after = await now(context, schedule)
    assert after is not None
    assert after.next_at is not None
    assert (after.state, after.paused_reason) == ("active", None)
    assert await notices(context) == ["schedule_left_out"]
    assert await refused(context) == ["RUNS_A_DAY"]
    assert await occurrences.claim(context, 10) == []


async def test_runs_at_once_do_not_hold_for_what_recurs(context: Context) -> None:
    await made(context)
    assert await accept(context, Brief("k", TEAM, "C0LEADS", "U1", "find dentists", "command"))
    await holds(context, runs_at_once=1)
    await comes_due(context)
    await occurrences.work(context, People(), await claimed(context))
    assert await count(context, Run) == 2
    assert await refused(context) == []


@pytest.mark.parametrize(
    ("policy", "unknown"),
    [
        ({"who_may_start": "listed", "groups": ("S1",)}, {"groups": None}),
        ({"guests": "may_not"}, {"unknown": ("U1",)}),
    ],
    ids=["groups", "guests"],
)
async def test_where_slack_does_not_tell_it_is_tried_again(
    context: Context, policy: dict[str, Any], unknown: dict[str, Any]
) -> None:
    await made(context)
    await holds(context, **policy)
    await comes_due(context)
    await occurrences.work(context, People(**unknown), await claimed(context))
    assert await count(context, Run) == 0
    async with context.db.write() as session:
        await session.execute(update(Schedule).values(lease_owner=None, lease_until=None))
    await occurrences.work(context, People(groups=frozenset({"S1"})), await claimed(context))
    assert (await the_run(context)).state == RunState.ACCEPTED


class Wallets:
    """Credits as Origami tells them, or does not."""

    def __init__(self, left: float | None) -> None:
        self.left, self.asked = left, 0

    async def credits_left(self, workspace: Workspace) -> float | None:
        self.asked += 1
        return self.left


class Admins:
    """Whose admins are known."""

    def __init__(self, *admins: str) -> None:
        self.admins = admins

    async def is_admin(self, workspace: Workspace, user_id: str) -> bool:
        return user_id in self.admins


async def a_claim(context: Context) -> runs.Claim:
    assert await accept(context, Brief("k", TEAM, "C0LEADS", "U1", "find dentists", "command"))
    async with context.db.write() as session:
        await session.execute(update(Run).values(state=RunState.SUBMITTING, due_at=Run.created_at))
        [claim] = await runs.claim_submissions(session, owner="me", limit=1, lease_seconds=60)
    return claim


@pytest.mark.parametrize(
    ("floor", "left", "admins", "code"),
    [
        (0, 0.0, (), None),
        (10, 9.5, (), "CREDIT_FLOOR"),
        (10, 10.0, (), None),
        (10, 9.5, ("U1",), None),
        (10, None, (), None),
    ],
)
async def test_the_floor_holds_for_all_but_admins_and_not_while_credits_are_unknown(
    context: Context, floor: int, left: float | None, admins: tuple[str, ...], code: str | None
) -> None:
    claim = await a_claim(context)
    await holds(context, credit_floor=floor)
    wallets = Wallets(left)
    reason = await Floor(wallets, Admins(*admins)).refusal(context, claim)
    assert (reason["code"] if reason else None) == code
    assert wallets.asked == (1 if floor else 0)
    assert await refused(context) == ([code] if code else [])
