"""A recurring brief whose time has come: one run, or none and the reason why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.runs.recurrence import RecurrenceError, next_after
from bot.runs.start import Brief, Occurrence, Team, begin
from storage import deliveries, schedules
from storage.records import DeliveryKind, OurStatus, Run, RunState, ScheduleState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from storage.records import Schedule, Workspace
    from storage.schedules import Due

log = structlog.get_logger(__name__)

TELL_WITHIN = timedelta(days=1)
"""For how long Slack is asked again who the admins are; Home tells them in any case."""


class Colleagues(Protocol):
    """What Slack tells of a workspace's people."""

    async def has_left(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is gone from the workspace; where Slack does not tell, they are not."""

    async def admins(self, workspace: Workspace) -> Sequence[str] | None:
        """Some of the workspace's admins; None when Slack does not tell just now."""


async def claim(context: Context, limit: int) -> list[Due]:
    """Lease the recurring briefs whose time has come, and those whose pause admins are to be told of."""
    async with context.db.write() as session:
        return await schedules.claim_due(
            session, owner=context.owner, limit=limit, lease_seconds=context.pace.lease
        )


async def work(context: Context, colleagues: Colleagues, due: Due) -> None:
    """Start the run of a leased recurring brief, pause it if its owner has left, or tell of its pause."""
    if due.schedule.state != ScheduleState.ACTIVE:
        await _tell_admins(context, due, await colleagues.admins(due.workspace))
    elif await colleagues.has_left(due.workspace, due.schedule.owner_id):
        await _fire(context, due, refused="OWNER_LEFT")
    else:
        await _fire(context, due)
    context.wake("deliver")
    context.wake("home")


async def _fire(context: Context, due: Due, *, refused: str | None = None) -> None:
    """Begin the run and move on to the first time that is still to come, so that missed ones are one.

    With ``refused`` the run is over at once, its message says why, and nothing recurs any more.
    """
    async with context.db.write() as session:
        schedule = await schedules.lock_leased(session, due, owner=context.owner)
        if schedule is None or schedule.next_at is None:
            return
        occurrence = Occurrence(schedule.id, schedule.next_at)
        now = await schedules.database_time(session)
        try:
            next_at = next_after(
                schedule.weekdays, schedule.time_of_day, schedule.time_zone, max(now, occurrence.due_at)
            )
        except RecurrenceError:
            next_at, refused = now, "CANNOT_RECUR"
        schedule.next_at = next_at
        schedule.lease_owner = schedule.lease_until = None
        if await session.get(Run, occurrence.run_id) is None:
            run = await begin(context, session, due.workspace, _brief(due, occurrence), schedule.prompt)
            if refused:
                _refuse(schedule, run, refused, now)
    log.info("schedule.fired", team=due.workspace.team_id, schedule=due.schedule.id, refused=refused)


def _brief(due: Due, occurrence: Occurrence) -> Brief:
    schedule, workspace = due.schedule, due.workspace
    return Brief(
        key=occurrence.run_id,
        team=Team(workspace.team_id, workspace.enterprise_id),
        channel_id=schedule.channel_id,
        requester_id=schedule.owner_id,
        prompt=schedule.prompt,
        source="schedule",
        model=schedule.model,
        occurrence=occurrence,
    )


def _refuse(schedule: Schedule, run: Run, code: str, now: datetime) -> None:
    run.state, run.status, run.reason, run.finished_at = (
        RunState.FINISHED,
        OurStatus.REJECTED,
        {"code": code},
        now,
    )
    schedule.state, schedule.paused_reason = ScheduleState.PAUSED, {"code": code, "run_id": run.id}
    schedule.next_at = now


async def _tell_admins(context: Context, due: Due, admins: Sequence[str] | None) -> None:
    """Owe the admins a direct message about what the bot has paused; it hangs on the run that showed why."""
    async with context.db.write() as session:
        schedule = await schedules.lock_leased(session, due, owner=context.owner)
        if schedule is None or schedule.next_at is None:
            return
        schedule.lease_owner = schedule.lease_until = None
        reason = schedule.paused_reason or {}
        run = await session.get(Run, str(reason.get("run_id")))
        if admins is None and run and run.created_at > schedule.next_at - TELL_WITHIN:
            schedule.next_at += timedelta(seconds=context.pace.backoff_cap)
            return
        schedule.next_at = None
        for admin in (admins or ()) if run else ():
            await _tell(context, session, schedule, admin, reason)


async def _tell(
    context: Context, session: AsyncSession, schedule: Schedule, admin: str, reason: dict[str, object]
) -> None:
    await deliveries.owe(
        session,
        token=context.new_id(),
        workspace_id=schedule.workspace_id,
        run_id=reason["run_id"],
        kind=DeliveryKind.NOTICE,
        subject=f"schedule_paused:{admin}",
        channel_id=schedule.channel_id,
        recipient_id=admin,
        payload={
            "code": "schedule_paused",
            "reason": reason,
            "owner_id": schedule.owner_id,
            "channel_id": schedule.channel_id,
            "prompt": schedule.prompt[:500],
        },
    )
