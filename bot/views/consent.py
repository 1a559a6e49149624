"""In a channel that other companies see: the answer's requester decides whether they may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.views import ids
from bot.views.blocks import Block, actions, button, context, plain_text, section
from bot.views.escape import clip, https_link, mrkdwn, one_line
from bot.views.message import Message
from bot.views.times import ANYBODY, Reader, number
from bot.views.words import bold, channel, person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.origami import Run as Result
    from storage.records import Run, Thread

PROMPT_LIMIT = 300


def consent(
    run: Run,
    payload: Mapping[str, Any],
    *,
    result: Result | None,
    mention: bool = True,
    reader: Reader = ANYBODY,
) -> Message:
    """Tell the requester in the thread that they alone have the answer, and let them show it to everybody.

    ``payload`` says of how many other ``companies`` people see the channel, 0 where that is not known, and
    with ``known`` whether Slack tells at all.
    """
    to = f"{person(run.requester_id)} " if mention else ""
    if run.shown_at is not None:
        by = person(run.shown_by)
        return Message.of([section(f"{to}{bold('Your answer is below.')} {by} showed it to this channel.")])
    others = _others(payload, reader)
    why = (
        f"This channel is shared with {others}"
        if payload.get("known", True)
        else "Slack does not tell this app whether other companies see this channel"
    )
    told = (
        f"{to}{bold(_what(result))} {why}, so only you have it: look into your direct messages with this app."
    )
    return Message.of([section(told), *actions([_show_button(run.id, others)])])


def _what(result: Result | None) -> str:
    if result is None:
        return "Your run has ended without a result."
    if result.todo.pending_questions:
        return "Origami has a question for you."
    return "Your answer is ready."


def _show_button(run_id: str, others: str) -> Block:
    asked = {
        "title": plain_text("Show it to other companies?", 100),
        "text": plain_text(
            f"Everybody in this channel, people of {others} too, will see the answer with its leads; its "
            "buttons work for your company only. This cannot be taken back.",
            300,
        ),
        "confirm": plain_text("Show it here", 30),
        "deny": plain_text("Keep it to me", 30),
    }
    return button("Show it here", ids.SHOW_HERE, run_id) | {"confirm": asked}


def _others(payload: Mapping[str, Any], reader: Reader) -> str:
    companies = payload.get("companies")
    if not isinstance(companies, int) or companies < 1:
        return "other companies"
    return "another company" if companies == 1 else f"{number(companies, reader)} other companies"


def asked_in(run: Run, thread: Thread, team_id: str) -> list[Block]:
    """Say above an answer that only its requester gets, what they had asked and where."""
    where = {"team": team_id, "channel": thread.channel_id, "message_ts": thread.thread_ts}
    link = https_link(f"https://slack.com/app_redirect?{urlencode(where)}", "Open the thread")
    asked = clip(mrkdwn(one_line(run.prompt)), PROMPT_LIMIT)
    return [context(f"Only you see this. You asked in {channel(thread.channel_id)}: {asked}\n{link}")]
