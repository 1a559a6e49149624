"""Claims, leases and the line, on both databases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from storage import budgets, deliveries, inbox, polls, rechecking, runs, sending
from storage.records import Delivery, DeliveryKind, DeliveryState, Run, RunState, Thread, Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from storage.database import Database


async def seed(db: Database, *made: dict[str, Any], channel: str = "C1") -> None:
    """A workspace with one thread a run."""
    async with db.write() as session:
        if await session.get(Workspace, "W") is None:
            session.add(Workspace(id="W", team_id="T"))
            await session.flush()
        for values in made:
            thread = Thread(id=f"t-{values['id']}", workspace_id="W", channel_id=channel, requester_id="U")
            session.add(thread)
            await session.flush()
            given = {"requester_id": "U", "source": "command", "prompt": "x", **values}
            session.add(Run(workspace_id="W", thread_id=thread.id, **given))
            await session.flush()


async def make_due(db: Database, seconds_ago: float = 1.0) -> None:
    async with db.write() as session:
        await session.execute(update(Run).values(due_at=database_now(-seconds_ago)))


async def owe(
    db: Database, run_id: str, *, kind: str = "answer", sequence: int = 0, channel: str = "C1"
) -> None:
    async with db.write() as session:
        await deliveries.owe(
            session,
            token=f"{run_id}-{kind}-{sequence}",
            workspace_id="W",
            run_id=run_id,
            kind=kind,
            sequence=sequence,
            channel_id=channel,
        )


async def claim_polls(db: Database, owner: str, *, lease: float = 60.0) -> list[str]:
    async with db.write() as session:
        claims = await polls.claim(session, owner=owner, limit=10, lease_seconds=lease)
        return sorted(claim.id for claim in claims)


async def claim_posts(db: Database, owner: str = "me", *, lease: float = 60.0) -> list[str]:
    async with db.write() as session:
        claimed = await deliveries.claim_posts(session, owner=owner, limit=10, lease_seconds=lease)
        return [delivery.token for delivery in claimed]


async def test_a_due_run_is_claimed_by_one_owner_only(db: Database) -> None:
    await seed(db, {"id": "a", "state": RunState.RUNNING}, {"id": "b", "state": RunState.RUNNING})
    await make_due(db)
    first, second = await asyncio.gather(claim_polls(db, "one"), claim_polls(db, "two"))
    assert sorted(first + second) == ["a", "b"]


async def test_an_expired_lease_is_claimed_again_and_its_old_owner_can_write_nothing(db: Database) -> None:
    await seed(db, {"id": "a", "state": RunState.RUNNING})
    await make_due(db)
    assert await claim_polls(db, "old", lease=-1) == ["a"]
    assert await claim_polls(db, "new") == ["a"]
    with pytest.raises(runs.LeaseLostError):
        async with db.write() as session:
            await runs.write_back(session, "a", owner="old", steps_completed=7)
    async with db.read() as session:
        assert (await session.get_one(Run, "a")).steps_completed == 0


async def test_a_run_that_is_not_due_is_left_alone(db: Database) -> None:
    await seed(db, {"id": "a", "state": RunState.RUNNING})
    await make_due(db, seconds_ago=-30)
    assert await claim_polls(db, "me") == []


async def test_reps_take_turns_in_the_line(db: Database) -> None:
    waiting = {"state": RunState.QUEUED, "waits_for": runs.SLOT}
    for index, rep in enumerate(["ana", "ana", "ana", "ben", "cy"]):
        await seed(db, {"id": f"{index}", "requester_id": rep, **waiting})
    places = {}
    async with db.read() as session:
        for run in (await session.execute(select(Run))).scalars():
            places[run.id] = await runs.place_in_line(session, run)
    assert places == {"0": (1, 5), "3": (2, 5), "4": (3, 5), "1": (4, 5), "2": (5, 5)}


async def test_only_the_head_of_a_line_tries_for_a_slot(db: Database) -> None:
    waiting = {"state": RunState.QUEUED, "waits_for": runs.SLOT}
    await seed(db, {"id": "a", **waiting}, {"id": "b", **waiting})
    await seed(db, {"id": "thread", "state": RunState.QUEUED, "waits_for": "THREAD_BUSY"})
    await make_due(db)
    async with db.write() as session:
        claims = await runs.claim_submissions(session, owner="me", limit=10, lease_seconds=60)
        assert sorted(claim.run.id for claim in claims) == ["a", "thread"]


async def test_a_channels_messages_go_out_in_order_and_other_channels_do_not_wait(db: Database) -> None:
    await seed(db, {"id": "a"}, {"id": "b"}, {"id": "c"})
    await owe(db, "a", sequence=0)
    await owe(db, "a", sequence=1)
    await owe(db, "b", channel="C2")
    assert await claim_posts(db) == ["a-answer-0", "b-answer-0"]
    assert await claim_posts(db) == []


async def test_a_channel_takes_one_message_a_second(db: Database) -> None:
    await seed(db, {"id": "a"}, {"id": "b"})
    await owe(db, "a")
    await owe(db, "b")
    async with db.write() as session:
        [first] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
        await sending.sent(session, first, owner="me", ts="1.0")
    assert await claim_posts(db) == []
    async with db.write() as session:
        await session.execute(
            update(Delivery).values(posted_at=database_now(-1.1)).where(Delivery.ts == "1.0")
        )
    assert await claim_posts(db) == ["b-answer-0"]


async def test_a_message_whose_sender_died_is_uncertain(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a")
    assert await claim_posts(db, "dead", lease=-1) == ["a-answer-0"]
    async with db.write() as session:
        [again] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
    assert again.uncertain


async def test_what_slack_shows_is_known_until_a_sender_dies_over_it(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a", kind=DeliveryKind.OPENING)
    async with db.write() as session:
        [posted] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
        await sending.sent(session, posted, owner="me", ts="1.0", shown="first")
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING)
        [update_] = await deliveries.claim_updates(session, owner="dead", limit=10, lease_seconds=-1)
        assert update_.shown == "first"
    async with db.write() as session:
        [again] = await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60)
        assert again.shown is None


async def test_after_a_restore_it_is_not_known_what_slack_shows(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a", kind=DeliveryKind.OPENING)
    async with db.write() as session:
        [posted] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
        await sending.sent(session, posted, owner="me", ts="1.0", shown="as of the copy")
    async with db.write() as session:
        await rechecking.recheck(session)
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING)
    async with db.write() as session:
        [again] = await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60)
        assert again.shown is None


async def test_a_message_that_changed_while_it_was_sent_stays_owed(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a", kind=DeliveryKind.OPENING)
    async with db.write() as session:
        [delivery] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING)
    async with db.write() as session:
        await sending.sent(session, delivery, owner="me", ts="1.0")
    async with db.write() as session:
        [update_] = await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60)
        assert (update_.ts, update_.state) == ("1.0", DeliveryState.SENDING)


async def test_progress_keeps_its_distance_and_what_a_rep_waits_for_does_not(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a", kind=DeliveryKind.OPENING)
    async with db.write() as session:
        [delivery] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
        await sending.sent(session, delivery, owner="me", ts="1.0")
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING, progress=True, seconds_apart=30)
        assert await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60) == []
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING)
    async with db.write() as session:
        assert len(await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60)) == 1


async def test_what_is_about_to_change_again_waits_for_that(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a", kind=DeliveryKind.OPENING)
    async with db.write() as session:
        [delivery] = await deliveries.claim_posts(session, owner="me", limit=10, lease_seconds=60)
        await sending.sent(session, delivery, owner="me", ts="1.0")
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING, more_within=30)
        assert await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60) == []
    async with db.write() as session:
        await deliveries.revise(session, ["a"], DeliveryKind.OPENING, DeliveryKind.ANSWER)
    async with db.write() as session:
        assert len(await deliveries.claim_updates(session, owner="me", limit=10, lease_seconds=60)) == 1


async def test_owing_the_same_message_twice_is_owing_it_once(db: Database) -> None:
    await seed(db, {"id": "a"})
    await owe(db, "a")
    async with db.write() as session:
        await deliveries.owe(
            session, token="other", workspace_id="W", run_id="a", kind="answer", channel_id="C1"
        )
        assert len(await deliveries.of_run(session, "a")) == 1


async def test_a_budget_is_spent_once_by_all(db: Database) -> None:
    async def take() -> int:
        async with db.write() as session:
            return await budgets.spend(session, "key", want=30, ceiling=80)

    granted = await asyncio.gather(*(take() for _ in range(5)))
    assert sorted(granted) == [0, 0, 20, 30, 30]


async def test_a_request_has_its_effect_once_and_a_rolled_back_one_not_at_all(db: Database) -> None:
    async def dies_half_way() -> None:
        async with db.write() as session:
            assert await inbox.first_time(session, "k")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await dies_half_way()
    async with db.write() as session:
        assert await inbox.first_time(session, "k")
    async with db.write() as session:
        assert not await inbox.first_time(session, "k")
