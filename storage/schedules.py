"""Queries about recurring briefs: what people keep, whose turn has come, and who may write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select, update

from storage.records import Schedule, ScheduleState, Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.records import Run


@dataclass(frozen=True, slots=True)
class Due:
    """A recurring brief that this process may work on until its lease ends."""

    schedule: Schedule
    workspace: Workspace


@dataclass(frozen=True, slots=True)
class Recurring:
    """A page of recurring briefs, those that the bot has paused first."""

    shown: Sequence[Schedule] = ()
    offset: int = 0
    """How many stand before this page."""
    page: int = 5
    has_more: bool = False
    everyones: int = 0
    """How many the whole workspace has."""
    halted: int = 0
    """How many of these the bot has paused."""


async def database_time(session: AsyncSession) -> datetime:
    """What the database's clock says."""
    return (await session.execute(select(database_now()))).scalar_one()


async def of_runs(session: AsyncSession, recurring: Sequence[Run]) -> dict[str, Schedule]:
    """By run: the recurring brief that started it, while that is kept."""
    ids = {run.schedule_id for run in recurring if run.schedule_id}
    if not ids:
        return {}
    found = (await session.execute(select(Schedule).where(Schedule.id.in_(ids)))).scalars()
    kept = {schedule.id: schedule for schedule in found}
    return {run.id: kept[run.schedule_id] for run in recurring if run.schedule_id in kept}


async def claim_due(session: AsyncSession, *, owner: str, limit: int, lease_seconds: float) -> list[Due]:
    """Lease up to ``limit`` recurring briefs whose ``next_at`` has come, the longest due first."""
    free = or_(Schedule.lease_until.is_(None), Schedule.lease_until < database_now())
    due = (
        select(Schedule.id)
        .where(Schedule.next_at <= database_now(), free)
        .order_by(Schedule.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Schedule)
        .where(Schedule.id.in_(due))
        .values(lease_owner=owner, lease_until=database_now(lease_seconds))
        .returning(Schedule)
        .execution_options(synchronize_session=False)
    )
    leased = (await session.execute(statement)).scalars().all()
    return [Due(schedule, await session.get_one(Workspace, schedule.workspace_id)) for schedule in leased]


async def lock_leased(session: AsyncSession, due: Due, *, owner: str) -> Schedule | None:
    """The leased row, held until the transaction ends; None when it has been fired or changed since."""
    leased = due.schedule
    found = await lock(session, leased.id, leased.workspace_id)
    if found is None or found.lease_owner != owner:
        return None
    return found if (found.state, found.next_at) == (leased.state, leased.next_at) else None


async def of_workspace(session: AsyncSession, schedule_id: str, workspace_id: str) -> Schedule | None:
    """One workspace's recurring brief; another's is as good as none."""
    named = select(Schedule).where(Schedule.id == schedule_id, Schedule.workspace_id == workspace_id)
    return (await session.execute(named)).scalar_one_or_none()


async def lock(session: AsyncSession, schedule_id: str, workspace_id: str) -> Schedule | None:
    """One workspace's recurring brief, held until the transaction ends."""
    statement = (
        select(Schedule)
        .where(Schedule.id == schedule_id, Schedule.workspace_id == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def halt(session: AsyncSession, schedule_id: str, reason: dict[str, Any], *, channel_id: str) -> bool:
    """Pause what cannot go on in this channel, and have admins told; False for one that has moved since."""
    statement = (
        update(Schedule)
        .where(
            Schedule.id == schedule_id,
            Schedule.channel_id == channel_id,
            Schedule.state == ScheduleState.ACTIVE,
        )
        .values(
            state=ScheduleState.PAUSED,
            paused_reason=reason,
            next_at=database_now(),
            lease_owner=None,
            lease_until=None,
        )
        .returning(Schedule.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def count_of_owner(session: AsyncSession, workspace_id: str, owner_id: str) -> int:
    """How many a person has, paused ones too."""
    statement = select(func.count()).where(
        Schedule.workspace_id == workspace_id, Schedule.owner_id == owner_id
    )
    return (await session.execute(statement)).scalar_one()


async def listed(
    session: AsyncSession, workspace_id: str, *, owner_id: str | None, offset: int, page: int
) -> Recurring:
    """A page of a person's recurring briefs, or with None of everyone's."""
    halted = Schedule.paused_reason.is_not(None)
    statement = (
        select(Schedule)
        .where(Schedule.workspace_id == workspace_id)
        .order_by(halted.desc(), Schedule.created_at, Schedule.id)
        .offset(offset)
        .limit(page + 1)
    )
    if owner_id is not None:
        statement = statement.where(Schedule.owner_id == owner_id)
    found = (await session.execute(statement)).scalars().all()
    counts = select(func.count(), func.count(Schedule.paused_reason)).where(
        Schedule.workspace_id == workspace_id
    )
    everyones, paused_by_us = (await session.execute(counts)).one()
    return Recurring(
        shown=found[:page],
        offset=offset,
        page=page,
        has_more=len(found) > page,
        everyones=everyones,
        halted=paused_by_us,
    )


async def marks(
    session: AsyncSession, workspace_id: str, people: Collection[str]
) -> dict[str, frozenset[tuple[str, ...]]]:
    """For each of these people where their recurring briefs stand, and which the bot has paused."""
    shown = (Schedule.id, Schedule.state, Schedule.next_at, Schedule.channel_id, Schedule.time_of_day)
    halted = Schedule.paused_reason.is_not(None)
    statement = select(Schedule.owner_id, halted, *shown).where(
        Schedule.workspace_id == workspace_id, or_(Schedule.owner_id.in_(people), halted)
    )
    found: dict[str, set[tuple[str, ...]]] = {person: set() for person in people}
    for owner, is_halted, *facts in await session.execute(statement):
        for person in found if is_halted else {owner} & found.keys():
            found[person].add(tuple(str(fact) for fact in facts))
    return {person: frozenset(facts) for person, facts in found.items()}


async def release_all(session: AsyncSession, owner: str) -> None:
    """Give back every lease of a process that stops."""
    await session.execute(
        update(Schedule)
        .where(Schedule.lease_owner == owner)
        .values(lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
