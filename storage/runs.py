"""Queries about runs: claims, fenced writes, the line for a slot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, bindparam, func, or_, select, update
from sqlalchemy.orm import aliased

from storage.dialects import among, dialect, listed, table_of
from storage.records import (
    MAY_WANT_REMINDING,
    OPEN_STATES,
    RUN_IS_OPEN,
    Run,
    RunState,
    Thread,
    Workspace,
)
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession


SLOT = "NO_FREE_SLOT"
"""``Run.waits_for`` of those who stand in line for one of Origami's slots."""

_OTHER = aliased(Run)
_FOLLOW_UP = select(Run.id).where(Run.follows_id == bindparam("run")).limit(1)
_RUNS = table_of(Run).c
_HELD = select(_RUNS.id).where(_RUNS.id == bindparam("run")).with_for_update()


class LeaseLostError(Exception):
    """Another process has taken the run over, or it has moved on: what was worked out here is void."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this process may work on until its lease ends."""

    run: Run
    thread: Thread
    workspace: Workspace

    @property
    def lease(self) -> str:
        """The owner under which it was claimed."""
        return self.run.lease_owner or ""


def _free() -> ColumnElement[bool]:
    return or_(Run.lease_until.is_(None), Run.lease_until < database_now())


async def claim_submissions(
    session: AsyncSession, *, owner: str, limit: int, lease_seconds: float
) -> list[Claim]:
    """Lease runs to be sent to Origami; of each workspace's line only the head (see ``fair_line``)."""
    line = fair_line().subquery()
    heads = select(line.c.id).where(line.c.position == 1)
    candidates = select(Run.id).where(RUN_IS_OPEN, Run.due_at <= database_now(), _free())
    due = (
        candidates.where(
            or_(
                Run.state == RunState.SUBMITTING,
                (Run.state == RunState.QUEUED) & (Run.waits_for != SLOT),
                (Run.state == RunState.QUEUED) & Run.id.in_(heads),
            ),
        )
        .order_by(Run.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _lease(session, due, owner, lease_seconds)


async def _lease(session: AsyncSession, due: Any, owner: str, lease_seconds: float) -> list[Claim]:  # noqa: ANN401
    statement = (
        update(Run)
        .where(Run.id.in_(due))
        .values(lease_owner=owner, lease_until=database_now(lease_seconds))
        .returning(Run)
        .execution_options(synchronize_session=False)
    )
    runs = (await session.execute(statement)).scalars().all()
    if not runs:
        return []
    threads = await _by_id(session, Thread, {run.thread_id for run in runs})
    workspaces = await _by_id(session, Workspace, {run.workspace_id for run in runs})
    return [Claim(run, threads[run.thread_id], workspaces[run.workspace_id]) for run in runs]


async def _by_id(session: AsyncSession, record: Any, ids: set[str]) -> dict[str, Any]:  # noqa: ANN401
    rows = (await session.execute(select(record).where(record.id.in_(ids)))).scalars()
    return {row.id: row for row in rows}


def fair_line(*states: RunState) -> Any:  # noqa: ANN401
    """SELECT id, position, total of each workspace's waiting runs, in the order in which they start.

    Reps take turns: everyone's first waiting run comes before anyone's second; among equals the
    older one goes first. ``states`` (default: QUEUED) may add SUBMITTING for those who try just now.
    """
    turn = func.row_number().over(
        partition_by=(Run.workspace_id, Run.requester_id), order_by=(Run.created_at, Run.id)
    )
    turns = (
        select(Run.id, Run.workspace_id, Run.created_at, turn.label("turn"))
        .where(RUN_IS_OPEN, Run.state.in_(states or (RunState.QUEUED,)), Run.waits_for == SLOT)
        .subquery()
    )
    position = func.row_number().over(
        partition_by=turns.c.workspace_id, order_by=(turns.c.turn, turns.c.created_at, turns.c.id)
    )
    total = func.count().over(partition_by=turns.c.workspace_id)
    ranked = select(turns.c.id, position.label("position"), total.label("total")).subquery()
    return select(Run.id, ranked.c.position, ranked.c.total).join(ranked, ranked.c.id == Run.id)


async def place_in_line(session: AsyncSession, run: Run) -> tuple[int, int] | None:
    """(position, length) of a waiting run in its workspace's line, counted from 1."""
    line = fair_line(RunState.QUEUED, RunState.SUBMITTING)  # who tries for a slot has not left the line yet
    row = (await session.execute(line.where(Run.id == run.id))).one_or_none()
    return (row.position, row.total) if row else None


async def reason_of_the_line(session: AsyncSession, workspace_id: str) -> dict[str, Any] | None:
    """What the workspace's line waits for, as its newest member was told; None when nobody waits."""
    statement = (
        select(Run.reason)
        .where(
            Run.workspace_id == workspace_id, RUN_IS_OPEN, Run.state == RunState.QUEUED, Run.waits_for == SLOT
        )
        .order_by(Run.created_at.desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def waiting(session: AsyncSession, workspace_id: str) -> Sequence[str]:
    """Ids of the workspace's runs that wait in line."""
    statement = select(Run.id).where(
        Run.workspace_id == workspace_id, RUN_IS_OPEN, Run.state == RunState.QUEUED
    )
    return (await session.execute(statement)).scalars().all()


async def line_retries_in(session: AsyncSession, workspace_id: str, seconds: float) -> None:
    """The workspace's waiting runs try for a slot in ``seconds``; one being worked on is passed over."""
    waiting_now = (
        select(Run.id)
        .where(Run.workspace_id == workspace_id, RUN_IS_OPEN, Run.state == RunState.QUEUED)
        .with_for_update(skip_locked=True)
    )
    await session.execute(
        update(Run)
        .where(Run.id.in_(waiting_now))
        .values(due_at=database_now(seconds))
        .execution_options(synchronize_session=False),
    )


async def thread_is_busy(session: AsyncSession, run: Run) -> bool:
    """Whether another run of the same thread goes first: it is at Origami, or was asked for earlier."""
    goes_first = or_(
        _OTHER.state == RunState.RUNNING,
        (_OTHER.state == RunState.SUBMITTING) & _OTHER.sent_at.is_not(None),
        _OTHER.created_at < run.created_at,
        (_OTHER.created_at == run.created_at) & (_OTHER.id < run.id),
    )
    statement = select(_OTHER.id).where(
        _OTHER.thread_id == run.thread_id, _OTHER.id != run.id, _OTHER.state.in_(OPEN_STATES), goes_first
    )
    return (await session.execute(statement.limit(1))).first() is not None


async def known_origami_runs(session: AsyncSession, thread_id: str) -> set[str]:
    """Origami's ids of the runs that this thread already counts as its own."""
    statement = select(Run.origami_run_id).where(Run.thread_id == thread_id, Run.origami_run_id.is_not(None))
    return {value for value in (await session.execute(statement)).scalars() if value}


async def has_follow_up(session: AsyncSession, run_id: str) -> bool:
    """Whether another run has taken this one up: its buttons and questions are over then."""
    return (await session.execute(_FOLLOW_UP, {"run": run_id})).first() is not None


async def newest_of_thread(session: AsyncSession, thread_id: str) -> Run | None:
    """The thread's last run, held until the transaction ends."""
    statement = (
        select(Run)
        .where(Run.thread_id == thread_id)
        .order_by(Run.created_at.desc(), Run.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def open_in_thread(session: AsyncSession, thread_id: str) -> Sequence[Run]:
    """The thread's runs that have not ended, the oldest first."""
    statement = (
        select(Run)
        .where(Run.thread_id == thread_id, Run.state.in_(OPEN_STATES))
        .order_by(Run.created_at, Run.id)
    )
    return (await session.execute(statement)).scalars().all()


async def count_running(session: AsyncSession, workspace_ids: set[str]) -> dict[str, int]:
    """How many runs of each workspace are at Origami."""
    statement = (
        select(Run.workspace_id, func.count())
        .where(
            Run.workspace_id.in_(among(session, workspace_ids)), RUN_IS_OPEN, Run.state == RunState.RUNNING
        )
        .group_by(Run.workspace_id)
    )
    return dict((await session.execute(statement)).all())


async def hold_polls(session: AsyncSession, workspace_id: str, seconds: float) -> Sequence[str]:
    """Put off the workspace's polls, or with 0 bring them forward; returns the ids of its running runs."""
    running = (
        select(Run.id)
        .where(Run.workspace_id == workspace_id, RUN_IS_OPEN, Run.state == RunState.RUNNING)
        .with_for_update(skip_locked=True)
    )
    held = (
        update(Run)
        .where(Run.id.in_(running))
        .values(due_at=database_now(seconds))
        .returning(Run.id)
        .execution_options(synchronize_session=False)
    )
    return (await session.execute(held)).scalars().all()


async def explain(session: AsyncSession, run_ids: Sequence[str], reason: dict[str, Any] | None) -> None:
    """Note why these runs do not go on just now; None when they do again."""
    await session.execute(
        update(Run)
        .where(Run.id.in_(run_ids), Run.state != RunState.FINISHED)
        .values(reason=reason)
        .execution_options(synchronize_session=False)
    )


async def of_workspace(session: AsyncSession, run_id: str, workspace_id: str) -> Run | None:
    """One workspace's run; another's is as good as none."""
    named = select(Run).where(Run.id == run_id, Run.workspace_id == workspace_id)
    return (await session.execute(named)).scalar_one_or_none()


async def lock(session: AsyncSession, run_id: str, workspace_id: str) -> Run | None:
    """One workspace's run, held until the transaction ends: whoever decides about it decides alone."""
    named = {"run": run_id, "workspace": workspace_id}
    return (await session.execute(_LOCKED, named)).scalar_one_or_none()


_LOCKED = (
    select(Run)
    .where(Run.id == bindparam("run"), Run.workspace_id == bindparam("workspace"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


async def hold(session: AsyncSession, run_id: str) -> None:
    """The same for those who need nothing of the run but that nobody else decides about it meanwhile."""
    await session.execute(_HELD, {"run": run_id})


async def hold_free(session: AsyncSession, run_ids: Collection[str]) -> set[str]:
    """The same for many; whom somebody decides about just now is left out, and not waited for."""
    return set((await session.execute(_holding(dialect(session)), {"runs": run_ids})).scalars())


@cache
def _holding(kind: str) -> Select[str]:
    return select(_RUNS.id).where(listed(kind, _RUNS.id, "runs")).with_for_update(skip_locked=True)


async def write_back(session: AsyncSession, run_id: str, *, owner: str, **values: object) -> None:
    """Write under the lease. Raises LeaseLostError when it is no longer ours or the run has ended."""
    statement = (
        update(Run)
        .where(Run.id == run_id, Run.lease_owner == owner, Run.state.in_(OPEN_STATES))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    result = cast("CursorResult[Any]", await session.execute(statement))
    if result.rowcount != 1:
        raise LeaseLostError(run_id)


async def release_all(session: AsyncSession, owner: str) -> None:
    """Give back every lease of a process that stops, so that the next one need not wait."""
    await session.execute(
        update(Run)
        .where(Run.lease_owner.startswith(owner), Run.state.in_(OPEN_STATES))
        .values(lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False),
    )


async def waiting_questions(session: AsyncSession, *, within: float, limit: int) -> list[tuple[Run, float]]:
    """Runs whose question nobody was reminded of or took up, with the seconds that it has waited."""
    statement = (
        select(Run, database_now())
        .where(
            MAY_WANT_REMINDING,
            Run.finished_at > database_now(-within),
            ~select(_OTHER.id).where(_OTHER.follows_id == Run.id).exists(),
        )
        .order_by(Run.finished_at)
        .limit(limit)
    )
    rows = (await session.execute(statement)).all()
    return [(run, (now - run.finished_at).total_seconds()) for run, now in rows if run.finished_at]


async def reminded(session: AsyncSession, run_id: str) -> None:
    """The run's requester has been reminded, or is about to be."""
    await session.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(reminded_at=database_now())
        .execution_options(synchronize_session=False)
    )
