"""Where runs stand, with all that their messages tell of: read for many at once."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import aliased

from storage.dialects import dialect, listed
from storage.records import Run, Thread, Watch, Workspace

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession


class Standing(NamedTuple):
    """Where a run stands."""

    run: Run
    thread: Thread
    workspace: Workspace
    watch: Watch | None
    """Of the table that it changed, if any."""
    taken_up: bool
    """Whether another run has taken this one up: its buttons and questions are over then."""


async def of_runs(session: AsyncSession, run_ids: Collection[str]) -> dict[str, Standing]:
    """Those of the runs that exist, as they stand in the database now, by their ids."""
    found = await session.execute(_standings(dialect(session)), {"runs": run_ids})
    return {row[0].id: Standing(*row) for row in found}


@cache
def _standings(kind: str) -> Select[Run, Thread, Workspace, Watch, bool]:
    following = aliased(Run)
    return (
        select(Run, Thread, Workspace, Watch, exists().where(following.follows_id == Run.id))
        .join(Thread, Thread.id == Run.thread_id)
        .join(Workspace, Workspace.id == Run.workspace_id)
        .outerjoin(Watch, Watch.run_id == Run.id)
        .where(listed(kind, Run.id, "runs"))
    )
