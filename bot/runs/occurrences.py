"""A recurring brief whose time has come: one run, or none and the reason why."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.runs.guard import Who, may_start
from bot.runs.permission import Facts, Refused, UnknownFacts
from bot.runs.recurrence import RecurrenceError, next_after
from bot.runs.start import Brief, Occurrence, Team, begin
from storage import audit, deliveries, schedules
from storage.records import DeliveryKind, OurStatus, Run, RunState, ScheduleState

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from storage.records import Schedule, Workspace
    from storage.schedules import Due

log = structlog.get_logger(__name__)

TELL_WITHIN = timedelta(days=1)
"""For how long Slack is asked again who the admins are; Home tells them in any case."""

NOBODY_ASKED = Who()
NOT_TOLD = frozenset({"GUEST_UNKNOWN", "GROUPS_UNKNOWN"})
OF_THE_POLICY = frozenset({"GUEST", "NOT_LISTED", "OTHER_CHANNELS", "RUNS_A_DAY"})
"""Refusals that are the workspace's own, which a change of its policy would mend."""


class Colleagues(Protocol):
    """What Slack tells of a workspace's people."""

    async def has_left(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is gone from the workspace; where Slack does not tell, they are not."""

    async def is_admin(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is an admin of the workspace; where Slack does not tell, they are not."""

    async def is_guest(self, workspace: Workspace, user_id: str) -> bool | None:
        """Whether somebody is a guest; None where Slack does not tell."""

    async def groups_of(
        self, workspace: Workspace, user_id: str, groups: Collection[str]
    ) -> frozenset[str] | None:
        """Those of the user groups that somebody is in; None where Slack does not tell."""

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
        await _fire_if_owner_may(context, colleagues, due)
    context.wake("deliver")
    context.wake("home")


async def _fire_if_owner_may(context: Context, colleagues: Colleagues, due: Due) -> None:
    """Ask about the owner only where the workspace's policy turns on it."""
    try:
        await _fire(context, due)
    except UnknownFacts as unknown:
        owner = due.workspace, due.schedule.owner_id
        facts = Facts(
            is_admin=await colleagues.is_admin(*owner),
            is_guest=await colleagues.is_guest(*owner),
            groups=await colleagues.groups_of(*owner, unknown.groups),
        )
        await _fire(context, due, who=Who(facts))


async def _fire(context: Context, due: Due, *, who: Who = NOBODY_ASKED, refused: str | None = None) -> None:
    """Begin the run and move on to the first time that is still to come, so that missed ones are one.

    With ``refused`` the run is over at once, its message says why, and nothing recurs any more. So too where
    its owner may not start runs there any more; where they only have had their day's runs, this one is left
    out. Where Slack does not tell it is tried again when the lease has run out. Raises UnknownFacts.
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
            brief = _brief(due, occurrence, who)
            reason = {"code": refused} if refused else await _refusal(session, due.workspace, brief)
            if reason and reason["code"] in NOT_TOLD:
                await session.rollback()
                return
            run = await begin(context, session, due.workspace, brief, is_over=reason is not None)
            if reason:
                await _refuse(context, session, schedule, run=run, reason=reason, now=now)
    log.info("schedule.fired", team=due.workspace.team_id, schedule=due.schedule.id, refused=refused)


async def _refusal(session: AsyncSession, workspace: Workspace, brief: Brief) -> dict[str, Any] | None:
    try:
        await may_start(
            session,
            workspace.id,
            user_id=brief.user_id,
            channel_id=brief.channel_id,
            who=brief.who,
            recurs=True,
        )
    except Refused as refused:
        return refused.reason
    return None


def _brief(due: Due, occurrence: Occurrence, who: Who) -> Brief:
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
        who=who,
    )


async def _refuse(
    context: Context,
    session: AsyncSession,
    schedule: Schedule,
    *,
    run: Run,
    reason: dict[str, Any],
    now: datetime,
) -> None:
    code = reason["code"]
    run.state, run.status, run.reason, run.finished_at = RunState.FINISHED, OurStatus.REJECTED, reason, now
    if code in OF_THE_POLICY:
        await audit.record(session, run.workspace_id, run.requester_id, "refused", run_id=run.id, code=code)
    if code == "RUNS_A_DAY":
        await _tell(
            context, session, schedule, schedule.owner_id, run=run, reason=reason, code="schedule_left_out"
        )
        return
    schedule.state, schedule.paused_reason = ScheduleState.PAUSED, reason | {"run_id": run.id}
    schedule.next_at = now
    if code in OF_THE_POLICY:
        await _tell(context, session, schedule, schedule.owner_id, run=run, reason=reason)


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
        if run is not None:
            for admin in admins or ():
                await _tell(context, session, schedule, admin, run=run, reason=reason)


async def _tell(
    context: Context,
    session: AsyncSession,
    schedule: Schedule,
    user_id: str,
    *,
    run: Run,
    reason: dict[str, Any],
    code: str = "schedule_paused",
) -> None:
    await deliveries.owe(
        session,
        token=context.new_id(),
        workspace_id=schedule.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.NOTICE,
        subject=f"{code}:{user_id}",
        channel_id=schedule.channel_id,
        recipient_id=user_id,
        payload={
            "code": code,
            "reason": reason,
            "owner_id": schedule.owner_id,
            "channel_id": schedule.channel_id,
            "prompt": schedule.prompt[:500],
        },
    )
