"""Asking Origami how its runs are, until each is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import and_, case

from bot import origami
from bot.origami import Priority, ceiling, poll_interval
from bot.runs import reasons
from bot.runs.finish import finish
from storage import budgets, deliveries, runs, workspaces
from storage.records import DeliveryKind, OurStatus, Run
from storage.times import database_now

if TYPE_CHECKING:
    from datetime import datetime

    from bot.runs.context import Context
    from storage.runs import Claim

log = structlog.get_logger(__name__)

FREE: dict[str, Any] = {"lease_owner": None, "lease_until": None}

STOP_WAITS = and_(Run.stop_requested_at.is_not(None), Run.cancelled_at.is_(None))
"""Stop was pressed while we were asking: the next poll brings it to Origami at once."""


@dataclass(frozen=True, slots=True)
class Due:
    """A leased run whose poll is due, and how many runs its key has at Origami."""

    claim: Claim
    open_runs: int = 1


@dataclass(frozen=True, slots=True)
class StillRunning:
    """What a poll of a run that goes on leaves to be written back, together with others'."""

    claim: Claim
    due_in: float
    values: dict[str, Any] = field(default_factory=dict)
    progress: bool = False


async def claim(context: Context, limit: int) -> list[Due]:
    """Lease the runs whose poll is due, as far as the request budget of each key goes."""
    async with context.db.write() as session:
        claims = await runs.claim_polls(
            session, owner=context.owner, limit=limit, lease_seconds=context.pace.lease
        )
        by_key: dict[str, list[Claim]] = {}
        for one in claims:
            by_key.setdefault(context.origami.budget_name(one.workspace), []).append(one)
        running = await runs.count_running(session, {one.workspace.id for one in claims})
        granted: list[Due] = []
        for name, mine in by_key.items():
            open_runs = sum(
                running.get(workspace_id, 0) for workspace_id in {one.workspace.id for one in mine}
            )
            costs = list(accumulate(2 if _to_be_cancelled(one) else 1 for one in mine))
            budget = await budgets.spend(session, name, want=costs[-1], ceiling=ceiling(Priority.POLL))
            count = sum(cost <= budget for cost in costs)
            granted += [Due(one, open_runs) for one in mine[:count]]
            context.metrics.budget_denied.labels("poll").inc(len(mine) - count)
            for late in mine[count:]:
                due_at = database_now(1 + context.jitter())
                await runs.write_back(session, late.run.id, owner=context.owner, due_at=due_at, **FREE)
        return granted


def _to_be_cancelled(claim: Claim) -> bool:
    return claim.run.stop_requested_at is not None and claim.run.cancelled_at is None


async def poll(context: Context, due: Due) -> StillRunning | None:
    """Ask once about a leased run; None when it has ended and everything about that is written."""
    claim, run = due.claim, due.claim.run
    client = context.origami.client(claim.workspace)
    assert run.agent_id is not None
    assert run.origami_run_id is not None
    if client is None:
        without_key = await reasons.no_key(context, claim.workspace)
        return await _no_answer(context, claim, origami.KeyRefused("no key"), without_key)
    if run.due_at:
        context.metrics.poll_lateness.observe(max(0.0, (context.clock() - run.due_at).total_seconds()))
    try:
        polled = await client.run(run.agent_id, run.origami_run_id)
        context.metrics.polls.labels("answered").inc()
        if run.attempts:
            log.info("run.poll_recovered", team=claim.workspace.team_id, run=run.id, attempts=run.attempts)
        if polled.run.is_over(polled.retry_after):
            await finish(context, claim, status=polled.run.status, result=polled.run.bounded())
            return None
        return await _goes_on(context, client, due, polled)
    except (origami.RunNotFound, origami.AgentNotFound) as error:
        context.metrics.polls.labels(type(error).__name__).inc()
        await finish(
            context,
            claim,
            status=OurStatus.LOST,
            reason=reasons.reason_for(error) | {"code": "RUN_NOT_FOUND"},
        )
        return None
    except origami.OrigamiError as error:
        context.metrics.polls.labels(type(error).__name__).inc()
        return await _no_answer(context, claim, error)


