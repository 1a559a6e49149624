"""A few words to one person: who won a click, why nothing could be started."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.features import FILES
from bot.views import refusals
from bot.views.blocks import LABEL_LIMIT, actions, link_button, section
from bot.views.escape import clip, https_link, mrkdwn, one_line, quote
from bot.views.exports import EXPORT_NOTICES
from bot.views.message import Message
from bot.views.times import ANYBODY, Reader
from bot.views.words import bold, channel, name, person

if TYPE_CHECKING:
    from collections.abc import Callable

Payload = dict[str, Any]

_OVER = {
    "answered": "Somebody has already answered it; the thread shows how it goes on.",
    "expired": "The thread has moved on since; look for newer buttons further down.",
    "running": "A run is already going on in this thread; wait for its answer.",
    "finished": "That run has already ended; its answer is in the thread.",
    "stopped": "That run was stopped.",
}
_STATUSES = {
    "completed": "it had finished",
    "needs_input": "it had finished and asks a question",
    "cancelled": "it had already been stopped",
    "errored": "it had already failed",
    "rejected": "it was never started",
}


def notice(payload: Payload, *, reader: Reader = ANYBODY) -> Message:
    """Find the words for a notice, ``{"code": …}`` and what belongs to it; unknown codes get neutral ones."""
    code = str(payload.get("code"))
    if code == "refused":
        return _refusal(payload, reader)
    if code == "cannot_post":
        return _cannot_post(payload)
    if code in EXPORT_NOTICES:
        return EXPORT_NOTICES[code](payload, reader)
    return Message.of([section(_WORDS.get(code, _unknown)(payload))])


def _refusal(payload: Payload, reader: Reader) -> Message:
    reason = payload.get("reason")
    refusal = refusals.words(reason if isinstance(reason, dict) else None, reader)
    link = actions([link_button(refusal.link_label or "Open Origami", refusal.link)]) if refusal.link else []
    return Message.of([section(f"{refusal.what} {refusal.next_step}"), *link])


def _cannot_post(payload: Payload) -> Message:
    refusal = refusals.words({**payload, "code": "CANNOT_POST", "url": None})
    if payload.get("ended"):
        told = f"Your run has ended, but its answer could not be posted. {refusal.what}"
        return Message.of([section(f"{told} What was built is in Origami.")])
    prompt = payload.get("prompt")
    asked = [section(f"Your request was:\n{clip(quote(prompt), 2_400)}")] if isinstance(prompt, str) else []
    next_step = refusal.next_step
    if payload.get("recurring"):
        rests = refusals.words({**payload, "code": "CHANNEL_GONE", "url": None})
        next_step = f"Your recurring brief is paused. {rests.next_step}"
    return Message.of([section(f"{bold('Not started.')} {refusal.what} {next_step}"), *asked])


def _click_lost(payload: Payload) -> str:
    label = payload.get("label")
    chose = f" and chose {bold(name(str(label), limit=LABEL_LIMIT))}" if label else ""
    return f"{person(payload.get('by'))} was first{chose}. The answer will come in the thread."


def _click_over(payload: Payload) -> str:
    why = _OVER.get(str(payload.get("why")), "The thread has moved on since.")
    return f"That button no longer does anything. {why}"


def _stop_late(payload: Payload) -> str:
    ended = _STATUSES.get(str(payload.get("status")), "it had already ended")
    return f"Too late to stop: {ended}. The thread shows what came of it."


def _muted(_: Payload) -> str:
    return "Quiet from now on: replies here no longer reach Origami. Say *unmute* to be heard again."


def _unmuted(_: Payload) -> str:
    return "Listening again: your replies here are the next requests."


def _thread_help(_: Payload) -> str:
    return (
        "Reply here with what to do next, or with an answer; *stop* ends what is running, "
        "*mute* makes Origami ignore replies in this thread."
    )


def _thread_full(payload: Payload) -> str:
    return (
        f"{payload.get('most')} requests already wait in this thread. "
        "Wait for the next answer, or take one back with its *Stop* button, then send this again."
    )


def _run_ended(payload: Payload) -> str:
    names = {"team": "team_id", "channel": "channel_id", "message_ts": "thread_ts"}
    where = {name: payload.get(key) for name, key in names.items()}
    link = https_link(f"https://slack.com/app_redirect?{urlencode(where)}", "Open the thread")
    asked = clip(mrkdwn(one_line(str(payload.get("prompt") or ""))), 300)
    return f"{bold('Your answer is there:')} {asked}\n{link}"


def _may_not_show(payload: Payload) -> str:
    return f"Only {person(payload.get('who'))}, who asked, or an admin can show this answer here."


def _shown_before(payload: Payload) -> str:
    return f"{person(payload.get('by'))} has already shown it; the answer is below."


def _cannot_tell(_: Payload) -> str:
    ways_out = "Press *Show it here* if everybody in this channel may see it, or look at it in Origami."
    return f"Slack does not take direct messages from this app to you, so your answer waits. {ways_out}"


def _schedule_paused(payload: Payload) -> str:
    reason = payload.get("reason")
    refusal = refusals.words(reason if isinstance(reason, dict) else None)
    whose = f"{person(payload.get('owner_id'))}'s recurring brief in {channel(payload.get('channel_id'))}"
    asked = clip(quote(str(payload.get("prompt") or "")), 1_000)
    return f"{bold(f'{whose} is paused.')} {refusal.what} {refusal.next_step}\n{asked}"


def _schedule_left_out(payload: Payload) -> str:
    reason = payload.get("reason")
    refusal = refusals.words(reason if isinstance(reason, dict) else None)
    where = f"Your recurring brief in {channel(payload.get('channel_id'))}"
    asked = clip(quote(str(payload.get("prompt") or "")), 1_000)
    return f"{bold(f'{where} was left out this time.')} {refusal.what} It goes on at its next time.\n{asked}"


def _only_in_origami(_: Payload) -> str:
    return "Messages to people are sent in Origami, never from Slack. Open the table there to go on."


def _not_found(_: Payload) -> str:
    return "That is no longer there: it may have been removed. Start again with `/origami`."


def _no_files(_: Payload) -> str:
    wanted = f"Ask a Slack admin to install the app again with the permission `{FILES.scope}`"
    return f"Origami may not put files into this Slack. {wanted}, or open the table in Origami to export it."


def _not_accepted(_: Payload) -> str:
    return f"{bold('Not started:')} your request could not be taken just now. Send it again in a minute."


def _unknown(_: Payload) -> str:
    return "That did not work. Try again, or start again with `/origami`."


_WORDS: dict[str, Callable[[Payload], str]] = {
    "click_lost": _click_lost,
    "click_over": _click_over,
    "stop_late": _stop_late,
    "run_ended": _run_ended,
    "schedule_paused": _schedule_paused,
    "schedule_left_out": _schedule_left_out,
    "muted": _muted,
    "unmuted": _unmuted,
    "thread_help": _thread_help,
    "thread_full": _thread_full,
    "may_not_show": _may_not_show,
    "shown_before": _shown_before,
    "cannot_tell": _cannot_tell,
    "only_in_origami": _only_in_origami,
    "not_found": _not_found,
    "no_files": _no_files,
    "not_accepted": _not_accepted,
}
