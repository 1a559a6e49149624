"""Queries about choices: who won which button."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from storage.dialects import dialect, listed, table_of
from storage.records import Choice, ChoiceState, Run, Thread
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

_TABLE = table_of(Choice)
_MANY = select(Choice).where(
    Choice.id.in_(bindparam("choices", expanding=True)), Choice.workspace_id == bindparam("workspace")
)
_OFFERING = (
    select(Run, Thread)
    .join(Thread, Thread.id == Run.thread_id)
    .where(Run.id.in_(_MANY.with_only_columns(Choice.run_id)))
    .order_by(Run.id)
    .with_for_update(of=Run)
    .execution_options(populate_existing=True)
)
_AS_SHOWN = (Choice.question_index.is_(None), Choice.question_index, Choice.position, Choice.id)
_OF_RUN = (
    select(Choice)
    .where(Choice.run_id == bindparam("run"))
    .order_by(*_AS_SHOWN)
    .execution_options(populate_existing=True)
)
_WON = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("choice"))
    .values(state=ChoiceState.CHOSEN, chosen_by=bindparam("by"), chosen_at=database_now())
)
_WON_AT = _WON.returning(_TABLE.c.chosen_at)
_OPEN_EXPIRES = update(_TABLE).where(_TABLE.c.state == ChoiceState.OPEN).values(state=ChoiceState.EXPIRED)
_EXPIRED = _OPEN_EXPIRES.where(_TABLE.c.run_id == bindparam("run"))
_EXPIRED_OF_ALL = _OPEN_EXPIRES.where(_TABLE.c.run_id.in_(bindparam("runs", expanding=True)))
_EXPIRED_OF_ONE = _EXPIRED.where(_TABLE.c.question_index == bindparam("question"))


async def keep(session: AsyncSession, made: Sequence[dict[str, Any]]) -> None:
    """Keep choices that runs leave, each with every column of Choice that it needs."""
    if made:
        await session.execute(insert(_TABLE), list(made))


async def of_run(session: AsyncSession, run_id: str) -> Sequence[Choice]:
    """A run's choices in the order in which they are shown."""
    return (await session.execute(_OF_RUN, {"run": run_id})).scalars().all()


async def of_runs(session: AsyncSession, run_ids: Collection[str]) -> dict[str, list[Choice]]:
    """The same of many runs, by the run's id; one without any is left out."""
    found: dict[str, list[Choice]] = {}
    for choice in (await session.execute(_of_runs(dialect(session)), {"runs": run_ids})).scalars():
        found.setdefault(choice.run_id, []).append(choice)
    return found


@cache
def _of_runs(kind: str) -> Select[Choice]:
    return select(Choice).where(listed(kind, Choice.run_id, "runs")).order_by(*_AS_SHOWN)


class Offered(NamedTuple):
    """A choice as it stands, and the run and thread that it belongs to."""

    run: Run
    thread: Thread
    choice: Choice


async def locked(session: AsyncSession, choice_ids: Collection[str], workspace_id: str) -> dict[str, Offered]:
    """One workspace's choices by id; their runs are held until the transaction ends."""
    named = {"choices": list(choice_ids), "workspace": workspace_id}
    held = {run.id: (run, thread) for run, thread in await session.execute(_OFFERING, named)}
    if not held:
        return {}
    # Read once their runs are held: until then others could win them.
    found = (await session.execute(_MANY, named)).scalars()
    return {choice.id: Offered(*held[choice.run_id], choice) for choice in found if choice.run_id in held}


async def win_all(session: AsyncSession, won: Sequence[tuple[Choice, str]]) -> None:
    """Record the winners of choices of as many runs, and close what else these offered."""
    if won:
        await session.execute(_WON, [{"choice": choice.id, "by": actor_id} for choice, actor_id in won])
        await session.execute(_EXPIRED_OF_ALL, {"runs": [choice.run_id for choice, _ in won]})


async def win(session: AsyncSession, choice: Choice, actor_id: str) -> None:
    """Record the winner. The caller holds the run's lock."""
    won = {"choice": choice.id, "by": actor_id}
    chosen_at = (await session.execute(_WON_AT, won)).scalar_one()
    for name, value in {"state": ChoiceState.CHOSEN, "chosen_by": actor_id, "chosen_at": chosen_at}.items():
        set_committed_value(choice, name, value)


async def expire(session: AsyncSession, run_id: str, *, question_index: int | None = None) -> None:
    """Close what is still open of one question, or of the whole run."""
    if question_index is None:
        await session.execute(_EXPIRED, {"run": run_id})
    else:
        await session.execute(_EXPIRED_OF_ONE, {"run": run_id, "question": question_index})
