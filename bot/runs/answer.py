"""Clicks and answers: each has one winner, decided in the database, and starts at most one run."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from bot import origami
from bot.origami import Outcome
from bot.runs.offers import TYPED
from bot.runs.prompts import CONTINUE, answers_prompt
from bot.runs.start import Team, checked, open_run
from storage import audit, choices, deliveries, inbox, runs, workspaces
from storage.records import Choice, ChoiceKind, ChoiceState, DeliveryKind, Run, RunState, Thread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context

log = structlog.get_logger(__name__)

FOLLOW_UP = uuid.UUID("5f6a2f52-3c0e-4d0b-8a53-1f6f3c0c9d11")
"""Namespace of follow-up runs' ids: a run's buttons lead to one follow-up, and its id is known beforehand."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, where, and through which of Slack's requests."""

    key: str
    team: Team
    user_id: str
    response_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Questions:
    """What is still to be answered of a finished run."""

    run: Run
    result: origami.Run
    choices: Sequence[Choice]


class NotFoundError(Exception):
    """Nothing of that id in this workspace: a button of another installation, or of a purged run."""


async def choose(context: Context, actor: Actor, choice_id: str) -> None:
    """Take a click on a choice.

    It wins, or its author is told who won. With several questions the last answer starts the run.
    Raises NotFoundError for an id that this workspace does not have.
    """
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        choice = await choices.find(session, choice_id, workspace.id) if workspace else None
        if choice is None:
            raise NotFoundError(choice_id)
        if not await inbox.first_time(session, actor.key):
            return
        run = await _locked(session, choice.run_id, choice.workspace_id)
        await session.refresh(choice)
        if choice.state != ChoiceState.OPEN:
            await _tell_loser(context, session, run, actor, choice)
            return
        await choices.win(session, choice, actor.user_id)
        await audit.record(session, run.workspace_id, actor.user_id, "click", run_id=run.id, choice=choice.id)
        if choice.question_index is None:
            await _follow_up(context, session, run, actor, choice)
        else:
            await choices.expire(session, run.id, question_index=choice.question_index)
            await _answered(context, session, run, actor)
        await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
    context.wake("deliver")


async def open_questions(context: Context, actor: Actor, run_id: str) -> Questions | None:
    """What "Answer in my own words" asks for; None when it is too late, and the clicker is told."""
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        if run is None or run.result is None:
            raise NotFoundError(run_id)
        found = await choices.of_run(session, run.id)
        result = origami.Run.from_json(run.result)
        if await _still_open(session, run, found, result):
            return Questions(run, result, found)
        if await inbox.first_time(session, actor.key):
            await _tell_loser(context, session, run, actor, _last_winner(found))
    context.wake("deliver")
    return None


async def in_own_words(context: Context, actor: Actor, run_id: str, answers: Mapping[int, str]) -> None:
    """Take answers that were typed, by index of the question; blank ones stay open.

    Raises NotFoundError, and UnusableBriefError before anything is kept when the answers
    together are longer than a prompt may be.
    """
    given = {index: checked(text) for index, text in answers.items() if text.strip()}
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        if run is None or run.result is None:
            raise NotFoundError(run_id)
        if not await inbox.first_time(session, actor.key):
            return
        found = await choices.of_run(session, run.id)
        result = origami.Run.from_json(run.result)
        still_open = await _still_open(session, run, found, result)
        taken = [index for index in given if index in still_open]
        if not taken:
            await _tell_loser(context, session, run, actor, _last_winner(found))
        else:
            for index in taken:
                await choices.expire(session, run.id, question_index=index)
                session.add(_typed(context, run, actor, index, given[index]))
            await session.flush()
            await audit.record(session, run.workspace_id, actor.user_id, "answer", run_id=run.id)
            await _answered(context, session, run, actor)
            await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
    context.wake("deliver")


def _typed(context: Context, run: Run, actor: Actor, index: int, text: str) -> Choice:
    return Choice(
        id=context.new_id(),
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=ChoiceKind.ANSWER,
        question_index=index,
        position=TYPED,
        label=text,
        state=ChoiceState.CHOSEN,
        chosen_by=actor.user_id,
        chosen_at=context.clock(),
    )


async def _locked(session: AsyncSession, run_id: str, workspace_id: str) -> Run:
    run = await runs.lock(session, run_id, workspace_id)
    assert run is not None
    return run


