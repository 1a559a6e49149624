"""Clicks that arrive at one instant are taken together, each as it would be alone; on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, func, select, update

from bot.runs.accept import accept
from bot.runs.answer import Actor, NotFoundError, choose
from bot.runs.guard import Refused
from bot.runs.start import Brief, Team
from storage.records import AuditEntry, Choice, ChoiceKind, ChoiceState, Delivery, DeliveryKind, Run, RunState
from tests.integration.storage.test_policies import holds, working_on

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.database import Database

ENDED = 8
TEAM, OTHERS = Team("T1"), Team("T2")


async def ended(context: Context, *, team: Team = TEAM, **values: Any) -> list[str]:
    """Runs that are over and offer choices "RUN:0" and "RUN:1" each; their ids."""
    briefs = [
        Brief(f"{team.team_id}:{number}", team, f"C{number % 3}", f"U{number}", f"find {number}", "command")
        for number in range(ENDED)
    ]
    runs = [run for run in await asyncio.gather(*(accept(context, brief) for brief in briefs)) if run]
    async with context.db.write() as session:
        await session.execute(update(Run).values(state=RunState.FINISHED, status="completed"))
        for run in runs:
            for position in range(2):
                given = {"kind": ChoiceKind.NEXT_ACTION, "label": f"do {position}", "position": position}
                choice = Choice(
                    id=f"{run.id}:{position}", workspace_id=run.workspace_id, run_id=run.id, **given | values
                )
                session.add(choice)
    return [run.id for run in runs]


def click(context: Context, choice_id: str, who: str = "U0", key: str = "", team: Team = TEAM) -> Any:
    actor = Actor(
        key=key or f"action:{who}:{choice_id}", team=team, user_id=who, response_url=None, channel_id="C0"
    )
    return choose(context, actor, choice_id)


async def follow_ups(db: Database) -> dict[str | None, tuple[str, str]]:
    """By the run that each takes up: who asked for it, and what for."""
    async with db.read() as session:
        asked = select(Run.follows_id, Run.requester_id, Run.prompt).where(Run.follows_id.is_not(None))
        found = (await session.execute(asked)).all()
    by_run = {follows: (who, prompt) for follows, who, prompt in found}
    assert len(by_run) == len(found)
    return by_run


async def states(db: Database, run_id: str) -> list[tuple[str, str | None]]:
    async with db.read() as session:
        of_run = select(Choice.state, Choice.chosen_by).where(Choice.run_id == run_id)
        return [tuple(row) for row in await session.execute(of_run.order_by(Choice.position))]


async def told(db: Database) -> list[tuple[str | None, str]]:
    """Who was told what, beside the runs' own messages."""
    async with db.read() as session:
        notices = select(Delivery).where(Delivery.kind == DeliveryKind.NOTICE).order_by(Delivery.id)
        found = (await session.execute(notices)).scalars()
        return [(one.recipient_id, one.payload["code"]) for one in found]


async def test_each_wins_its_own_run_and_all_share_one_commit(db: Database) -> None:
    context, commits = working_on(db), 0
    runs = await ended(context)

    @event.listens_for(db.engine.sync_engine, "commit")
    def _count(_connection: object) -> None:
        nonlocal commits
        commits += 1

    await asyncio.gather(*(click(context, f"{run}:1", f"U{n}") for n, run in enumerate(runs)))
    event.remove(db.engine.sync_engine, "commit", _count)
    assert commits == 1
    assert await follow_ups(db) == {run: (f"U{n}", "do 1") for n, run in enumerate(runs)}
    for n, run in enumerate(runs):
        assert await states(db, run) == [(ChoiceState.EXPIRED, None), (ChoiceState.CHOSEN, f"U{n}")]
    async with db.read() as session:
        acts = select(AuditEntry.action, func.count()).group_by(AuditEntry.action)
        assert dict((await session.execute(acts)).all()) == {"start": 2 * ENDED, "click": ENDED}
    assert await told(db) == []


async def test_of_many_on_one_run_one_wins_and_the_others_read_who(db: Database) -> None:
    context = working_on(db)
    run, *_ = await ended(context)
    await asyncio.gather(*(click(context, f"{run}:{n % 2}", f"U{n}") for n in range(6)))
    ((follows, (winner, prompt)),) = (await follow_ups(db)).items()
    assert (follows, winner, prompt) == (run, "U0", "do 0")
    assert sorted(await told(db)) == [(f"U{n}", "click_lost") for n in range(1, 6)]


async def test_one_that_slack_sends_twice_at_one_instant_is_one_click(db: Database) -> None:
    context = working_on(db)
    run, other, *_ = await ended(context)
    twice = [click(context, f"{run}:0", key="same") for _ in range(3)]
    await asyncio.gather(*twice, click(context, f"{other}:0"))
    await click(context, f"{run}:0", key="same")
    assert set(await follow_ups(db)) == {run, other}
    assert await told(db) == []


async def test_what_another_team_has_is_found_by_nobody_and_holds_nobody_up(db: Database) -> None:
    context = working_on(db)
    mine, theirs = await ended(context), await ended(context, team=OTHERS)
    clicks = [click(context, f"{run}:0") for run in (mine[0], theirs[0], "none", mine[1])]
    found = await asyncio.gather(*clicks, return_exceptions=True)
    assert [type(one) for one in found] == [type(None), NotFoundError, NotFoundError, type(None)]
    assert set(await follow_ups(db)) == {mine[0], mine[1]}


async def test_what_only_origami_may_do_is_done_by_no_click(db: Database) -> None:
    context = working_on(db)
    runs = await ended(context, action_type="send_emails")
    await asyncio.gather(*(click(context, f"{run}:0") for run in runs[:3]))
    assert await follow_ups(db) == {}
    assert await told(db) == [("U0", "only_in_origami")] * 3


async def test_whom_the_policy_refuses_holds_up_nobody(db: Database) -> None:
    context = working_on(db)
    runs = await ended(context)
    await holds(db, channels=("C0", "C1"))
    found = await asyncio.gather(*(click(context, f"{run}:0") for run in runs), return_exceptions=True)
    assert [isinstance(one, Refused) for one in found] == [n % 3 == 2 for n in range(ENDED)]
    assert len(await follow_ups(db)) == ENDED - 2


async def test_limits_count_each_of_them(db: Database) -> None:
    context = working_on(db)
    runs = await ended(context)
    await holds(db, runs_at_once=2)
    found = await asyncio.gather(*(click(context, f"{run}:0", "U9") for run in runs), return_exceptions=True)
    assert sum(isinstance(one, Refused) for one in found) == ENDED - 2
    assert len(await follow_ups(db)) == 2
