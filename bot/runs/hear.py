"""What people write in a thread, in a mention, or to the app directly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import update

from bot import origami
from bot.runs.answer import still_open, typed
from bot.runs.attachments import SharedFile, handed_in, kept
from bot.runs.follow_up import start_follow_up
from bot.runs.guard import Refused, Who, guarded, may_click
from bot.runs.notify import Actor, tell
from bot.runs.permission import outsider_refusal
from bot.runs.prompts import answers_prompt, attached_prompt
from bot.runs.slack_text import mentions, plain_words, without_mention
from bot.runs.start import Brief, Team, UnusableBriefError, begin, checked
from bot.runs.stop import stop_all
from storage import audit, choices, discretion, inbox, preferences, runs, threads, workspaces
from storage.records import Choice, ChoiceState, Run, RunState, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context

log = structlog.get_logger(__name__)

MOST_WAITING = 5
"""Replies that may wait for a thread's run: whoever has written more should see an answer first."""


@dataclass(frozen=True, slots=True)
class Said:
    """A message of a person, as Slack's event tells it."""

    team: Team
    channel_id: str
    user_id: str
    text: str
    ts: str
    thread_ts: str | None
    bot_user_id: str
    is_direct: bool = False
    """In the conversation with the app itself, where everything is meant for it."""
    files: tuple[SharedFile, ...] = ()
    who: Who = field(default_factory=Who, repr=False)
    is_outsider: bool = False
    """Of another company, in a channel that it shares."""

    @property
    def addresses_us(self) -> bool:
        """Whether it is meant for us beyond doubt."""
        return self.is_direct or self.bot_user_id in mentions(self.text)

    @property
    def addresses_others(self) -> bool:
        """Whether it speaks to somebody else: people may talk among themselves in our threads."""
        return any(user_id != self.bot_user_id for user_id in mentions(self.text))

    @property
    def words(self) -> str:
        """What was said, without the mention of us; files that came without a word speak for themselves."""
        said = plain_words(without_mention(self.text, self.bot_user_id))
        names = [item["name"] for item in handed_in(kept(self.files))]
        return said or (attached_prompt(names) if names else "")

    @property
    def word(self) -> str:
        """The same as a bare word, which may be one that we know."""
        return self.words.lower().rstrip(".!")

    @property
    def key(self) -> str:
        """Slack tells of one message in up to two events, which share this key."""
        return f"message:{self.channel_id}:{self.ts}"

    @property
    def actor(self) -> Actor:
        """Who said it."""
        return Actor(
            key=self.key, team=self.team, user_id=self.user_id, channel_id=self.channel_id, who=self.who
        )


@guarded
async def hear(context: Context, said: Said) -> str | None:
    """Take what was said: a new brief, a follow-up, an answer, a word such as ``stop``, or nothing for us.

    What people of other companies say is never for us. Raises Refused, for them where they mention us.
    Returns the code of what should be said back at once to whoever has no run to hang it on
    (``usage``, ``EMPTY_PROMPT``, ``PROMPT_TOO_LONG``), else None.
    """
    if said.is_outsider and not said.addresses_us:
        return None
    async with context.db.write() as session:
        workspace = await workspaces.ensure(
            session, new_id=context.new_id(), team_id=said.team.team_id, enterprise_id=said.team.enterprise_id
        )
        thread = await threads.find(session, workspace.id, said.channel_id, said.thread_ts or said.ts)
        if said.is_outsider:
            raise Refused(outsider_refusal(thread.requester_id if thread else None))
        if thread is None and said.is_direct and said.thread_ts:
            # Below an answer that its requester alone was given.
            thread = await discretion.thread_told_of(session, workspace.id, said.channel_id, said.thread_ts)
        wanted = await preferences.resolve(session, workspace.id, channel_id=said.channel_id)
        if not _is_for_us(said, thread, wanted.replies) or not await inbox.first_time(
            session, said.actor.key
        ):
            return None
        if thread is not None:
            await _in_thread(context, session, said, thread)
            reply = None
        elif said.word in {"", "help"}:
            reply = "usage"
        else:
            try:
                await begin(context, session, workspace, _brief(said))
            except UnusableBriefError as error:
                reply = error.code
            else:
                reply = None
    for tick in ("submit", "poll", "deliver"):
        context.wake(tick)
    return reply


