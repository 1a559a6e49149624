"""Sending accepted runs to Origami, each of them at most once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot import origami
from bot.origami import Priority, ceiling
from bot.runs import reasons
from bot.runs.attachments import (
    FileLaterError,
    FileRefusedError,
    pending,
)
from bot.runs.finish import finish, the_line_moves
from bot.runs.hand_over import hand_over, requests_for
from bot.runs.not_yet import FREE, agent_is_gone, ids, new_key, try_again, wait
from bot.runs.reconcile import Begun, find_begun
from bot.runs.request import body_of
from storage import budgets, deliveries, runs
from storage.records import DeliveryKind, OurStatus, RunState, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from bot.runs.context import Context
    from bot.runs.floor import Floor
    from storage.runs import Claim

log = structlog.get_logger(__name__)

LOOK_UP_REQUESTS = 2
"""After an uncertain start: the agents by name, and the runs of the one that is found."""
MOST_FETCHES = 10
"""Tries for a file that Slack does not hand over, some minutes in all."""


async def claim(context: Context, limit: int) -> list[Claim]:
    """Lease what is due, as far as the request budget of each key goes."""
    # Each claim is a lease of its own: a start of ours that stalled past its lease must not take the next
    # one, which may be ours too, for its own.
    lease = f"{context.owner}/{context.new_id()[:8]}"
    async with context.db.write() as session:
        claims = await runs.claim_submissions(
            session, owner=lease, limit=limit, lease_seconds=context.pace.lease
        )
        granted = []
        for one in claims:
            name = context.origami.budget_name(one.workspace)
            want = requests_for(pending(one.run)) or 1
            want += LOOK_UP_REQUESTS if one.run.sent_at else 0
            top = ceiling(Priority.START)
            if await budgets.spend(session, name, want=want, ceiling=top, all_or_none=True):
                granted.append(one)
            else:
                context.metrics.budget_denied.labels("start").inc()
                await runs.write_back(session, one.run.id, owner=lease, due_at=database_now(1), **FREE)
        return granted


async def submit(context: Context, claim: Claim, *, floor: Floor | None = None) -> None:
    """Bring one leased run to Origami, or to the next state on its way there.

    Without ``floor`` no workspace's credit floor is looked at. A run that was taken over is left alone.
    """
    try:
        await _submit(context, claim, floor)
    except runs.LeaseLostError:
        log.warning("run.lease_lost", **ids(claim))


async def _submit(context: Context, claim: Claim, floor: Floor | None) -> None:
    client = context.origami.client(claim.workspace)
    if client is None and claim.run.sent_at is None:
        await finish(
            context, claim, status=OurStatus.REJECTED, reason=await reasons.no_key(context, claim.workspace)
        )
    elif client is None:
        await _look_again(context, claim, origami.KeyRefused("no key"))
    elif claim.run.stop_requested_at and claim.run.sent_at is None:
        await finish(context, claim, status=OurStatus.CANCELLED)
    elif reason := await _must_wait(context, claim):
        await wait(context, claim, reason, context.pace.slot_retry)
    elif floor and claim.run.sent_at is None and (reason := await floor.refusal(context, claim)):
        await finish(context, claim, status=OurStatus.REJECTED, reason=reason)
    else:
        await _look_and_send(context, client, claim)


async def _look_and_send(context: Context, client: origami.Origami, claim: Claim) -> None:
    try:
        begun = await find_begun(context, client, claim) if claim.run.sent_at else None
    except origami.OrigamiError as error:
        await _look_again(context, claim, error)
        return
    if begun is None and claim.run.stop_requested_at:
        await finish(context, claim, status=OurStatus.CANCELLED)
        return
    if begun is None and pending(claim.run):
        await _files_first(context, client, claim)
        return
    try:
        begun = begun or await _send(context, client, claim)
    except origami.OrigamiError as error:
        await _refused(context, claim, error)
    else:
        await _admitted(context, claim, begun)


async def _files_first(context: Context, client: origami.Origami, claim: Claim) -> None:
    try:
        await hand_over(context, client, claim)
    except FileRefusedError as error:
        await finish(context, claim, status=OurStatus.REJECTED, reason=error.reason)
    except FileLaterError as error:
        log.info("run.file_waits", team=claim.workspace.team_id, run=claim.run.id, why=str(error))
        if claim.run.attempts + 1 < MOST_FETCHES:
            await try_again(context, claim, delay=error.retry_after)
        else:
            await finish(context, claim, status=OurStatus.REJECTED, reason={"code": "FILE_UNREACHABLE"})
    except origami.TooManyRequests as error:
        # The refusal may be kept under the uploads' keys: they take new ones.
        await try_again(
            context, claim, delay=error.wait_seconds + context.jitter(), submissions=claim.run.submissions + 1
        )
    except origami.OrigamiError as error:
        await _refused(context, claim, error)


async def _look_again(context: Context, claim: Claim, error: origami.OrigamiError) -> None:
    """The look-up failed, which says nothing about the run: its key is kept, and it is looked for again."""
    last = claim.run.answered_at or claim.run.sent_at
    if isinstance(error, origami.AgentNotFound) and claim.thread.agent_id:
        await agent_is_gone(context, claim)
    elif last and (context.clock() - last).total_seconds() > context.pace.silence_limit:
        await finish(context, claim, status=OurStatus.LOST, reason={"code": "NO_ANSWER"})
    else:
        refused = context.pace.refused_key_retry if isinstance(error, origami.KeyRefused) else None
        await try_again(context, claim, delay=error.retry_after if refused is None else refused)


async def _must_wait(context: Context, claim: Claim) -> dict[str, Any] | None:
    """Why a run that was never sent has to wait: its thread's run goes on, or others were here before."""
    run = claim.run
    if run.sent_at is not None:
        return None
    async with context.db.read() as session:
        if await runs.thread_is_busy(session, run):
            return reasons.WAITING_FOR_THREAD
        if run.state == RunState.SUBMITTING:
            return await runs.reason_of_the_line(session, run.workspace_id)
    return None


