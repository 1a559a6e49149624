"""Asking Origami how its runs are, until each is over."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import structlog
from structlog.contextvars import get_contextvars

from bot import origami
from bot.origami import Priority, ceiling, poll_interval
from bot.runs import reasons
from bot.runs.finish import Ended, finish_all
from storage import budgets, deliveries, polls, runs, workspaces
from storage.polls import Polled
from storage.records import DeliveryKind, OurStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.runs.context import Context
    from storage.polls import Poll

log = structlog.get_logger(__name__)

JITTER_SECONDS = 0.1
"""At the most: enough for polls that fall together to drift apart, and nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Due:
    """A leased run whose poll is due, and how many runs its key has at Origami."""

    poll: Poll
    starts_at: float
    """The event loop's time before which it must not be asked about."""
    open_runs: int = 1


@dataclass(frozen=True, slots=True)
class StillRunning:
    """What a poll of a run that goes on leaves to be written back, together with others'."""

    polled: Polled
    asked_at: datetime
    """When the answer came: the next poll is due so long after that."""
    progress: bool = False


Outcome = StillRunning | Ended


async def claim(context: Context, limit: int, *, ahead: float = 0.0) -> list[Due]:
    """Lease the runs that are due within ``ahead`` seconds, as far as the request budget of each key goes."""
    async with context.db.write() as session:
        claimed = await polls.claim(
            session, owner=context.owner, limit=limit, lease_seconds=context.pace.lease, ahead=ahead
        )
        now = asyncio.get_running_loop().time()
        if not claimed:
            return []
        by_key: dict[str, list[Poll]] = {}
        for one in claimed:
            by_key.setdefault(context.origami.budget_name(one.workspace), []).append(one)
        running = await runs.count_running(session, {one.workspace.id for one in claimed})
        costs = {
            name: list(accumulate(2 if one.to_be_cancelled else 1 for one in mine))
            for name, mine in by_key.items()
        }
        budget = await budgets.spend_each(
            session, {name: each[-1] for name, each in costs.items()}, ceiling=ceiling(Priority.POLL)
        )
        granted: list[Due] = []
        late: list[Polled] = []
        for name, mine in by_key.items():
            open_runs = sum(running.get(workspace, 0) for workspace in {one.workspace.id for one in mine})
            count = sum(cost <= budget[name] for cost in costs[name])
            granted += [Due(one, now + one.due_in, open_runs) for one in mine[:count]]
            late += [Polled(one.id, max(one.due_in, 0) + 1 + context.jitter()) for one in mine[count:]]
            context.metrics.budget_denied.labels("poll").inc(len(mine) - count)
        if late:
            await polls.write_back(session, late, owner=context.owner)
        return granted


async def poll(context: Context, due: Due) -> Outcome | None:
    """Ask once about a leased run; None where nothing is left to be written."""
    run = due.poll
    client = context.origami.client(run.workspace)
    if client is None:
        without_key = await reasons.no_key(context, run.workspace)
        return await _no_answer(context, run, origami.KeyRefused("no key"), without_key)
    context.metrics.poll_lateness.observe(max(0.0, asyncio.get_running_loop().time() - due.starts_at))
    try:
        polled = await client.run(run.agent_id, run.origami_run_id)
        context.metrics.polls.labels("answered").inc()
        if run.attempts:
            log.info("run.poll_recovered", team=run.workspace.team_id, run=run.id, attempts=run.attempts)
        if polled.run.is_over(polled.retry_after):
            return Ended(
                run.id,
                polled.run.status,
                result=polled.run.bounded(),
                request_id=get_contextvars().get("origami_request"),
            )
        return await _goes_on(context, client, due, polled)
    except (origami.RunNotFound, origami.AgentNotFound) as error:
        context.metrics.polls.labels(type(error).__name__).inc()
        return Ended(run.id, OurStatus.LOST, reason=reasons.reason_for(error) | {"code": "RUN_NOT_FOUND"})
    except origami.OrigamiError as error:
        context.metrics.polls.labels(type(error).__name__).inc()
        return await _no_answer(context, run, error)


