"""What waits for a person, what runs, stands in line and is done; and what was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage import feedback, lists, runs, schedules
from storage.lists import Overview, Usage

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping
    from datetime import datetime

    from storage.database import Database

__all__ = ["Overview", "Usage", "marks", "overview", "usage"]

MOST_OPEN = 5
"""Runs of each kind that a list shows; the others are counted."""
PAGE = 10
"""Done runs on a page."""
MOST_REPS = 10
DEEPEST = 1_000
"""Ours: nobody pages further back than this, and Origami itself has a search."""


async def overview(db: Database, workspace_id: str, requester_id: str | None, offset: int = 0) -> Overview:
    """A person's runs, or with None those of everyone in the workspace; ``offset`` pages through the done."""
    async with db.read() as session:
        return await lists.overview(
            session,
            workspace_id,
            requester_id=requester_id,
            limit=MOST_OPEN,
            offset=min(max(offset, 0), DEEPEST),
            page=PAGE,
        )


async def usage(db: Database, workspace_id: str, since: datetime) -> Usage:
    """What the workspace's reps have used since then."""
    async with db.read() as session:
        at_origami = await runs.count_running(session, {workspace_id})
        verdicts = await feedback.count(session, workspace_id, since=since)
        return Usage(
            reps=await lists.used(session, workspace_id, since=since, limit=MOST_REPS),
            good=verdicts.get("good", 0),
            bad=verdicts.get("bad", 0),
            at_origami=at_origami.get(workspace_id, 0),
        )


async def marks(db: Database, workspace_id: str, people: Collection[str]) -> Mapping[str, Hashable]:
    """For each of these people where their runs and recurring briefs stand: another mark means a change."""
    async with db.read() as session:
        of_runs = await lists.marks(session, workspace_id, people)
        of_schedules = await schedules.marks(session, workspace_id, people)
        return {person: of_runs[person] | of_schedules[person] for person in people}
