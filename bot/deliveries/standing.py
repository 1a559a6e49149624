"""Writing down what stands in Slack, with what follows from it: many messages in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.deliveries.tools import lease_of
from storage import deliveries, runs, sending, watches
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.tools import Tools
    from storage.records import Delivery

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Stands:
    """A leased message that stands in Slack, in the version that was rendered."""

    delivery: Delivery
    ts: str
    parts: int
    """How many messages the answer has."""

    @property
    def is_new(self) -> bool:
        """Whether it has just been posted."""
        return self.delivery.posted_at is None

    @property
    def has_consequences(self) -> bool:
        """Whether more than its own row is to be written, for which its run is to be held."""
        kind, first = self.delivery.kind, self.delivery.sequence == 0
        return self.is_new and (kind == DeliveryKind.OPENING or (kind == DeliveryKind.ANSWER and first))


async def write_down(tools: Tools, handful: Sequence[Stands]) -> list[Exception | None]:
    """Write all of them; returns for each the error that it met: LeaseLostError where it is ours no more.

    What cannot be written together is written by itself: one does not undo the others, and nobody's lock is
    waited for while others are held.
    """
    written: Collection[int] = ()
    if len(handful) > 1:
        try:
            written = await _together(tools, handful)
        except Exception as error:  # noqa: BLE001  (each hears of its own)
            log.info("deliveries.apart", count=len(handful), error=repr(error)[:300])
    errors: list[Exception | None] = []
    for one in handful:
        met = None if one.delivery.id in written else await _alone(tools, one)
        errors.append(met)
    return errors


async def _together(tools: Tools, handful: Sequence[Stands]) -> Collection[int]:
    """Returns the ids of those that were written."""
    async with tools.at_once.write() as session:
        heavy = {one.delivery.run_id for one in handful if one.has_consequences}
        held = await runs.hold_free(session, heavy) if heavy else set()
        to_hand = [one for one in handful if not one.has_consequences or one.delivery.run_id in held]
        stood = [sending.Stood(one.delivery, one.ts, one.delivery.shown) for one in to_hand]
        owed = await sending.all_sent(session, stood) if stood else {}
        written = [one for one in to_hand if one.delivery.id in owed]
        await _follow_up(tools, session, written)
        is_queued = await _is_queued(session, written)
    _wake(tools, written, is_owed=any(owed.values()), is_queued=is_queued)
    return owed


async def _alone(tools: Tools, one: Stands) -> Exception | None:
    try:
        async with tools.at_once.write() as session:
            if one.has_consequences:
                await runs.hold(session, one.delivery.run_id)
            is_owed = await sending.sent(
                session, one.delivery, owner=lease_of(one.delivery), ts=one.ts, shown=one.delivery.shown
            )
            await _follow_up(tools, session, [one])
            is_queued = await _is_queued(session, [one])
    except Exception as error:  # noqa: BLE001  (it is raised where it is waited for)
        return error
    _wake(tools, [one], is_owed=is_owed, is_queued=is_queued)
    return None


async def _follow_up(tools: Tools, session: AsyncSession, written: Sequence[Stands]) -> None:
    """What follows from messages that stand for the first time. Their runs are held."""
    new = [one for one in written if one.has_consequences]
    answers = [one for one in new if one.delivery.kind == DeliveryKind.ANSWER]
    for one in new:
        if one.delivery.kind == DeliveryKind.OPENING:
            await tools.consequences.opening_posted(session, one.delivery, one.ts)
    if answers:
        await deliveries.owe_all(session, [row for one in answers for row in _the_rest(tools, one)])
        await watches.owe_previews(session, {one.delivery.run_id for one in answers}, new_id=tools.new_id)


async def _is_queued(session: AsyncSession, written: Sequence[Stands]) -> bool:
    """Whether more is to be posted where something was posted just now."""
    new = [one.delivery for one in written if one.is_new and one.delivery.kind != DeliveryKind.NOTICE]
    return bool(new) and await deliveries.queued(session, {(one.workspace_id, one.channel_id) for one in new})


def _wake(tools: Tools, written: Sequence[Stands], *, is_owed: bool, is_queued: bool) -> None:
    if any(one.is_new and one.delivery.kind == DeliveryKind.OPENING for one in written):
        tools.wake("submit")
    if is_owed:
        tools.wake("deliver")
    if is_queued:
        asyncio.get_running_loop().call_later(tools.posts_apart, tools.wake, "deliver")


def _the_rest(tools: Tools, one: Stands) -> list[dict[str, Any]]:
    """The parts of an answer that come after its first."""
    first = one.delivery
    return [
        {
            "token": tools.new_id(),
            "workspace_id": first.workspace_id,
            "run_id": first.run_id,
            "kind": DeliveryKind.ANSWER,
            "subject": first.subject,
            "sequence": sequence,
            "channel_id": first.channel_id,
            "recipient_id": first.recipient_id,
        }
        for sequence in range(1, one.parts)
    ]