async def _goes_on(context: Context, client: origami.Origami, due: Due, answer: origami.Polled) -> Outcome:
    run, now = due.poll, context.clock()
    if run.started_at and (now - run.started_at).total_seconds() > context.pace.silence_limit:
        return Ended(run.id, OurStatus.LOST, reason={"code": "NEVER_ENDED"})
    due_in = context.pace.first_poll if answer.retry_after is None else answer.retry_after
    due_in = poll_interval(due.open_runs, due_in, polls_a_minute=context.pace.polls_a_minute)
    if run.workspace.key_refused_at:
        await _key_works_again(context, run)
    cancels = run.to_be_cancelled
    if run.stop_requested_at:
        if cancels:
            await client.cancel(run.agent_id)
        due_in = min(due_in, context.pace.stop_poll)
    steps = answer.run.steps
    moved = steps.completed != run.steps_completed or _minutes(run.started_at, now) != _minutes(
        run.started_at, run.answered_at
    )
    polled = Polled(
        run.id,
        due_in + context.jitter() * min(JITTER_SECONDS, due_in / 10),
        attempts=0,
        steps_completed=steps.completed,
        steps_max=steps.max,
        answered=True,
        cancelled=cancels,
    )
    return StillRunning(polled, now, progress=moved)


def _minutes(since: datetime | None, now: datetime | None) -> int:
    return int((now - since).total_seconds() // 60) if since and now else 0


async def _no_answer(
    context: Context, run: Poll, error: origami.OrigamiError, reason: dict[str, Any] | None = None
) -> Outcome | None:
    now, wait = context.clock(), error.retry_after
    if run.attempts == 0:
        log.warning(
            "run.poll_failed",
            team=run.workspace.team_id,
            run=run.id,
            error=type(error).__name__,
            http_status=error.status,
        )
    last = run.answered_at or run.started_at
    if last and (now - last).total_seconds() > context.pace.silence_limit:
        return Ended(run.id, OurStatus.LOST, reason=reason or {"code": "NO_ANSWER"})
    if isinstance(error, origami.KeyRefused):
        await _key_is_refused(context, run, reason or reasons.reason_for(error))
        return None
    seconds = context.backoff(run.attempts + 1) if wait is None else wait + context.jitter()
    return StillRunning(Polled(run.id, seconds, attempts=run.attempts + 1), now)


async def _key_is_refused(context: Context, run: Poll, reason: dict[str, Any]) -> None:
    """Stop asking with this key, but for a try now and then; each run's message says what is wrong."""
    seconds = context.pace.refused_key_retry
    async with context.db.write() as session:
        await polls.write_back(
            session, [Polled(run.id, seconds, attempts=run.attempts + 1)], owner=context.owner
        )
        await workspaces.key_refused(session, run.workspace.id, refused=True)
        held = await runs.hold_polls(session, run.workspace.id, seconds)
        await runs.explain(session, held, reason)
        await deliveries.revise(session, held, DeliveryKind.OPENING)
    log.warning("origami.key_refused", team=run.workspace.team_id)
    context.wake("deliver")


async def _key_works_again(context: Context, run: Poll) -> None:
    async with context.db.write() as session:
        await workspaces.key_refused(session, run.workspace.id, refused=False)
        resumed = await runs.hold_polls(session, run.workspace.id, 0)
        await runs.explain(session, resumed, None)
        await deliveries.revise(session, resumed, DeliveryKind.OPENING)
    log.info("origami.key_accepted", team=run.workspace.team_id)
    context.wake("deliver")
    context.wake("poll")


def is_over(outcome: Outcome) -> bool:
    """Whether a rep waits for what this poll found."""
    return isinstance(outcome, Ended)


async def write_back(context: Context, outcomes: Sequence[Outcome]) -> None:
    """Write what a handful of polls found; what others took over meanwhile is left alone."""
    going_on = [one for one in outcomes if isinstance(one, StillRunning)]
    if going_on:
        await _write_back(context, going_on)
    ended = [one for one in outcomes if isinstance(one, Ended)]
    if ended:
        await finish_all(context, ended)


async def _write_back(context: Context, going_on: list[StillRunning]) -> None:
    async with context.db.write() as session:
        now = context.clock()
        kept = await polls.write_back(
            session, [_since_the_answer(one, now) for one in going_on], owner=context.owner
        )
        moved = [one.polled.id for one in going_on if one.progress and one.polled.id in kept]
        if moved:
            await deliveries.revise(
                session, moved, DeliveryKind.OPENING, progress=True, seconds_apart=context.pace.progress_apart
            )
    for one in going_on:
        if one.polled.id not in kept:
            log.warning("run.lease_lost", run=one.polled.id)
    if moved:
        context.wake("deliver")


def _since_the_answer(one: StillRunning, now: datetime) -> Polled:
    """What has passed since its answer counts; a clock that was put forward meanwhile does not."""
    passed = min(max((now - one.asked_at).total_seconds(), 0.0), 1.0)
    return replace(one.polled, due_in=max(one.polled.due_in - passed, 0.0))
