"""Queries about choices: who won which button."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update

from storage.records import Choice, ChoiceState
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession


async def keep(session: AsyncSession, made: Sequence[dict[str, Any]]) -> None:
    """Keep choices that runs leave, each with every column of Choice that it needs."""
    if made:
        await session.execute(insert(Choice), list(made))


async def of_run(session: AsyncSession, run_id: str) -> Sequence[Choice]:
    """A run's choices in the order in which they are shown."""
    statement = (
        select(Choice)
        .where(Choice.run_id == run_id)
        .order_by(Choice.question_index.is_(None), Choice.question_index, Choice.position, Choice.id)
    )
    return (await session.execute(statement)).scalars().all()


async def find(session: AsyncSession, choice_id: str, workspace_id: str) -> Choice | None:
    """One workspace's choice."""
    statement = select(Choice).where(Choice.id == choice_id, Choice.workspace_id == workspace_id)
    return (await session.execute(statement)).scalar_one_or_none()


async def win(session: AsyncSession, choice: Choice, actor_id: str) -> None:
    """Record the winner. The caller holds the run's lock."""
    await session.execute(
        update(Choice)
        .where(Choice.id == choice.id)
        .values(state=ChoiceState.CHOSEN, chosen_by=actor_id, chosen_at=database_now()),
    )


async def expire(session: AsyncSession, run_id: str, *, question_index: int | None = None) -> None:
    """Close what is still open of one question, or of the whole run."""
    statement = update(Choice).where(Choice.run_id == run_id, Choice.state == ChoiceState.OPEN)
    if question_index is not None:
        statement = statement.where(Choice.question_index == question_index)
    await session.execute(statement.values(state=ChoiceState.EXPIRED))