def _is_for_us(said: Said, thread: Thread | None, replies: str) -> bool:
    if said.addresses_us:
        return True
    if thread is None or replies == "mentions" or said.addresses_others:
        return False
    if thread.muted and said.word != "unmute":
        return False
    return replies == "anyone" or said.user_id == thread.requester_id


def _brief(said: Said) -> Brief:
    return Brief(
        key=said.actor.key,
        team=said.team,
        channel_id=said.channel_id,
        requester_id=said.user_id,
        prompt=checked(said.words),
        source="message" if said.is_direct else "mention",
        thread_ts=said.thread_ts or said.ts,
        source_ts=said.ts,
        attachments=tuple(kept(said.files)),
        who=said.who,
    )


async def _in_thread(context: Context, session: AsyncSession, said: Said, thread: Thread) -> None:
    newest = await runs.newest_of_thread(session, thread.id)
    assert newest is not None
    word = said.word
    if word in {"mute", "unmute"}:
        await may_click(session, newest, said)
        await session.execute(update(Thread).where(Thread.id == thread.id).values(muted=word == "mute"))
        await audit.record(session, newest.workspace_id, said.user_id, word, run_id=newest.id)
        await tell(context, session, newest, said.actor, "muted" if word == "mute" else "unmuted")
    elif word == "stop":
        await _stop(context, session, said, newest)
    elif word in {"", "help"}:
        await tell(context, session, newest, said.actor, "thread_help")
    else:
        await _follow(context, session, said, newest)


async def _stop(context: Context, session: AsyncSession, said: Said, newest: Run) -> None:
    going = await runs.open_in_thread(session, newest.thread_id)
    if not going:
        await tell(context, session, newest, said.actor, "stop_late", status=newest.status)
    await stop_all(session, going, said)


async def _follow(context: Context, session: AsyncSession, said: Said, newest: Run) -> None:
    going = await runs.open_in_thread(session, newest.thread_id)
    if len(going) > MOST_WAITING:
        await tell(context, session, newest, said.actor, "thread_full", most=MOST_WAITING)
        return
    try:
        prompt = await _answered_in_words(context, session, said, newest) or said.words
        # What restates questions, or was said elsewhere, was not said in the thread.
        is_reply = prompt == said.words and await _is_in(session, newest, said.channel_id)
        await start_follow_up(
            context,
            session,
            newest,
            requester_id=said.user_id,
            who=said.who,
            prompt=prompt,
            source="reply" if is_reply else "direct",
            asked_by=said.actor.key,
            model=newest.model,
            source_ts=said.ts,
            attachments=kept(said.files),
        )
    except UnusableBriefError as error:
        await tell(context, session, newest, said.actor, "refused", reason={"code": error.code})


async def _is_in(session: AsyncSession, run: Run, channel_id: str) -> bool:
    return (await session.get_one(Thread, run.thread_id)).channel_id == channel_id


async def _answered_in_words(context: Context, session: AsyncSession, said: Said, run: Run) -> str | None:
    """The prompt of a reply that answers what is still open of the run, None where nothing is.

    One reply answers all that is open, in words: which of several questions it speaks to is for the
    agent to see, and answers given before by button are restated beside it.
    """
    if run.state != RunState.FINISHED or run.result is None:
        return None
    found = await choices.of_run(session, run.id)
    result = origami.Run.from_json(run.result)
    unanswered = sorted(await still_open(session, run, found, result))
    if not unanswered:
        return None
    words = checked(said.words)
    await may_click(session, run, said)
    for index in unanswered:
        await choices.expire(session, run.id, question_index=index)
        session.add(typed(context, run, said.actor, index, words))
    await session.flush()
    await audit.record(session, run.workspace_id, said.user_id, "answer", run_id=run.id)
    given = _given(found)
    if not given:
        return words
    questions = [question.question for question in result.todo.pending_questions]
    return f"{answers_prompt(questions, given)}\n\nTo the rest: {words}"


def _given(found: Sequence[Choice]) -> dict[int, str]:
    return {
        choice.question_index: choice.label
        for choice in found
        if choice.state == ChoiceState.CHOSEN and choice.question_index is not None
    }