async def _goes_on(
    context: Context, client: origami.Origami, due: Due, polled: origami.Polled
) -> StillRunning | None:
    claim, run, now = due.claim, due.claim.run, context.clock()
    if run.started_at and (now - run.started_at).total_seconds() > context.pace.silence_limit:
        await finish(context, claim, status=OurStatus.LOST, reason={"code": "NEVER_ENDED"})
        return None
    values: dict[str, Any] = {
        "steps_completed": polled.run.steps.completed,
        "steps_max": polled.run.steps.max,
        "attempts": 0,
        "answered_at": database_now(),
    }
    due_in = context.pace.first_poll if polled.retry_after is None else polled.retry_after
    due_in = poll_interval(due.open_runs, due_in, polls_a_minute=context.pace.polls_a_minute)
    if claim.workspace.key_refused_at:
        await _key_works_again(context, claim)
        values["reason"] = None
    if run.stop_requested_at:
        if run.cancelled_at is None:
            await client.cancel(run.agent_id or "")
            values["cancelled_at"] = database_now()
        due_in = min(due_in, context.pace.stop_poll)
    moved = polled.run.steps.completed != run.steps_completed or _minutes(run.started_at, now) != _minutes(
        run.started_at, run.answered_at
    )
    return StillRunning(claim, due_in + context.jitter() * min(1.0, due_in / 10), values, progress=moved)


def _minutes(since: datetime | None, now: datetime | None) -> int:
    return int((now - since).total_seconds() // 60) if since and now else 0


async def _no_answer(
    context: Context, claim: Claim, error: origami.OrigamiError, reason: dict[str, Any] | None = None
) -> StillRunning | None:
    run = claim.run
    if run.attempts == 0:
        log.warning(
            "run.poll_failed",
            team=claim.workspace.team_id,
            run=run.id,
            error=type(error).__name__,
            http_status=error.status,
        )
    last = run.answered_at or run.started_at
    if last and (context.clock() - last).total_seconds() > context.pace.silence_limit:
        await finish(context, claim, status=OurStatus.LOST, reason=reason or {"code": "NO_ANSWER"})
        return None
    if isinstance(error, origami.KeyRefused):
        await _key_is_refused(context, claim, reason or reasons.reason_for(error))
        return None
    wait = context.backoff(run.attempts + 1)
    return _later(context, claim, wait if error.retry_after is None else error.retry_after + context.jitter())


async def _key_is_refused(context: Context, claim: Claim, reason: dict[str, Any]) -> None:
    """Stop asking with this key, but for a try now and then; each run's message says what is wrong."""
    seconds = context.pace.refused_key_retry
    async with context.db.write() as session:
        await runs.write_back(
            session, claim.run.id, owner=context.owner, attempts=claim.run.attempts + 1, **FREE
        )
        await workspaces.key_refused(session, claim.workspace.id, refused=True)
        held = await runs.hold_polls(session, claim.workspace.id, seconds)
        await runs.explain(session, held, reason)
        await deliveries.revise(session, held, DeliveryKind.OPENING)
    log.warning("origami.key_refused", team=claim.workspace.team_id)
    context.wake("deliver")


async def _key_works_again(context: Context, claim: Claim) -> None:
    async with context.db.write() as session:
        await workspaces.key_refused(session, claim.workspace.id, refused=False)
        resumed = await runs.hold_polls(session, claim.workspace.id, 0)
        await runs.explain(session, resumed, None)
        await deliveries.revise(session, resumed, DeliveryKind.OPENING)
    log.info("origami.key_accepted", team=claim.workspace.team_id)
    context.wake("deliver")
    context.wake("poll")


def _later(context: Context, claim: Claim, seconds: float) -> StillRunning:
    del context
    return StillRunning(claim, seconds, {"attempts": claim.run.attempts + 1})


async def write_back(context: Context, polled: list[StillRunning]) -> None:
    """Write what a handful of polls found, in one transaction; what others took over is left alone."""
    if not polled:
        return
    moved: list[str] = []
    async with context.db.write() as session:
        for one in polled:
            try:
                await runs.write_back(
                    session,
                    one.claim.run.id,
                    owner=context.owner,
                    due_at=case((STOP_WAITS, database_now()), else_=database_now(one.due_in)),
                    **one.values,
                    **FREE,
                )
            except runs.LeaseLostError:
                log.warning("run.lease_lost", run=one.claim.run.id)
                continue
            if one.progress:
                moved.append(one.claim.run.id)
        if moved:
            await deliveries.revise(
                session, moved, DeliveryKind.OPENING, progress=True, seconds_apart=context.pace.progress_apart
            )
    if moved:
        context.wake("deliver")
