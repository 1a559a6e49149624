"""A channel that gets another id keeps all that is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import channels, deliveries, policies
from storage.records import Delivery, DeliveryState, Preference, Run, Schedule, Thread, Workspace
from tests.integration.storage.test_claims import claim_posts, owe, seed

if TYPE_CHECKING:
    from storage.database import Database

OLD, NEW = "C1", "C0NEW"


def recurring(number: str, workspace: str, channel: str) -> Schedule:
    return Schedule(
        id=number,
        workspace_id=workspace,
        owner_id="U",
        channel_id=channel,
        prompt="x",
        time_of_day="09:00",
        time_zone="UTC",
    )


async def furnish(db: Database) -> None:
    """Something of each kind in the channel, in another one, and in another workspace's of the same id."""
    await seed(db, {"id": "run"})
    await owe(db, "run")
    policy = policies.Policy(channels=("C0", OLD, NEW))
    async with db.write() as session:
        session.add(Workspace(id="V", team_id="T9"))
        await session.flush()
        session.add(Thread(id="other", workspace_id="W", channel_id="C2", requester_id="U"))
        session.add(Thread(id="theirs", workspace_id="V", channel_id=OLD, requester_id="U"))
        session.add_all([recurring("s1", "W", OLD), recurring("s2", "W", "C2"), recurring("s3", "V", OLD)])
        for workspace, subject in (("W", OLD), ("W", "C2"), ("V", OLD)):
            set_there = {"replies": "anyone"}
            session.add(
                Preference(workspace_id=workspace, scope="channel", subject_id=subject, values=set_there)
            )
        await policies.put(session, "W", policy)


async def rename(db: Database) -> None:
    async with db.write() as session:
        await channels.renamed(session, "W", OLD, NEW)


async def named(db: Database) -> dict[str, list[tuple[str, str]]]:
    async with db.read() as session:
        threads = await session.execute(select(Thread.id, Thread.channel_id).order_by(Thread.id))
        briefs = await session.execute(select(Schedule.id, Schedule.channel_id).order_by(Schedule.id))
        owed = await session.execute(select(Delivery.run_id, Delivery.channel_id))
        of_channels = Preference.scope == "channel"
        where = select(Preference.workspace_id, Preference.subject_id).where(of_channels)
        prefs = await session.execute(where.order_by(Preference.workspace_id, Preference.subject_id))
        found = {"threads": threads, "briefs": briefs, "owed": owed, "preferences": prefs}
        return {kind: [(row[0], row[1]) for row in rows] for kind, rows in found.items()}


async def test_all_that_names_the_old_id_names_the_new_one_and_nothing_else_does(db: Database) -> None:
    await furnish(db)
    for _ in range(2):
        await rename(db)
        assert await named(db) == {
            "threads": [("other", "C2"), ("t-run", NEW), ("theirs", OLD)],
            "briefs": [("s1", NEW), ("s2", "C2"), ("s3", OLD)],
            "owed": [("run", NEW)],
            "preferences": [("V", OLD), ("W", NEW), ("W", "C2")],
        }
    async with db.read() as session:
        assert (await policies.of_workspace(session, "W")).channels == ("C0", NEW)


async def test_what_the_new_id_has_already_stays(db: Database) -> None:
    await furnish(db)
    async with db.write() as session:
        (await session.get_one(Thread, "t-run")).thread_ts = "1.5"
        again = {"channel_id": NEW, "requester_id": "U", "thread_ts": "1.5"}
        session.add(Thread(id="young", workspace_id="W", **again))
        set_there = {"replies": "mentions"}
        session.add(Preference(workspace_id="W", scope="channel", subject_id=NEW, values=set_there))
    await rename(db)
    found = await named(db)
    assert [one for one in found["threads"] if one[0] in {"t-run", "young"}] == [
        ("t-run", OLD),
        ("young", NEW),
    ]
    async with db.read() as session:
        kept = await session.get_one(Preference, ("W", "channel", NEW))
        assert kept.values == {"replies": "mentions"}
        assert await session.get(Preference, ("W", "channel", OLD)) is None


async def test_a_message_on_its_way_is_looked_for_in_the_new_channel(db: Database) -> None:
    await furnish(db)
    async with db.write() as session:
        [sending] = await deliveries.claim_posts(
            session, owner="me", limit=1, lease_seconds=60, seconds_apart=0
        )
    await rename(db)
    assert await claim_posts(db, "another") == ["run-answer-0"]
    async with db.read() as session:
        delivery = (await session.execute(select(Delivery))).scalar_one()
        assert (delivery.channel_id, delivery.uncertain) == (NEW, True)
        assert delivery.state == DeliveryState.SENDING
        assert delivery.lease_owner != sending.lease_owner
        assert (await session.execute(select(Run.id))).scalar_one() == "run"
