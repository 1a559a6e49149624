"""Who may do what to a recurring brief, and that each of its occurrences is one run: on both databases."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from bot.runs import occurrences, schedules
from bot.runs.context import Context, Pace
from bot.runs.notify import Actor
from bot.runs.opened import opening_refused
from bot.runs.recurrence import RecurrenceError
from bot.runs.start import Team, UnusableBriefError
from storage import schedules as stored
from storage.records import AuditEntry, Delivery, DeliveryKind, Run, RunState, Schedule

if TYPE_CHECKING:
    from storage.database import Database
    from storage.schedules import Due

TEAM = Team("T1")
DRAFT = schedules.Draft("find dentists", ("mon", "thu"), "09:00", "europe/berlin", "C0LEADS")


class People:
    """A workspace as Slack tells of it."""

    def __init__(
        self,
        *,
        left: tuple[str, ...] = (),
        admins: list[str] | None = None,
        guests: tuple[str, ...] = (),
        groups: frozenset[str] | None = frozenset(),
        unknown: tuple[str, ...] = (),
    ) -> None:
        self.left, self.known_admins, self.guests, self.groups = left, admins, guests, groups
        self.unknown = unknown

    async def has_left(self, workspace: Any, user_id: str) -> bool:
        return user_id in self.left

    async def is_admin(self, workspace: Any, user_id: str) -> bool:
        return False

    async def is_guest(self, workspace: Any, user_id: str) -> bool | None:
        return None if user_id in self.unknown else user_id in self.guests

    async def groups_of(self, workspace: Any, user_id: str, groups: Any) -> frozenset[str] | None:
        return self.groups

    async def admins(self, workspace: Any) -> list[str] | None:
        return self.known_admins


def working_on(db: Database, owner: str = "me") -> Context:
    return Context(
        db=db,
        origami=None,  # type: ignore[arg-type]  # never asked
        files=None,  # type: ignore[arg-type]  # never asked
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        jitter=lambda: 0.5,
        wake=lambda tick: None,
        owner=owner,
        pace=Pace(),
    )


@pytest.fixture
def context(db: Database) -> Context:
    return working_on(db)


def actor(user_id: str = "U1") -> Actor:
    return Actor(key=f"action:{uuid.uuid4()}", team=TEAM, user_id=user_id)


async def nobody() -> bool:
    return False


async def an_admin() -> bool:
    return True


async def made(context: Context, draft: schedules.Draft = DRAFT, user_id: str = "U1") -> Schedule:
    kept = await schedules.create(context, actor(user_id), draft)
    assert kept is not None
    return kept


async def now(context: Context, schedule: Schedule) -> Schedule | None:
    async with context.db.read() as session:
        return await session.get(Schedule, schedule.id)


async def count(context: Context, record: Any) -> int:
    async with context.db.read() as session:
        return int((await session.execute(select(func.count()).select_from(record))).scalar_one())


async def comes_due(context: Context, **changes: Any) -> None:
    values = {"next_at": datetime.now(UTC) - timedelta(hours=1)} | changes
    async with context.db.write() as session:
        await session.execute(update(Schedule).values(**values))


async def claimed(context: Context) -> Due:
    [due] = await occurrences.claim(context, 10)
    return due


async def test_what_is_made_is_kept_as_it_was_meant_and_is_due_next_week_at_the_latest(
    context: Context,
) -> None:
    schedule = await made(context)
    assert (schedule.owner_id, schedule.time_zone) == ("U1", "Europe/Berlin")
    kept = await now(context, schedule)
    assert kept is not None
    assert kept.next_at is not None
    assert timedelta() < kept.next_at - datetime.now(UTC) < timedelta(days=5)


async def test_the_same_form_sent_twice_makes_one(context: Context) -> None:
    who = actor()
    first, again = [await schedules.create(context, who, DRAFT) for _ in range(2)]
    assert first is not None
    assert again is not None
    assert first.id == again.id
    assert await count(context, Schedule) == 1


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"prompt": " "}, UnusableBriefError),
        ({"weekdays": ()}, RecurrenceError),
        ({"time_zone": "Mars/Olympus"}, RecurrenceError),
    ],
)
async def test_what_cannot_recur_is_not_kept(
    context: Context, changes: dict[str, Any], error: type[Exception]
) -> None:
    values = {name: getattr(DRAFT, name) for name in DRAFT.__slots__} | changes
    with pytest.raises(error):
        await schedules.create(context, actor(), schedules.Draft(**values))
    assert await count(context, Schedule) == 0


async def test_nobody_has_more_than_twenty(context: Context) -> None:
    for _ in range(schedules.MOST_OF_A_PERSON):
        await made(context)
    with pytest.raises(schedules.TooManyError, match="20 recurring briefs"):
        await made(context)
    await made(context, user_id="U2")
    page = await schedules.listed(context.db, await workspace_of(context), "U1", 15)
    assert (len(page.shown), page.has_more, page.everyones) == (5, False, 21)


async def workspace_of(context: Context) -> str:
    async with context.db.read() as session:
        return str((await session.execute(select(Schedule.workspace_id).limit(1))).scalar_one())


async def test_only_its_owner_or_an_admin_may_change_it(context: Context) -> None:
    schedule = await made(context)
    for act in (schedules.pause, schedules.resume, schedules.delete):
        with pytest.raises(schedules.NotAllowedError):
            await act(context, actor("U2"), schedule.id, is_admin=nobody)
    with pytest.raises(schedules.NotAllowedError):
        await schedules.change(context, actor("U2"), schedule.id, DRAFT, is_admin=nobody)
    await schedules.pause(context, actor("U2"), schedule.id, is_admin=an_admin)
    paused = await now(context, schedule)
    assert paused is not None
    assert (paused.state, paused.owner_id, paused.next_at) == ("paused", "U1", None)
    async with context.db.read() as session:
        acts = (await session.execute(select(AuditEntry.actor_id, AuditEntry.action))).all()
    assert [tuple(act) for act in acts] == [("U1", "schedule_create"), ("U2", "schedule_pause")]


async def test_another_workspaces_recurring_brief_is_not_there(context: Context) -> None:
    schedule = await made(context)
    for team in (Team("T2"), Team("T1", "E1")):
        stranger = Actor(key="k", team=team, user_id="U1")
        with pytest.raises(schedules.NotFoundError):
            await schedules.delete(context, stranger, schedule.id, is_admin=an_admin)


async def test_one_that_a_person_paused_stays_paused_when_it_is_changed(context: Context) -> None:
    schedule = await made(context)
    await schedules.pause(context, actor(), schedule.id, is_admin=nobody)
    changed = await schedules.change(context, actor(), schedule.id, DRAFT, is_admin=nobody)
    assert (changed.state, changed.next_at) == ("paused", None)


async def test_an_occurrence_is_one_run_that_mentions_its_owner(context: Context) -> None:
    schedule = await made(context)
    await comes_due(context)
    due = await claimed(context)
    await occurrences.work(context, People(), due)
    async with context.db.read() as session:
        [run] = (await session.execute(select(Run))).scalars()
    assert (run.requester_id, run.source, run.schedule_id) == ("U1", "schedule", schedule.id)
    assert (run.scheduled_for, run.state) == (due.schedule.next_at, RunState.ACCEPTED)
    after = await now(context, schedule)
    assert after is not None
    assert after.next_at is not None
    assert after.next_at > datetime.now(UTC)
    assert after.lease_owner is None


async def test_two_workers_at_once_start_one_run(db: Database) -> None:
    workers = [working_on(db, "one"), working_on(db, "two")]
    await made(workers[0])
    await comes_due(workers[0])
    found = await asyncio.gather(*(occurrences.claim(worker, 10) for worker in workers))
    assert sum(map(len, found)) == 1
    [due] = [one for claims in found for one in claims]
    # The first worker stalls past its lease, the other one takes over, and both go on.
    await comes_due(workers[0], next_at=due.schedule.next_at, lease_until=datetime.now(UTC) - timedelta(1))
    again = await claimed(workers[1])
    await asyncio.gather(
        occurrences.work(workers[0], People(), due), occurrences.work(workers[1], People(), again)
    )
    assert await count(workers[0], Run) == 1


async def test_the_same_claim_worked_twice_is_one_run(context: Context) -> None:
    await made(context)
    await comes_due(context)
    due = await claimed(context)
    await asyncio.gather(*(occurrences.work(context, People(), due) for _ in range(2)))
    assert await count(context, Run) == 1


@pytest.mark.parametrize("act", ["pause", "delete", "change"])
async def test_what_was_paused_deleted_or_changed_before_it_fired_starts_nothing(
    context: Context, act: str
) -> None:
    schedule = await made(context)
    await comes_due(context)
    due = await claimed(context)
    if act == "change":
        await schedules.change(context, actor(), schedule.id, DRAFT, is_admin=nobody)
    else:
        await getattr(schedules, act)(context, actor(), schedule.id, is_admin=nobody)
    await occurrences.work(context, People(), due)
    assert await count(context, Run) == 0


async def test_an_occurrence_that_has_a_run_gets_no_second_one(context: Context) -> None:
    schedule = await made(context)
    at = datetime.now(UTC) - timedelta(hours=1)
    for _ in range(2):
        await comes_due(context, next_at=at)
        await occurrences.work(context, People(), await claimed(context))
    assert await count(context, Run) == 1
    after = await now(context, schedule)
    assert after is not None
    assert after.next_at is not None
    assert after.next_at > datetime.now(UTC)


async def test_an_owner_who_has_left_starts_nothing_and_admins_are_told_once(context: Context) -> None:
    schedule = await made(context)
    await comes_due(context)
    people = People(left=("U1",), admins=["U8", "U9"])
    await occurrences.work(context, people, await claimed(context))
    async with context.db.read() as session:
        [run] = (await session.execute(select(Run))).scalars()
    assert (run.state, run.status, run.reason) == ("finished", "rejected", {"code": "OWNER_LEFT"})
    paused = await now(context, schedule)
    assert paused is not None
    assert paused.state == "paused"
    await occurrences.work(context, people, await claimed(context))
    assert await occurrences.claim(context, 10) == []
    assert await told(context) == ["U8", "U9"]
    await schedules.resume(context, actor("U9"), schedule.id, is_admin=an_admin)
    taken = await now(context, schedule)
    assert taken is not None
    assert (taken.owner_id, taken.state, taken.paused_reason) == ("U9", "active", None)


async def test_admins_whom_slack_does_not_tell_of_are_asked_for_again(context: Context) -> None:
    await made(context)
    await comes_due(context)
    await occurrences.work(context, People(left=("U1",)), await claimed(context))
    await occurrences.work(context, People(admins=None), await claimed(context))
    assert await told(context) == []
    await comes_due(context)
    await occurrences.work(context, People(admins=["U9"]), await claimed(context))
    assert await told(context) == ["U9"]


async def test_admins_whom_slack_never_tells_of_are_not_asked_for_for_ever(context: Context) -> None:
    await made(context)
    await comes_due(context)
    await occurrences.work(context, People(left=("U1",)), await claimed(context))
    long_after = datetime.now(UTC) - timedelta(hours=1)
    await comes_due(context, next_at=long_after)
    async with context.db.write() as session:
        await session.execute(update(Run).values(created_at=long_after - occurrences.TELL_WITHIN))
    await occurrences.work(context, People(admins=None), await claimed(context))
    assert await occurrences.claim(context, 10) == []


async def test_a_zone_that_is_gone_pauses_it(context: Context) -> None:
    schedule = await made(context)
    await comes_due(context, time_zone="Europe/Atlantis")
    await occurrences.work(context, People(), await claimed(context))
    paused = await now(context, schedule)
    assert paused is not None
    assert paused.paused_reason is not None
    assert paused.paused_reason["code"] == "CANNOT_RECUR"


@pytest.mark.parametrize("moved", [False, True])
async def test_a_refused_opening_pauses_what_still_goes_to_that_channel(
    context: Context, moved: bool
) -> None:
    schedule = await made(context)
    await comes_due(context)
    await occurrences.work(context, People(), await claimed(context))
    if moved:
        draft = schedules.Draft("find dentists", ("mon",), "09:00", "UTC", "C0OTHER")
        await schedules.change(context, actor(), schedule.id, draft, is_admin=nobody)
    async with context.db.write() as session:
        opening = Delivery.kind == DeliveryKind.OPENING
        [delivery] = (await session.execute(select(Delivery).where(opening))).scalars()
        await opening_refused(session, delivery, "is_archived", token="t")
    after = await now(context, schedule)
    assert after is not None
    assert after.state == ("active" if moved else "paused")
    async with context.db.read() as session:
        notice = Delivery.kind == DeliveryKind.NOTICE
        [words] = (await session.execute(select(Delivery).where(notice))).scalars()
    assert words.payload["recurring"] is not moved


async def told(context: Context) -> list[str | None]:
    async with context.db.read() as session:
        found = select(Delivery.recipient_id).where(Delivery.kind == DeliveryKind.NOTICE)
        return sorted((await session.execute(found)).scalars())


async def test_a_mark_changes_with_what_is_shown_and_with_what_the_bot_paused(context: Context) -> None:
    schedule = await made(context)

    async def mark(user_id: str) -> frozenset[tuple[str, ...]]:
        async with context.db.read() as session:
            return (await stored.marks(session, schedule.workspace_id, {user_id}))[user_id]

    mine, others = await mark("U1"), await mark("U2")
    await schedules.pause(context, actor(), schedule.id, is_admin=nobody)
    assert await mark("U1") != mine
    assert await mark("U2") == others
    await schedules.resume(context, actor(), schedule.id, is_admin=nobody)
    await comes_due(context)
    await occurrences.work(context, People(left=("U1",)), await claimed(context))
    assert await mark("U2") != others


async def test_a_process_that_stops_gives_its_leases_back(db: Database) -> None:
    one, two = working_on(db, "one"), working_on(db, "two")
    await made(one)
    await comes_due(one)
    await claimed(one)
    assert await occurrences.claim(two, 10) == []
    async with db.write() as session:
        await stored.release_all(session, "one")
    assert len(await occurrences.claim(two, 10)) == 1


async def test_a_thread_is_made_recurring_by_its_first_brief(context: Context) -> None:
    await made(context)
    await comes_due(context)
    await occurrences.work(context, People(), await claimed(context))
    async with context.db.write() as session:
        [first] = (await session.execute(select(Run))).scalars()
        its = {"workspace_id": first.workspace_id, "thread_id": first.thread_id, "requester_id": "U2"}
        session.add(Run(id="r2", source="reply", prompt="more", follows_id=first.id, **its))
    draft = await schedules.first_brief(context, TEAM, "r2")
    assert (draft.prompt, draft.channel_id) == ("find dentists", "C0LEADS")
    for team, run_id in ((TEAM, "r3"), (Team("T2"), "r2")):
        with pytest.raises(schedules.NotFoundError):
            await schedules.first_brief(context, team, run_id)
