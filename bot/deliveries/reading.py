"""The records that messages tell of, read for all that are claimed together.

What changes after that raises the revision of a message that tells of it, and it is sent once more: so what
Slack shows is never out of date for long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage import choices, discretion, preferences, runs, schedules, standings
from storage.records import DeliveryKind, RunState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.preferences import Preferences
    from storage.records import Choice, Delivery, Schedule
    from storage.standings import Standing


@dataclass(frozen=True, slots=True)
class Records:
    """What a message tells of."""

    standing: Standing
    wanted: Preferences
    """What holds for its requester in its channel."""
    choices: Sequence[Choice] = ()
    """The run's, where the message shows them."""
    schedule: Schedule | None = None
    place: tuple[int, int] | None = None
    """The run's place in the line for a slot, and how long that is."""
    directly: tuple[str, str] | None = None
    """Channel and ``ts`` of the answer that the requester alone was given, for what follows it there."""


async def read(session: AsyncSession, found: Sequence[Delivery]) -> dict[int, Records]:
    """What these deliveries tell of, by their ids; one whose run was deleted is left out."""
    told = await standings.of_runs(session, {one.run_id for one in found})
    found = [one for one in found if one.run_id in told]
    if not found:
        return {}
    each = [told[one.run_id] for one in found]
    wanted = await preferences.resolve_each(
        session, [(one.run.workspace_id, one.run.requester_id, one.thread.channel_id) for one in each]
    )
    answers = {one.run_id for one in found if one.kind == DeliveryKind.ANSWER}
    offered = await choices.of_runs(session, answers) if answers else {}
    direct = {one.run_id for one in found if one.is_direct}
    directly = await discretion.direct_threads(session, direct) if direct else {}
    openings = [told[one.run_id].run for one in found if one.kind == DeliveryKind.OPENING]
    recurring = await schedules.of_runs(session, openings)
    places = {
        run.id: await runs.place_in_line(session, run)
        for run in openings
        if run.state == RunState.QUEUED and run.waits_for == runs.SLOT
    }
    return {
        delivery.id: Records(
            standing,
            preference,
            choices=offered.get(delivery.run_id, ()),
            schedule=recurring.get(delivery.run_id),
            place=places.get(delivery.run_id),
            directly=directly.get(delivery.run_id) if delivery.is_direct else None,
        )
        for delivery, standing, preference in zip(found, each, wanted, strict=True)
    }
