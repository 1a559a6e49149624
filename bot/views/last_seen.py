"""How the table that matters stands, as it was read last after the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bot.origami import Outcome, SavedView, Table
from bot.views.times import Reader, counted, number

if TYPE_CHECKING:
    from bot.origami import Run as Result
    from storage.records import Watch


@dataclass(frozen=True, slots=True)
class LastSeen:
    """A table, the first rows of its saved view, and why it is read no more (a WatchEnd), if it is not."""

    table: Table
    view: SavedView
    ended: str | None = None

    @classmethod
    def of(cls, watch: Watch | None) -> Self | None:
        """Read what is kept; None while there is nothing yet."""
        if watch is None or watch.table is None:
            return None
        return cls(Table.from_json(watch.table), SavedView.kept(watch.rows), watch.ended)


def outcome_of(result: Result, seen: LastSeen | None) -> Outcome:
    """Tell what a run did, with what its main table holds as far as that has been read."""
    outcome = Outcome.of(result)
    return outcome.seen_again(seen.table, seen.view.matching) if seen else outcome


def leads(outcome: Outcome, reader: Reader) -> str:
    """Count the main table's leads: "18 leads", or "10 match of 150 candidates" where not all do.

    Until its saved view has been read they are all candidates.
    """
    held = outcome.main_table.lead_count if outcome.main_table else 0
    candidates = counted(held, "candidate", reader)
    if outcome.matching is None:
        return candidates
    if not outcome.matching and held:
        return f"none of {candidates} match"
    if outcome.matching < held:
        return f"{number(outcome.matching, reader)} match of {candidates}"
    return counted(held, "lead", reader)
