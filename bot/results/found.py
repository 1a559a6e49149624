"""What readings of tables found, written down by the handful with the messages that it changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot import origami
from bot.origami import SavedView
from storage import deliveries, runs, watches
from storage.records import DeliveryKind, WatchEnd

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.origami import Table
    from bot.results.tools import Tools
    from storage.records import Watch

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one reading found."""

    table: Table
    view: SavedView

    @classmethod
    def by(cls, watch: Watch) -> Seen | None:
        """What the last reading found; None before the first."""
        if watch.table is None:
            return None
        return cls(origami.Table.from_json(watch.table), SavedView.kept(watch.rows))

    @property
    def numbers(self) -> tuple[object, ...]:
        """What the answer and the headline say of it."""
        running = self.table.cells.running > 0
        errored = None if running else self.table.cells.errored
        return self.table.name, self.table.url, self.table.lead_count, self.view.matching, running, errored

    @property
    def shown(self) -> tuple[object, ...]:
        """What the preview says of it."""
        return self.table.model_copy(update={"stats": None, "updated_at": None}), self.view


@dataclass(frozen=True, slots=True)
class Found:
    """What a reading of a leased table found, and when it is to be read again, in seconds."""

    watch: Watch
    seen: Seen | None = None
    """None where it could not be read."""
    due_in: float | None = None
    ended: WatchEnd | None = None
    attempts: int = 0

    @property
    def read(self) -> watches.Read:
        """The same as it is kept."""
        kept = self.seen
        # Rows that were shown once may go again, and the message that shows them must follow.
        has_rows = kept and (kept.view.rows or kept.view.matching or self.watch.rows is not None)
        return watches.Read(
            self.watch,
            due_in=self.due_in,
            ended=self.ended,
            attempts=self.attempts,
            table=kept.table.to_json() if kept else None,
            rows=kept.view.to_json() if kept and has_rows else None,
        )

    @property
    def changes(self) -> tuple[DeliveryKind, ...]:
        """The messages that tell of what is new, and are waited for."""
        before, seen, over = Seen.by(self.watch), self.seen, self.ended is not None
        kinds: tuple[DeliveryKind, ...] = (DeliveryKind.PREVIEW,) if over else ()
        if (seen and (before is None or seen.numbers != before.numbers)) or (over and (seen or before)):
            kinds += (DeliveryKind.OPENING, DeliveryKind.ANSWER)
        return kinds

    @property
    def is_progress(self) -> bool:
        """Whether the preview shows something new, and more is to come."""
        before = Seen.by(self.watch)
        return bool(not self.ended and self.seen and (before is None or self.seen.shown != before.shown))


async def write_down(tools: Tools, handful: Sequence[Found]) -> None:
    """Write all of them; what cannot be written together is written by itself: none undoes another."""
    written: Collection[str] = ()
    if len(handful) > 1:
        try:
            written = await _together(tools, handful)
        except Exception as error:  # noqa: BLE001  (each is tried by itself)
            log.info("watches.apart", count=len(handful), error=repr(error)[:300])
    for one in handful:
        try:
            if one.watch.run_id not in written:
                await _alone(tools, one)
        except runs.LeaseLostError:
            log.info("watch.lease_lost", run=one.watch.run_id)
        except Exception:
            log.exception("watch.not_written", run=one.watch.run_id)
            tools.metrics.item_failures.labels("watch").inc()
        else:
            if one.ended:
                log.info("watch.ended", run=one.watch.run_id, ended=one.ended.value)
    tools.wake_soon("deliver")


async def _together(tools: Tools, handful: Sequence[Found]) -> Collection[str]:
    """Returns the ids of the runs whose readings were written."""
    async with tools.db.write() as session:
        free = await runs.hold_free(session, {one.watch.run_id for one in handful})
        ours = [one.read for one in handful if one.watch.run_id in free]
        written = await watches.all_read(session, ours) if ours else set()
        await _follow_up(tools, session, [one for one in handful if one.watch.run_id in written])
    return written


async def _alone(tools: Tools, one: Found) -> None:
    async with tools.db.write() as session:
        await runs.hold(session, one.watch.run_id)
        await watches.was_read(session, one.read)
        await _follow_up(tools, session, [one])


async def _follow_up(tools: Tools, session: AsyncSession, written: Sequence[Found]) -> None:
    """The messages that tell of it, old and new. Their runs are held."""
    by_kinds: dict[tuple[DeliveryKind, ...], list[str]] = {}
    for one in written:
        if one.changes:
            by_kinds.setdefault(one.changes, []).append(one.watch.run_id)
    for kinds, run_ids in by_kinds.items():
        await deliveries.revise(session, run_ids, *kinds)
    if filling := [one.watch.run_id for one in written if one.is_progress]:
        apart = tools.pace.progress_apart
        await deliveries.revise(session, filling, DeliveryKind.PREVIEW, progress=True, seconds_apart=apart)
    if seen := {one.watch.run_id for one in written if one.seen}:
        await watches.owe_previews(session, seen, new_id=tools.new_id)