async def _send(context: Context, client: origami.Origami, claim: Claim) -> Begun:
    run, agent_id = claim.run, claim.thread.agent_id
    if run.body is None or run.idempotency_key is None:
        body = body_of(claim).decode()
        run.body, run.idempotency_key = body, f"{run.id}-{run.submissions + 1}"
        run.submissions += 1
    async with context.db.write() as session:
        await runs.write_back(
            session,
            run.id,
            owner=claim.lease,
            state=RunState.SUBMITTING,
            reason=None,
            body=run.body,
            idempotency_key=run.idempotency_key,
            submissions=run.submissions,
            sent_at=run.sent_at or database_now(),
            lease_until=database_now(context.pace.lease),
        )
    log.info("run.sent", **ids(claim), submission=run.submissions, attempts=run.attempts)
    if agent_id is None:
        admission = await client.create_agent(run.body.encode(), idempotency_key=run.idempotency_key)
        return Begun(admission.agent.id, admission.run.id)
    return Begun(
        agent_id, (await client.send_run(agent_id, run.body.encode(), idempotency_key=run.idempotency_key)).id
    )


async def _admitted(context: Context, claim: Claim, begun: Begun) -> None:
    first_poll = 0.0 if claim.run.stop_requested_at else context.pace.first_poll
    async with context.db.write() as session:
        await runs.write_back(
            session,
            claim.run.id,
            owner=claim.lease,
            state=RunState.RUNNING,
            waits_for=None,
            reason=None,
            agent_id=begun.agent_id,
            origami_run_id=begun.run_id,
            attempts=0,
            due_at=database_now(first_poll),
            started_at=database_now(),
            answered_at=database_now(),
            **FREE,
        )
        thread = await session.get_one(Thread, claim.thread.id)
        thread.agent_id = begun.agent_id
        await deliveries.revise(session, [claim.run.id], DeliveryKind.OPENING, progress=True)
        await the_line_moves(session, claim.run.workspace_id)
    log.info(
        "run.started",
        **ids(claim),
        origami_agent=begun.agent_id,
        origami_run=begun.run_id,
    )
    context.wake("deliver")
    context.wake("submit")


async def _refused(context: Context, claim: Claim, error: origami.OrigamiError) -> None:
    context.metrics.starts_refused.labels(type(error).__name__).inc()
    if not claim.run.attempts and claim.run.state != RunState.QUEUED:
        log.info("run.start_refused", **ids(claim), code=error.code, http_status=error.status)
    match error:
        case origami.Unavailable() | origami.IdempotencyConflict():
            never_left = isinstance(error, origami.Unavailable) and not error.uncertain
            unsent: dict[str, Any] = {"sent_at": claim.run.sent_at} if never_left else {}
            await try_again(context, claim, **unsent)
        case origami.NoFreeSlot():
            context.metrics.slots.set(error.limit or 0)
            seconds = min(error.retry_after or context.pace.slot_retry, context.pace.slot_retry)
            await wait(context, claim, reasons.waiting_for_slot(error), seconds, all_wait=True)
        case origami.AgentBusy():
            # With somebody's run in the Origami app, or ours of unknown outcome: the next try looks first.
            await wait(context, claim, reasons.WAITING_FOR_AGENT, context.pace.first_poll)
        case origami.TooManyRequests():
            delay = error.retry_after if error.retry_after is not None else 60.0
            await try_again(context, claim, delay=delay + context.jitter(), **new_key(claim))
        case origami.AgentNotFound() if claim.thread.agent_id:
            await agent_is_gone(context, claim)
        case _:
            await finish(context, claim, status=OurStatus.REJECTED, reason=reasons.reason_for(error))
