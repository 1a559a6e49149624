"""The end of runs: their final state, their choices and what they owe Slack, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.metrics import status_label
from bot.origami import Outcome
from bot.runs.offers import offers
from bot.runs.watched import main_table, watch_main_tables
from storage import choices, deliveries, endings, preferences, runs
from storage.endings import Ending
from storage.records import ChoiceState, DeliveryKind
from storage.runs import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot import origami
    from bot.runs.context import Context
    from storage.endings import Over
    from storage.preferences import Preferences
    from storage.runs import Claim

log = structlog.get_logger(__name__)

READ_WITHIN = 1.0
"""Seconds for which a headline waits for a table that is read when its run has ended; the answer does not."""
MOST_LEADS = 2**31 - 1
"""Ours: what an integer column holds."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A leased run that is over: with Origami's status and result, or with one of ours and its reason."""

    run_id: str
    status: str
    result: origami.Run | None = None
    reason: dict[str, Any] | None = None
    request_id: str | None = None
    """Origami's, of the answer that told it."""


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
    if not await _finish_together(context, [Ended(claim.run.id, status, result, reason)], owner=claim.lease):
        raise LeaseLostError(claim.run.id)


async def finish_all(context: Context, ended: Sequence[Ended]) -> None:
    """End runs in one transaction, or each in its own where one of them cannot be written.

    What another process has ended or taken over is left alone. One that cannot be written at all is asked
    about again when its lease has run out.
    """
    try:
        written = await _finish_together(context, ended, owner=context.owner)
    except Exception:
        if len(ended) == 1:
            log.exception("run.finish_failed", run=ended[0].run_id)
            context.metrics.item_failures.labels("poll").inc()
            return
        for one in ended:
            await finish_all(context, [one])
    else:
        for one in ended:
            if one.run_id not in written:
                log.warning("run.lease_lost", run=one.run_id)


async def _finish_together(context: Context, ended: Sequence[Ended], *, owner: str) -> set[str]:
    """Returns the ids of the runs that were ours to end, under the leases of ``owner``."""
    async with context.db.write() as session:
        written = await endings.write(session, [_ending(one) for one in ended], owner=owner)
        ours = [one for one in ended if one.run_id in written]
        over = await endings.read(session, written) if ours else {}
        others_wait = bool(ours) and await _what_follows(context, session, ours, over)
    for one in ours:
        claim = over[one.run_id].claim
        log.info(
            "run.finished",
            team=claim.workspace.team_id,
            thread=claim.thread.id,
            run=one.run_id,
            status=one.status,
            code=(one.reason or {}).get("code"),
            **({"origami_request": one.request_id} if one.request_id else {}),
        )
        context.metrics.runs_finished.labels(status_label(one.status)).inc()
    context.wake("deliver")
    context.wake_soon("watch")
    if others_wait:
        context.wake("submit")
    return written


def _ending(ended: Ended) -> Ending:
    result = ended.result
    if result is None:
        return Ending(ended.run_id, ended.status, reason=ended.reason)
    return Ending(
        ended.run_id,
        ended.status,
        reason=ended.reason,
        result=result.to_json(),
        steps_completed=result.steps.completed,
        steps_max=result.steps.max,
        leads_added=min(max(Outcome.of(result).total_leads_added, 0), MOST_LEADS),
    )


async def _what_follows(
    context: Context, session: AsyncSession, ended: Sequence[Ended], over: dict[str, Over]
) -> bool:
    """Returns whether others have waited for these ends."""
    each = [(one, over[one.run_id]) for one in ended]
    wanted = await preferences.resolve_each(
        session,
        [
            (of.claim.run.workspace_id, of.claim.run.requester_id, of.claim.thread.channel_id)
            for _, of in each
        ],
    )
    await choices.keep(
        session, [row for one, of in each for row in _choices(context, one, of.claim, moot=of.thread_is_busy)]
    )
    await _revise_openings(session, ended)
    await deliveries.owe_all(
        session,
        [
            row
            for (_, of), preference in zip(each, wanted, strict=True)
            for row in _owed(context, of.claim, preference)
        ],
    )
    await watch_main_tables(session, [(of.claim.run, one.result) for one, of in each])
    lines = {of.claim.run.workspace_id for _, of in each if of.line_waits}
    for workspace_id in sorted(lines):  # in the order in which everybody takes them
        await the_line_moves(session, workspace_id)
    return bool(lines) or any(of.thread_is_busy for _, of in each)


async def _revise_openings(session: AsyncSession, ended: Sequence[Ended]) -> None:
    """Have the headlines shown: at once, or with what the run's table holds, which is read meanwhile."""
    read_soon = {one.run_id for one in ended if main_table(one.result)}
    for run_ids, more_within in ((read_soon, READ_WITHIN), ({one.run_id for one in ended} - read_soon, 0.0)):
        if run_ids:
            await deliveries.revise(session, run_ids, DeliveryKind.OPENING, more_within=more_within)


def _choices(context: Context, ended: Ended, claim: Claim, *, moot: bool) -> list[dict[str, Any]]:
    """What the end offers; a reply that waits in the thread is the next follow-up, and makes it too late."""
    return [
        {
            "id": context.new_id(),
            "workspace_id": claim.run.workspace_id,
            "run_id": claim.run.id,
            "kind": offer.kind,
            "question_index": offer.question_index,
            "position": offer.position,
            "label": offer.label,
            "action_type": offer.action_type,
            "table_slug": offer.table_slug,
            "state": ChoiceState.EXPIRED if moot else ChoiceState.OPEN,
        }
        for offer in offers(ended.status, ended.result, ended.reason)
    ]


def _owed(context: Context, claim: Claim, wanted: Preferences) -> list[dict[str, Any]]:
    """The answer in the thread, and a direct message to those who want one."""
    run, thread = claim.run, claim.thread
    every = {"workspace_id": run.workspace_id, "run_id": run.id, "channel_id": thread.channel_id}
    owed: list[dict[str, Any]] = [{**every, "token": context.new_id(), "kind": DeliveryKind.ANSWER}]
    if wanted.notify in {"dm", "both"} and not thread.channel_id.startswith("D"):
        payload = {
            "code": "run_ended",
            "channel_id": thread.channel_id,
            "prompt": run.prompt[:500],
            "team_id": claim.workspace.team_id,
            "thread_ts": thread.thread_ts,
        }
        owed.append(
            {
                **every,
                "token": context.new_id(),
                "kind": DeliveryKind.NOTICE,
                "subject": "run_ended",
                "recipient_id": run.requester_id,
                "payload": payload,
            }
        )
    return owed


async def the_line_moves(session: AsyncSession, workspace_id: str) -> None:
    """A slot may be free: the workspace's line tries at once, and every place in it is shown anew."""
    waiting = await runs.waiting(session, workspace_id)
    if waiting:
        await runs.line_retries_in(session, workspace_id, 0)
        await deliveries.revise(session, waiting, DeliveryKind.OPENING, progress=True)
