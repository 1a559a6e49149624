"""Recurring briefs in people's hands: made, changed, paused, resumed, deleted by their owner or an admin."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.runs.answer import NotFoundError
from bot.runs.guard import guarded, may_start
from bot.runs.recurrence import next_after, zone_named
from bot.runs.start import AS_SET, checked
from storage import audit, inbox, runs, schedules, threads, workspaces
from storage.records import Schedule, ScheduleState, Thread
from storage.schedules import Recurring

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.notify import Actor
    from bot.runs.start import Team
    from storage.database import Database

    IsAdmin = Callable[[], Awaitable[bool]]
    Act = Callable[[AsyncSession, Schedule], Awaitable[None]]

__all__ = ["Draft", "NotAllowedError", "NotFoundError", "Recurring", "TooManyError"]

log = structlog.get_logger(__name__)

MOST_OF_A_PERSON = 20
"""Ours: each starts a paid run every time that it is due."""
PAGE = 5
DEEPEST = 10_000
OWNER_MAY_NOT = frozenset({"OWNER_LEFT", "GUEST", "NOT_LISTED"})
"""Why the bot pauses what its owner may have no more: whoever resumes it owns it."""
SCHEDULES = uuid.UUID("8f5f1a0b-6a52-4f2e-8f0a-0d7c3f9b51c4")
"""Namespace of recurring briefs' ids, which follow from the form that made them."""


class NotAllowedError(Exception):
    """It is somebody else's, and the actor is no admin."""


