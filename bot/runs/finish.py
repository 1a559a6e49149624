"""The end of a run: its final state, its choices and what it owes Slack, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from bot.runs.offers import offers
from storage import deliveries, runs
from storage.records import Choice, DeliveryKind, RunState
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot import origami
    from bot.runs.context import Context
    from storage.runs import Claim

log = structlog.get_logger(__name__)


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
    async with context.db.write() as session:
        await finish_in(session, context, claim, status=status, result=result, reason=reason)
    log.info(
        "run.finished",
        team=claim.workspace.team_id,
        thread=claim.thread.id,
        run=claim.run.id,
        status=status,
        code=(reason or {}).get("code"),
    )
    context.wake("deliver")
    context.wake("submit")


async def finish_in(
    session: AsyncSession,
    context: Context,
    claim: Claim,
    *,
    status: str,
    result: origami.Run | None,
    reason: dict[str, Any] | None,
) -> None:
    """The same, in the caller's transaction."""
    run = claim.run
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
        **({"steps_completed": result.steps.completed, "steps_max": result.steps.max} if result else {}),
    )
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
    await the_line_moves(session, run.workspace_id)


async def the_line_moves(session: AsyncSession, workspace_id: str) -> None:
    """A slot may be free: the workspace's line tries at once, and every place in it is shown anew."""
    waiting = await runs.waiting(session, workspace_id)
    if waiting:
        await runs.line_retries_in(session, workspace_id, 0)
        await deliveries.revise(session, waiting, DeliveryKind.OPENING, progress=True)
