"""Queries about choices: who won which button."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from storage.dialects import dialect, listed, table_of
from storage.records import Choice, ChoiceState
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Select
    from sqlalchemy.ext.asyncio import AsyncSession

_TABLE = table_of(Choice)
_ONE = select(Choice).where(Choice.id == bindparam("choice"), Choice.workspace_id == bindparam("workspace"))
_AS_SHOWN = (Choice.question_index.is_(None), Choice.question_index, Choice.position, Choice.id)
_OF_RUN = select(Choice).where(Choice.run_id == bindparam("run")).order_by(*_AS_SHOWN)
_WON = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("choice"))
    .values(state=ChoiceState.CHOSEN, chosen_by=bindparam("by"), chosen_at=database_now())
    .returning(_TABLE.c.chosen_at)
)
_EXPIRED = (
    update(Choice)
    .where(Choice.run_id == bindparam("run"), Choice.state == ChoiceState.OPEN)
    .values(state=ChoiceState.EXPIRED)
)
_EXPIRED_OF_ONE = _EXPIRED.where(Choice.question_index == bindparam("question"))


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


async def find(session: AsyncSession, choice_id: str, workspace_id: str) -> Choice | None:
    """One workspace's choice."""
    named = {"choice": choice_id, "workspace": workspace_id}
    return (await session.execute(_ONE, named)).scalar_one_or_none()


async def win(session: AsyncSession, choice: Choice, actor_id: str) -> None:
    """Record the winner. The caller holds the run's lock."""
    won = {"choice": choice.id, "by": actor_id}
    chosen_at = (await session.execute(_WON, won)).scalar_one()
    for name, value in {"state": ChoiceState.CHOSEN, "chosen_by": actor_id, "chosen_at": chosen_at}.items():
        set_committed_value(choice, name, value)


async def expire(session: AsyncSession, run_id: str, *, question_index: int | None = None) -> None:
    """Close what is still open of one question, or of the whole run."""
    if question_index is None:
        await session.execute(_EXPIRED, {"run": run_id})
    else:
        await session.execute(_EXPIRED_OF_ONE, {"run": run_id, "question": question_index})
