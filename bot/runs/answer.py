"""Clicks and answers: each has one winner, decided in the database, and starts at most one run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bot import origami
from bot.runs.clicks import Click, take_plain
from bot.runs.follow_up import log_accepted, start_follow_up, wanted_by
from bot.runs.guard import guarded, may_click
from bot.runs.notify import Actor, tell
from bot.runs.offers import TYPED
from bot.runs.prompts import answers_prompt
from bot.runs.start import checked
from bot.tasks import Alone
from storage import audit, choices, deliveries, inbox, runs, workspaces
from storage.records import Choice, ChoiceKind, ChoiceState, DeliveryKind, Run, RunState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from storage.choices import Offered

__all__ = ["Actor", "NotFoundError", "Questions", "choose", "in_own_words", "open_questions"]


@dataclass(frozen=True, slots=True)
class Questions:
    """What is still to be answered of a finished run."""

    run: Run
    result: origami.Run
    choices: Sequence[Choice]


class NotFoundError(Exception):
    """Nothing of that id in this workspace: a button of another installation, or of a purged run."""


@guarded
async def choose(context: Context, actor: Actor, choice_id: str) -> None:
    """Take a click on a choice.

    It wins, or its author is told who won. With several questions the last answer starts the run.
    Raises NotFoundError for an id that this workspace does not have, and Refused.
    """
    run = await context.lots(("click", actor.team), Click(actor, choice_id), partial(take_plain, context))
    if isinstance(run, Alone):
        await _choose_alone(context, actor, choice_id)
    elif run is not None:
        log_accepted(run)
    context.wake("deliver")


async def _choose_alone(context: Context, actor: Actor, choice_id: str) -> None:
    async with context.db.write() as session:
        run, _thread, choice = await offered(session, actor, choice_id)
        if not await inbox.first_time(session, actor.key):
            return
        if origami.reaches_people(choice.action_type):
            await tell(context, session, run, actor, "only_in_origami")
            return
        if choice.state != ChoiceState.OPEN:
            await tell_loser(context, session, run, actor, choice)
            return
        await may_click(session, run, actor)
        await choices.win(session, choice, actor.user_id)
        await audit.record(session, run.workspace_id, actor.user_id, "click", run_id=run.id, choice=choice.id)
        if choice.question_index is None:
            await _follow_up(context, session, run, actor, choice)
        else:
            await choices.expire(session, run.id, question_index=choice.question_index)
            await _answered(context, session, run, actor)
            await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)


@guarded
async def open_questions(context: Context, actor: Actor, run_id: str) -> Questions | None:
    """What "Answer in my own words" asks for; None when it is too late, and the clicker is told.

    Raises NotFoundError and Refused.
    """
    async with context.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        if run is None or run.result is None:
            raise NotFoundError(run_id)
        found = await choices.of_run(session, run.id)
        result = origami.Run.from_json(run.result)
        if await still_open(session, run, found, result):
            await may_click(session, run, actor)
            return Questions(run, result, found)
        if await inbox.first_time(session, actor.key):
            await tell_loser(context, session, run, actor, _last_winner(found))
    context.wake("deliver")
    return None


@guarded
async def in_own_words(context: Context, actor: Actor, run_id: str, answers: Mapping[int, str]) -> None:
    """Take answers that were typed, by index of the question; blank ones stay open.

    Raises NotFoundError and Refused, and UnusableBriefError before anything is kept when the answers
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
        unanswered = await still_open(session, run, found, result)
        taken = [index for index in given if index in unanswered]
        if not taken:
            await tell_loser(context, session, run, actor, _last_winner(found))
        else:
            await may_click(session, run, actor)
            for index in taken:
                await choices.expire(session, run.id, question_index=index)
                session.add(typed(context, run, actor, index, given[index]))
            await session.flush()
            await audit.record(session, run.workspace_id, actor.user_id, "answer", run_id=run.id)
            await _answered(context, session, run, actor)
            await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
    context.wake("deliver")


def typed(context: Context, run: Run, actor: Actor, index: int, text: str) -> Choice:
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


async def offered(session: AsyncSession, actor: Actor, choice_id: str) -> Offered:
    """A choice as it stands; its run is held until the transaction ends. Raises NotFoundError."""
    workspace = await workspaces.find(
        session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
    )
    found = await choices.locked(session, [choice_id], workspace.id) if workspace else {}
    if choice_id not in found:
        raise NotFoundError(choice_id)
    return found[choice_id]


async def still_open(
    session: AsyncSession, run: Run, found: Sequence[Choice], result: origami.Run
) -> set[int]:
    """Indexes of the questions that nobody has answered; none once a follow-up has begun."""
    if run.state != RunState.FINISHED or await runs.has_follow_up(session, run.id):
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
        await start_follow_up(
            context,
            session,
            run,
            requester_id=actor.user_id,
            who=actor.who,
            prompt=answers_prompt(questions, answers),
            source="answer",
            asked_by=run.id,
            model=run.model,
        )


async def _follow_up(context: Context, session: AsyncSession, run: Run, actor: Actor, choice: Choice) -> None:
    wanted = wanted_by(run, choice)
    await start_follow_up(
        context,
        session,
        run,
        requester_id=actor.user_id,
        who=actor.who,
        prompt=wanted.prompt,
        source="button",
        asked_by=run.id,
        model=wanted.model,
        focus=wanted.focus,
        attachments=wanted.attachments,
    )


def _last_winner(found: Sequence[Choice]) -> Choice | None:
    won = [choice for choice in found if choice.chosen_at]
    return max(
        won, key=lambda choice: choice.chosen_at.timestamp() if choice.chosen_at else 0.0, default=None
    )


async def tell_loser(
    context: Context, session: AsyncSession, run: Run, actor: Actor, choice: Choice | None
) -> None:
    """Owe a few words to whoever came too late: who chose what."""
    found = await choices.of_run(session, run.id)
    winner = choice if choice and choice.state == ChoiceState.CHOSEN else None
    if winner is None and choice is not None and choice.question_index is not None:
        same = [one for one in found if one.question_index == choice.question_index]
        winner = _last_winner(same)
    winner = winner or _last_winner(found)
    if winner is None or winner.chosen_at is None:
        await tell(context, session, run, actor, "click_over")
    else:
        at = winner.chosen_at.timestamp()
        details = {"by": winner.chosen_by, "label": winner.label[:500], "at": at}
        await tell(context, session, run, actor, "click_lost", **details)
