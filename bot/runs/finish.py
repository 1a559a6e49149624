"""The end of a run: its final state, its choices and what it owes Slack, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.origami import Outcome
from bot.runs.offers import offers
from bot.runs.watched import watch_main_table
from storage import deliveries, polls, preferences, runs
from storage.records import Choice, ChoiceState, DeliveryKind, RunState
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot import origami
    from bot.runs.context import Context
    from storage.runs import Claim

log = structlog.get_logger(__name__)

MOST_LEADS = 2**31 - 1
"""Ours: what an integer column holds."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A leased run that is over: with Origami's status and result, or with one of ours and its reason."""

    run_id: str
    status: str
    result: origami.Run | None = None
    reason: dict[str, Any] | None = None


async def finish_all(context: Context, ended: Sequence[Ended]) -> None:
    """End runs in one transaction, or each in its own where one of them cannot be written.

    What another process has ended or taken over is left alone.
    """
    try:
        await _finish_together(context, ended)
    except Exception:
        if len(ended) == 1:
            raise
        log.exception("run.finish_failed", runs=len(ended))
        for one in ended:
            await finish_all(context, [one])


async def _finish_together(context: Context, ended: Sequence[Ended]) -> None:
    async with context.db.write() as session:
        claims = await polls.claims(session, [one.run_id for one in ended])
        for one in ended:
            try:
                await finish_in(session, context, claims[one.run_id], one)
            except (KeyError, LeaseLostError):
                claims.pop(one.run_id, None)
                log.warning("run.lease_lost", run=one.run_id)
    for one in ended:
        if one.run_id in claims:
            _tell_the_log(claims[one.run_id], one)
    _wake(context)


async def finish(
    context: Context,
    claim: Claim,
    *,
    status: str,
    result: origami.Run | None = None,
    reason: dict[str, Any] | None = None,
) -> None:
    """End a leased run with Origami's status and result, or with one of ours and its reason.

    Raises LeaseLostError when another process has ended it or taken it over: nothing is written then.
    """
    ended = Ended(claim.run.id, status, result, reason)
    async with context.db.write() as session:
        await finish_in(session, context, claim, ended)
    _tell_the_log(claim, ended)
    _wake(context)


def _tell_the_log(claim: Claim, ended: Ended) -> None:
    log.info(
        "run.finished",
        team=claim.workspace.team_id,
        thread=claim.thread.id,
        run=claim.run.id,
        status=ended.status,
        code=(ended.reason or {}).get("code"),
    )


def _wake(context: Context) -> None:
    for tick in ("deliver", "submit", "watch"):
        context.wake(tick)


async def finish_in(session: AsyncSession, context: Context, claim: Claim, ended: Ended) -> None:
    """The same, in the caller's transaction."""
    run, status, result, reason = claim.run, ended.status, ended.result, ended.reason
    await runs.write_back(
        session,
        run.id,
        owner=context.owner,
        state=RunState.FINISHED,
        status=status,
        reason=reason,
        result=result.to_json() if result else None,
        finished_at=database_now(),
        due_at=None,
        lease_owner=None,
        lease_until=None,
        **(_counted(result) if result else {}),
    )
    others = [one for one in await runs.open_in_thread(session, run.thread_id) if one.id != run.id]
    # A reply that waits in the thread is the next follow-up: what this end offers comes too late.
    state = ChoiceState.EXPIRED if others else ChoiceState.OPEN
    for offer in offers(status, result, reason):
        session.add(
            Choice(
                id=context.new_id(),
                workspace_id=run.workspace_id,
                run_id=run.id,
                kind=offer.kind,
                question_index=offer.question_index,
                position=offer.position,
                label=offer.label,
                action_type=offer.action_type,
                table_slug=offer.table_slug,
                state=state,
            )
        )
    await session.flush()
    await deliveries.revise(session, [run.id], DeliveryKind.OPENING)
    await deliveries.owe(
        session,
        token=context.new_id(),
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.ANSWER,
        channel_id=claim.thread.channel_id,
    )
    if result is not None:
        await watch_main_table(session, run, result)
    await _tell_by_direct_message(session, context, claim)
    await the_line_moves(session, run.workspace_id)


async def _tell_by_direct_message(session: AsyncSession, context: Context, claim: Claim) -> None:
    run, thread = claim.run, claim.thread
    wanted = await preferences.resolve(
        session, run.workspace_id, user_id=run.requester_id, channel_id=thread.channel_id
    )
    if wanted.notify not in {"dm", "both"} or thread.channel_id.startswith("D"):
        return
    await deliveries.owe(
        session,
        token=context.new_id(),
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.NOTICE,
        subject="run_ended",
        channel_id=thread.channel_id,
        recipient_id=run.requester_id,
        payload={
            "code": "run_ended",
            "channel_id": thread.channel_id,
            "prompt": run.prompt[:500],
            "team_id": claim.workspace.team_id,
            "thread_ts": thread.thread_ts,
        },
    )


def _counted(result: origami.Run) -> dict[str, int]:
    return {
        "steps_completed": result.steps.completed,
        "steps_max": result.steps.max,
        "leads_added": min(max(Outcome.of(result).total_leads_added, 0), MOST_LEADS),
    }


async def the_line_moves(session: AsyncSession, workspace_id: str) -> None:
    """A slot may be free: the workspace's line tries at once, and every place in it is shown anew."""
    waiting = await runs.waiting(session, workspace_id)
    if waiting:
        await runs.line_retries_in(session, workspace_id, 0)
        await deliveries.revise(session, waiting, DeliveryKind.OPENING, progress=True)
