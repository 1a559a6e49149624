"""Queries for lists of runs, a person's or the workspace's, and for what was used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from storage.records import Delivery, DeliveryKind, Run, RunState, Thread
from storage.runs import SLOT, fair_line
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncSession

ASKS = '"pendingQuestions":['
"""How a kept result that asks something looks; inside a JSON string its quotes would be escaped."""
FRESH_SECONDS = 24 * 3600.0
"""Runs end within the hour, and wait in line for hours at the most: older ones no longer move."""

_IS_ASKING = func.coalesce(Run.result, "").contains(ASKS, autoescape=True)
_OTHER = aliased(Run)
_IS_TAKEN_UP = (
    select(_OTHER.id).where(_OTHER.thread_id == Run.thread_id, _OTHER.follows_id == Run.id).exists()
)
_ANSWER = and_(
    Delivery.run_id == Run.id,
    Delivery.kind == DeliveryKind.ANSWER,
    Delivery.subject == "",
    Delivery.sequence == 0,
)
_LINE = fair_line(RunState.QUEUED, RunState.SUBMITTING).subquery()
_RUNS = (
    select(Run, Thread, Delivery.ts, _LINE.c.position, _LINE.c.total, _IS_TAKEN_UP)
    .join(Thread, Thread.id == Run.thread_id)
    .outerjoin(Delivery, _ANSWER)
    .outerjoin(_LINE, and_(_LINE.c.id == Run.id, Run.waits_for == SLOT))
)
"""Made once: putting it together anew would be a third of what Home costs."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A run as lists show it."""

    run: Run
    thread: Thread
    answer_ts: str | None = None
    """Slack's timestamp of the answer in the thread, once it stands there."""
    place: tuple[int, int] | None = None
    """(position, length) in the line for a slot, counted from 1."""
    is_last: bool = True
    """Nothing has taken it up: its buttons and questions are still open."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a list, and how many more there are than it holds."""

    shown: Sequence[Listed] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """What waits for an answer, runs, stands in line, and a page of what is done, the newest first."""

    waiting: Section = Section()
    running: Section = Section()
    queued: Section = Section()
    done: Sequence[Listed] = ()
    offset: int = 0
    """How many done runs are newer than this page."""
    page: int = 10
    """How many done runs a page holds."""
    has_older: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to list, here or on another page."""
        return not (self.waiting.shown or self.running.shown or self.queued.shown or self.done or self.offset)


@dataclass(frozen=True, slots=True)
class Used:
    """What one person's runs came to; ``leads`` counts those that were added, before qualification."""

    requester_id: str
    runs: int
    leads: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What a workspace has used since some time."""

    reps: Sequence[Used] = ()
    """The busiest first."""
    good: int = 0
    bad: int = 0
    """Verdicts on results."""
    at_origami: int = 0
    """How many of its runs are at Origami now: each holds one of the plan's slots."""


async def overview(
    session: AsyncSession, workspace_id: str, *, requester_id: str | None, limit: int, offset: int, page: int
) -> Overview:
    """A person's runs, or with None everyone's: at most ``limit`` of each kind, ``page`` done ones."""
    whose = [Run.workspace_id == workspace_id]
    if requester_id is not None:
        whose.append(Run.requester_id == requester_id)
    asks = and_(Run.state == RunState.FINISHED, _IS_ASKING, ~_IS_TAKEN_UP)
    at_work = Run.state.in_((RunState.ACCEPTED, RunState.SUBMITTING, RunState.RUNNING))
    in_line = Run.state == RunState.QUEUED
    newest = (Run.created_at.desc(), Run.id.desc())
    done = (
        _listed(*whose, Run.state == RunState.FINISHED, or_(~_IS_ASKING, _IS_TAKEN_UP))
        .order_by(*newest)
        .offset(offset)
        .limit(page + 1)
    )
    finished = await _fetch(session, done)
    return Overview(
        waiting=await _section(session, _listed(*whose, asks).order_by(*newest), limit),
        running=await _section(session, _listed(*whose, at_work).order_by(*newest), limit),
        queued=await _section(session, _listed(*whose, in_line).order_by(Run.created_at, Run.id), limit),
        done=finished[:page],
        offset=offset,
        page=page,
        has_older=len(finished) > page,
    )


def _listed(*conditions: ColumnElement[bool]) -> Select[Any]:
    return _RUNS.where(*conditions)


async def _section(session: AsyncSession, statement: Select[Any], limit: int) -> Section:
    total = select(func.count()).select_from(statement.order_by(None).with_only_columns(Run.id).subquery())
    shown = await _fetch(session, statement.limit(limit))
    if len(shown) < limit:
        return Section(shown)
    return Section(shown, max((await session.execute(total)).scalar_one() - limit, 0))


async def _fetch(session: AsyncSession, statement: Select[Any]) -> list[Listed]:
    return [
        Listed(
            run=run,
            thread=thread,
            answer_ts=ts,
            place=(position, total) if position else None,
            is_last=not taken_up,
        )
        for run, thread, ts, position, total, taken_up in await session.execute(statement)
    ]


async def used(session: AsyncSession, workspace_id: str, *, since: datetime, limit: int) -> list[Used]:
    """Who has had how many runs since then, and how many leads came of them; the busiest first."""
    runs, leads = func.count(), func.coalesce(func.sum(Run.leads_added), 0)
    statement = (
        select(Run.requester_id, runs, leads)
        .where(Run.workspace_id == workspace_id, Run.created_at >= since)
        .group_by(Run.requester_id)
        .order_by(runs.desc(), Run.requester_id)
        .limit(limit)
    )
    return [Used(*row) for row in await session.execute(statement)]


async def marks(
    session: AsyncSession, workspace_id: str, people: Collection[str]
) -> dict[str, frozenset[tuple[str, ...]]]:
    """For each of these people where their fresh runs stand: another mark means that their lists changed.

    A run in somebody's thread counts as theirs too, for it may be the answer to their question.
    """
    statement = (
        select(Run.requester_id, Thread.requester_id, Run.id, Run.state, Run.stop_requested_by, Delivery.ts)
        .join(Thread, Thread.id == Run.thread_id)
        .outerjoin(Delivery, _ANSWER)
        .where(
            Run.workspace_id == workspace_id,
            Run.created_at > database_now(-FRESH_SECONDS),
            or_(Run.requester_id.in_(people), Thread.requester_id.in_(people)),
        )
    )
    found: dict[str, set[tuple[str, ...]]] = {person: set() for person in people}
    for requester, owner, *facts in await session.execute(statement):
        for person in {requester, owner} & found.keys():
            found[person].add(tuple(str(fact) for fact in facts))
    return {person: frozenset(facts) for person, facts in found.items()}
