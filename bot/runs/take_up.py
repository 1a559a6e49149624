"""Next actions that ask for something first, a file or a few words: whoever hands it in wins the choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.runs.answer import offered, tell_loser
from bot.runs.attachments import kept
from bot.runs.follow_up import focus_of, start_follow_up
from bot.runs.guard import guarded, may_click
from bot.runs.prompts import taken_up_prompt
from bot.runs.start import checked
from storage import audit, choices, deliveries, inbox
from storage.records import Choice, ChoiceState, DeliveryKind

if TYPE_CHECKING:
    from bot.runs.attachments import SharedFile
    from bot.runs.context import Context
    from bot.runs.notify import Actor


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a next action asked for."""

    words: str = ""
    file: SharedFile | None = None


class UnusableFileError(ValueError):
    """The agent takes no such file; ``why`` is type, size or many."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@guarded
async def open_choice(context: Context, actor: Actor, choice_id: str) -> Choice | None:
    """The next action that was clicked; None when it is too late, and the clicker is told who was first.

    Raises NotFoundError for an id that this workspace does not have, and Refused.
    """
    async with context.db.write() as session:
        run, _thread, choice = await offered(session, actor, choice_id)
        if choice.state == ChoiceState.OPEN:
            await may_click(session, run, actor)
            return choice
        if await inbox.first_time(session, actor.key):
            await tell_loser(context, session, run, actor, choice)
    context.wake("deliver")
    return None


@guarded
async def take_up(context: Context, actor: Actor, choice_id: str, given: HandedIn) -> None:
    """Take what was handed in: it wins the next action and starts its follow-up, or comes too late.

    Raises NotFoundError and Refused; UnusableFileError and UnusableBriefError before anything is kept.
    """
    attachments = kept([given.file] if given.file else [])
    for item in attachments:
        if "why" in item:
            raise UnusableFileError(item["why"])
    if not attachments:
        checked(given.words)
    async with context.db.write() as session:
        run, _thread, choice = await offered(session, actor, choice_id)
        if not await inbox.first_time(session, actor.key):
            return
        if choice.state == ChoiceState.OPEN:
            await may_click(session, run, actor)
            await choices.win(session, choice, actor.user_id)
            await audit.record(
                session, run.workspace_id, actor.user_id, "click", run_id=run.id, choice=choice.id
            )
            await start_follow_up(
                context,
                session,
                run,
                requester_id=actor.user_id,
                who=actor.who,
                prompt=taken_up_prompt(choice.label, given.words, [item["name"] for item in attachments]),
                source="button",
                asked_by=run.id,
                model=run.model,
                focus=focus_of(run, choice.table_slug),
                attachments=attachments,
            )
            await deliveries.revise(session, [run.id], DeliveryKind.ANSWER)
        else:
            await tell_loser(context, session, run, actor, choice)
    context.wake("deliver")