async def _still_open(
    session: AsyncSession, run: Run, found: Sequence[Choice], result: origami.Run
) -> set[int]:
    """Indexes of the questions that nobody has answered; none once a follow-up has begun."""
    if run.state != RunState.FINISHED or await runs.exists(session, follow_up_id(run.id)):
        return set()
    answered = {choice.question_index for choice in found if choice.state == ChoiceState.CHOSEN}
    return {index for index in range(len(result.todo.pending_questions)) if index not in answered}


async def _answered(context: Context, session: AsyncSession, run: Run, actor: Actor) -> None:
    """One more question is answered: the last one starts the follow-up with all answers."""
    assert run.result is not None
    result = origami.Run.from_json(run.result)
    answers = {
        choice.question_index: choice.label
        for choice in await choices.of_run(session, run.id)
        if choice.state == ChoiceState.CHOSEN and choice.question_index is not None
    }
    questions = [question.question for question in result.todo.pending_questions]
    if all(index in answers for index in range(len(questions))):
        prompt = answers_prompt(questions, answers)
        await _start(context, session, run, actor, prompt, source="answer", model=run.model)


async def _follow_up(context: Context, session: AsyncSession, run: Run, actor: Actor, choice: Choice) -> None:
    match choice.kind:
        case ChoiceKind.CONTINUE:
            await _start(context, session, run, actor, CONTINUE, source="button", model=run.model)
        case ChoiceKind.RETRY:
            model = None if (run.reason or {}).get("code") == "MODEL_NOT_AVAILABLE" else run.model
            focus = tuple(run.focus_table_ids)
            await _start(context, session, run, actor, run.prompt, source="button", focus=focus, model=model)
        case _:
            focus = _focus(run)
            await _start(
                context, session, run, actor, choice.label, source="button", focus=focus, model=run.model
            )


def _focus(run: Run) -> tuple[str, ...]:
    table = Outcome.of(origami.Run.from_json(run.result)).main_table if run.result else None
    return (table.id,) if table and table.id else ()


async def _start(
    context: Context,
    session: AsyncSession,
    run: Run,
    actor: Actor,
    prompt: str,
    *,
    source: str,
    model: str | None,
    focus: tuple[str, ...] = (),
) -> None:
    prompt = checked(prompt)
    await choices.expire(session, run.id)
    thread = await session.get_one(Thread, run.thread_id)
    follow_up = Run(
        id=follow_up_id(run.id),
        workspace_id=run.workspace_id,
        thread_id=run.thread_id,
        requester_id=actor.user_id,
        source=source,
        prompt=prompt,
        model=model,
        focus_table_ids=list(focus),
        follows_id=run.id,
    )
    await open_run(context, session, follow_up, thread)
    log.info("run.accepted", team=actor.team.team_id, thread=thread.id, run=follow_up.id, source=source)


def follow_up_id(run_id: str) -> str:
    """The id of the run that a finished run's buttons lead to; being a primary key, there is only one."""
    return str(uuid.uuid5(FOLLOW_UP, run_id))


def _last_winner(found: Sequence[Choice]) -> Choice | None:
    won = [choice for choice in found if choice.chosen_at]
    return max(
        won, key=lambda choice: choice.chosen_at.timestamp() if choice.chosen_at else 0.0, default=None
    )


async def _tell_loser(
    context: Context, session: AsyncSession, run: Run, actor: Actor, choice: Choice | None
) -> None:
    """A few words to whoever came too late: who chose what."""
    found = await choices.of_run(session, run.id)
    winner = choice if choice and choice.state == ChoiceState.CHOSEN else None
    if winner is None and choice is not None and choice.question_index is not None:
        same = [one for one in found if one.question_index == choice.question_index]
        winner = _last_winner(same)
    winner = winner or _last_winner(found)
    payload: dict[str, Any] = {"code": "click_over", "response_url": actor.response_url}
    if winner is not None and winner.chosen_at:
        payload |= {
            "code": "click_lost",
            "by": winner.chosen_by,
            "label": winner.label[:500],
            "at": winner.chosen_at.timestamp(),
        }
    thread = await session.get_one(Thread, run.thread_id)
    await deliveries.owe(
        session,
        token=context.new_id(),
        workspace_id=run.workspace_id,
        run_id=run.id,
        kind=DeliveryKind.NOTICE,
        subject=actor.key[:255],
        channel_id=thread.channel_id,
        recipient_id=actor.user_id,
        payload=payload,
    )