class TooManyError(Exception):
    """The person has as many recurring briefs as one may have; the words are for people."""

    def __init__(self) -> None:
        super().__init__(f"You have {MOST_OF_A_PERSON} recurring briefs already. Delete one on Home first.")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wants to recur."""

    prompt: str
    weekdays: tuple[str, ...]
    time_of_day: str
    time_zone: str
    channel_id: str
    model: str | None = AS_SET

    def columns(self) -> dict[str, Any]:
        """It, as a record keeps it. Raises UnusableBriefError and RecurrenceError."""
        return {
            "prompt": checked(self.prompt),
            "weekdays": list(self.weekdays),
            "time_of_day": self.time_of_day,
            "time_zone": zone_named(self.time_zone),
            "channel_id": self.channel_id,
            "model": self.model,
        }

    def next_after(self, now: datetime) -> datetime:
        """When it is due next. Raises RecurrenceError."""
        return next_after(self.weekdays, self.time_of_day, self.time_zone, now)


@guarded
async def create(context: Context, actor: Actor, draft: Draft) -> Schedule | None:
    """Keep a recurring brief of the actor's; None when this very form made one that is gone since.

    Raises UnusableBriefError, RecurrenceError, TooManyError and Refused before anything is kept.
    """
    schedule_id = str(uuid.uuid5(SCHEDULES, actor.key))
    async with context.db.write() as session:
        if not await inbox.first_time(session, actor.key):
            return await session.get(Schedule, schedule_id)
        workspace = await workspaces.ensure(
            session,
            new_id=context.new_id(),
            team_id=actor.team.team_id,
            enterprise_id=actor.team.enterprise_id,
        )
        await _may_recur(session, workspace.id, actor, draft.channel_id)
        next_at = draft.next_after(await schedules.database_time(session))
        if await schedules.count_of_owner(session, workspace.id, actor.user_id) >= MOST_OF_A_PERSON:
            raise TooManyError
        schedule = Schedule(
            id=schedule_id,
            workspace_id=workspace.id,
            owner_id=actor.user_id,
            next_at=next_at,
            **draft.columns(),
        )
        session.add(schedule)
        await session.flush()
        await audit.record(session, workspace.id, actor.user_id, "schedule_create", schedule=schedule.id)
    _note(context, actor, schedule, "create")
    return schedule


@guarded
async def change(
    context: Context, actor: Actor, schedule_id: str, draft: Draft, *, is_admin: IsAdmin
) -> Schedule:
    """Change what recurs; one that the bot had paused goes on.

    Raises as ``create`` does, and NotFoundError and NotAllowedError.
    """

    async def act(session: AsyncSession, schedule: Schedule) -> None:
        await _may_recur(session, schedule.workspace_id, actor, draft.channel_id)
        next_at = draft.next_after(await schedules.database_time(session))
        for name, value in draft.columns().items():
            setattr(schedule, name, value)
        if schedule.state == ScheduleState.ACTIVE or schedule.paused_reason:
            _go_on(schedule, actor, next_at)

    return await _act(context, actor, schedule_id, "change", act, is_admin=is_admin)


async def pause(context: Context, actor: Actor, schedule_id: str, *, is_admin: IsAdmin) -> None:
    """Let it rest until somebody resumes it. Raises NotFoundError and NotAllowedError."""

    async def act(_: AsyncSession, schedule: Schedule) -> None:
        schedule.state, schedule.paused_reason, schedule.next_at = ScheduleState.PAUSED, None, None

    await _act(context, actor, schedule_id, "pause", act, is_admin=is_admin)


@guarded
async def resume(context: Context, actor: Actor, schedule_id: str, *, is_admin: IsAdmin) -> None:
    """Let it go on with its next time; what was missed in between stays missed.

    An admin who resumes what somebody left behind makes it theirs. Raises NotFoundError, NotAllowedError,
    RecurrenceError and Refused.
    """

    async def act(session: AsyncSession, schedule: Schedule) -> None:
        await _may_recur(session, schedule.workspace_id, actor, schedule.channel_id)
        now = await schedules.database_time(session)
        next_at = next_after(schedule.weekdays, schedule.time_of_day, schedule.time_zone, now)
        _go_on(schedule, actor, next_at)

    await _act(context, actor, schedule_id, "resume", act, is_admin=is_admin)


async def delete(context: Context, actor: Actor, schedule_id: str, *, is_admin: IsAdmin) -> None:
    """Delete it; its runs stay. Raises NotFoundError and NotAllowedError."""

    async def act(session: AsyncSession, schedule: Schedule) -> None:
        await session.delete(schedule)

    await _act(context, actor, schedule_id, "delete", act, is_admin=is_admin)


def _go_on(schedule: Schedule, actor: Actor, next_at: datetime) -> None:
    if (schedule.paused_reason or {}).get("code") in OWNER_MAY_NOT:
        schedule.owner_id = actor.user_id
    schedule.state, schedule.paused_reason, schedule.next_at = ScheduleState.ACTIVE, None, next_at


async def _may_recur(session: AsyncSession, workspace_id: str, actor: Actor, channel_id: str) -> None:
    """Whoever may not start a run there has none started for them; how many they have now is no matter."""
    await may_start(
        session,
        workspace_id,
        user_id=actor.user_id,
        channel_id=channel_id,
        who=actor.who,
        counted=False,
    )


async def find(context: Context, actor: Actor, schedule_id: str, *, is_admin: IsAdmin) -> Schedule:
    """A recurring brief that the actor may change. Raises NotFoundError and NotAllowedError."""
    async with context.db.read() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        schedule = await schedules.of_workspace(session, schedule_id, workspace.id) if workspace else None
    if workspace is None or schedule is None or schedule.workspace_id != workspace.id:
        raise NotFoundError(schedule_id)
    if schedule.owner_id != actor.user_id and not await is_admin():
        raise NotAllowedError(schedule_id)
    return schedule


async def _act(
    context: Context, actor: Actor, schedule_id: str, name: str, act: Act, *, is_admin: IsAdmin
) -> Schedule:
    """Do something to a recurring brief under its lock, once; whoever was about to fire it no longer may."""
    seen = await find(context, actor, schedule_id, is_admin=is_admin)
    async with context.db.write() as session:
        schedule = await schedules.lock(session, seen.id, seen.workspace_id)
        if schedule is None:
            raise NotFoundError(schedule_id)
        if await inbox.first_time(session, actor.key):
            schedule.lease_owner = schedule.lease_until = None
            await act(session, schedule)
            await audit.record(
                session, seen.workspace_id, actor.user_id, f"schedule_{name}", schedule=schedule_id
            )
    _note(context, actor, schedule, name)
    return schedule


def _note(context: Context, actor: Actor, schedule: Schedule, act: str) -> None:
    log.info("schedule.kept", act=act, team=actor.team.team_id, schedule=schedule.id)
    context.wake("schedule")


async def first_brief(context: Context, team: Team, run_id: str) -> Draft:
    """What the run's thread began with, to be made recurring. Raises NotFoundError."""
    async with context.db.read() as session:
        workspace = await workspaces.find(session, team_id=team.team_id, enterprise_id=team.enterprise_id)
        run = await runs.of_workspace(session, run_id, workspace.id) if workspace else None
        if workspace is None or run is None:
            raise NotFoundError(run_id)
        thread = await session.get_one(Thread, run.thread_id)
        first = await threads.first_run(session, thread.id) or run
    return Draft(first.prompt, ("mon",), "09:00", "", thread.channel_id, first.model)


async def listed(db: Database, workspace_id: str, owner_id: str | None, offset: int = 0) -> Recurring:
    """A page of a person's recurring briefs, or with None of everyone's in the workspace."""
    async with db.read() as session:
        return await schedules.listed(
            session, workspace_id, owner_id=owner_id, offset=min(max(offset, 0), DEEPEST), page=PAGE
        )
