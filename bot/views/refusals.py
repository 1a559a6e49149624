"""Why something was refused or lost, in words for people, with a way out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.origami import PROMPT_LIMIT
from bot.views.escape import clip, is_https, mrkdwn, one_line
from bot.views.file_words import FILE_CODES, file_words
from bot.views.permission import PERMISSION_CODES, permission_words
from bot.views.times import ANYBODY, Reader, number
from bot.views.words import channel, listing, name, person

if TYPE_CHECKING:
    from collections.abc import Callable

Reason = dict[str, Any]

_ADMIN = "Ask the person who set up Origami in Slack"
_THEN_RETRY = "then try again"


@dataclass(frozen=True, slots=True)
class Refusal:
    """What happened and what to do next, both escaped mrkdwn; ``link`` is https or None."""

    what: str
    next_step: str
    link: str | None = None
    link_label: str | None = None


def words(reason: Reason | None, reader: Reader = ANYBODY) -> Refusal:
    """Find the words for a run's reason, ``{"code": …}`` and its facts; unknown codes get neutral ones."""
    known = reason or {}
    code = str(known.get("code"))
    numbered = _WITH_NUMBERS.get(code)
    refusal = numbered(known, reader) if numbered else _WORDS.get(code, _refused)(known)
    url = known.get("url")
    if not isinstance(url, str) or not is_https(url):
        return refusal
    label = known.get("url_label") or refusal.link_label or "Open Origami"
    return Refusal(refusal.what, refusal.next_step, url, one_line(str(label)))


def for_all_eyes(reason: Reason | None) -> Reason | None:
    """Leave out what stands in nobody's channel: how many credits the account has left."""
    return {name: fact for name, fact in reason.items() if name != "credits_available"} if reason else None


def _key_refused(_: Reason) -> Refusal:
    return Refusal(
        "Origami did not accept this workspace's API key.",
        f"{_ADMIN} to enter a current key from Origami's settings, {_THEN_RETRY}.",
        link_label="Open Origami's settings",
    )


def _no_key(reason: Reason) -> Refusal:
    admins = reason.get("admins")
    named = [person(admin) for admin in admins[:3]] if isinstance(admins, list | tuple) else []
    whom = f"{', '.join(named)} or another Slack admin" if named else "a Slack admin of this workspace"
    return Refusal(
        "This Slack workspace is not connected to Origami.",
        f"Ask {whom} to connect it on Origami's Home tab, {_THEN_RETRY}.",
    )


def _subscription(_: Reason) -> Refusal:
    return Refusal(
        "Your Origami plan does not include API access, which this app needs.",
        f"Change the plan in Origami, {_THEN_RETRY}.",
        link_label="See plans",
    )


def _credits(reason: Reason, reader: Reader) -> Refusal:
    needed = _amount(reason.get("credits_required"), reader)
    left = _amount(reason.get("credits_available"), reader)
    facts = [f"a run needs at least {needed}" if needed else "", f"the balance is {left}" if left else ""]
    told = " and ".join(filter(None, facts))
    return Refusal(
        f"There are not enough Origami credits{f': {told}' if told else ''}.",
        f"Top up in Origami, {_THEN_RETRY}.",
        link_label="Top up credits",
    )


def _budget(reason: Reason) -> Refusal:
    budgets = reason.get("budgets")
    names = [name(str(budget)) for budget in budgets[:5]] if isinstance(budgets, list | tuple) else []
    return Refusal(
        f"A credit budget in Origami is used up{f': {listing(names)}' if names else ''}.",
        f"Topping up does not help here. Ask whoever manages Origami to raise the budget, {_THEN_RETRY}.",
        link_label="See budgets",
    )


_BLOCKED = {
    "payment_failed": ("a payment failed", "Update the payment details in Origami"),
    "spend_limit_reached": ("its spending limit is reached", "Raise the limit in Origami"),
    "settlement_pending": ("a payment is still being settled", "Wait until it is settled"),
}


def _blocked(reason: Reason) -> Refusal:
    why, cure = _BLOCKED.get(
        str(reason.get("reason")), ("of its billing", "Check the billing page in Origami")
    )
    because = "because of its billing" if why == "of its billing" else f"because {why}"
    return Refusal(
        f"Origami has blocked the account {because}.",
        f"{cure}, {_THEN_RETRY}.",
        link_label="Open billing",
    )


def _payment(reason: Reason) -> Refusal:
    return Refusal(
        f"Origami starts nothing until a payment matter is settled.{_quoted(reason)}",
        f"Check plan and billing in Origami, {_THEN_RETRY}.",
        link_label="Open billing",
    )


def _model(reason: Reason) -> Refusal:
    model = reason.get("model")
    which = f" {name(str(model))}" if model else " that was chosen"
    return Refusal(
        f"Your Origami plan does not include the model{which}.",
        "Choose “Best my plan has” in the form that `/origami` opens, or change the plan in Origami.",
        link_label="See plans",
    )


def _invalid(reason: Reason) -> Refusal:
    issues = reason.get("issues")
    told = [_issue(issue) for issue in issues[:3]] if isinstance(issues, list | tuple) else []
    detail = f" It says: {'; '.join(filter(None, told))}." if any(told) else _quoted(reason)
    return Refusal(
        f"Origami could not take this request as it is.{detail}",
        "Put it in other words, or shorter, and send it again.",
    )


def _issue(issue: object) -> str:
    told = issue.get("message") if isinstance(issue, dict) else issue
    return f"“{name(str(told), limit=200)}”" if told else ""


def _no_agent(_: Reason) -> Refusal:
    return Refusal(
        "Origami no longer has the agent behind this thread.",
        "Start again with `/origami`; your tables are still in Origami.",
    )


def _run_lost(_: Reason) -> Refusal:
    return Refusal(
        "Origami no longer knows this run, so its result cannot be fetched.",
        "Look in Origami for what it built before you try again: a new run is charged again.",
        link_label="Open Origami",
    )


def _no_answer(_: Reason) -> Refusal:
    return Refusal(
        "Origami has not answered about this run for an hour, so the wait has ended.",
        "Look in Origami first: it may have finished there. A new run is charged again.",
        link_label="Open Origami",
    )


def _never_ended(_: Reason) -> Refusal:
    return Refusal(
        "Origami has worked on this for far longer than a run may take, so the wait has ended.",
        "Look in Origami for what it built before you try again: a new run is charged again.",
        link_label="Open Origami",
    )


_UNREACHABLE = (
    "Origami is not a member of {there}, or cannot see it.",
    "Type `/invite @Origami` there and send your request again.",
)
_SLACK_SHUT = (
    "Slack no longer lets Origami in.",
    "Ask a Slack admin to install the Origami app again, then send your request again.",
)
_RESTRICTED = (
    "Slack's settings do not let Origami post in {there}.",
    "Use another channel, or ask an admin to allow apps to post there.",
)
_CANNOT_POST = {
    "not_in_channel": _UNREACHABLE,
    "channel_not_found": _UNREACHABLE,
    "user_not_in_channel": _UNREACHABLE,
    "is_archived": (
        "{There} is archived, so nothing can be posted there.",
        "Send your request in another channel.",
    ),
    "missing_scope": (
        "The Origami app lacks a permission that it needs to post in {there}.",
        "Ask a Slack admin to install the app again with its current permissions.",
    ),
    "ekm_access_denied": _RESTRICTED,
    "message_limit_exceeded": (
        "This Slack workspace has reached its message limit.",
        "Ask a Slack admin about the plan.",
    ),
    "token_revoked": _SLACK_SHUT,
    "account_inactive": _SLACK_SHUT,
    "invalid_auth": _SLACK_SHUT,
    "not_authed": _SLACK_SHUT,
    "token_expired": _SLACK_SHUT,
}


def _cannot_post(reason: Reason) -> Refusal:
    error = str(reason.get("error") or "unknown")
    there = channel(reason.get("channel_id"))
    default = (
        f"Slack did not accept a message in {{there}} (`{name(error.replace('`', ''))}`).",
        "Send your request again, or use another channel.",
    )
    restricted = error.startswith("restricted_action")
    what, next_step = _RESTRICTED if restricted else _CANNOT_POST.get(error, default)
    shown = what.replace("{there}", there).replace("{There}", there[:1].upper() + there[1:])
    return Refusal(shown, next_step)


def _channel_gone(reason: Reason) -> Refusal:
    return Refusal(
        _cannot_post(reason).what,
        "Change its channel on Origami's Home tab, or resume it there once that is mended.",
    )


def _owner_left(_: Reason) -> Refusal:
    return Refusal(
        "The person whose recurring brief this is has left the workspace.",
        "An admin can resume it on Origami's Home tab, which makes it theirs, or delete it there.",
    )


def _cannot_recur(_: Reason) -> Refusal:
    return Refusal(
        "The time zone of this recurring brief is no longer known.",
        "Choose another one on Origami's Home tab.",
    )


def _too_long(_: Reason, reader: Reader) -> Refusal:
    return Refusal(
        f"That is too long: Origami takes up to {number(PROMPT_LIMIT, reader)} characters.",
        "Shorten it and send it again.",
    )


def _empty(_: Reason) -> Refusal:
    return Refusal(
        "There was nothing to search for in that.",
        "Say who you are looking for, such as `/origami find 50 SaaS founders in Austin who raised seed`.",
    )


def _file(reason: Reason) -> Refusal:
    what, next_step = file_words(str(reason["code"]), reason.get("name"))
    return Refusal(f"{what}{_quoted(reason)}", next_step)


def _not_permitted(reason: Reason, reader: Reader) -> Refusal:
    return Refusal(*permission_words(reason, reader))


def _refused(reason: Reason) -> Refusal:
    status, request_id = reason.get("http_status"), reason.get("request_id")
    facts = [
        f"answer {status}" if isinstance(status, int) else "",
        f"request {name(request_id)}" if isinstance(request_id, str) and request_id else "",
    ]
    told = ", ".join(filter(None, facts))
    code = f" ({told})" if told else ""
    return Refusal(
        f"Origami did not take this request{code}.{_quoted(reason)}",
        "Try again; if it is refused again, show this message to the person who set up Origami in Slack.",
        link_label="Open Origami",
    )


_WORDS: dict[str, Callable[[Reason], Refusal]] = {
    "UNAUTHORIZED": _key_refused,
    "KEY_REFUSED": _key_refused,
    "NO_KEY": _no_key,
    "SUBSCRIPTION_REQUIRED": _subscription,
    "BUDGET_EXCEEDED": _budget,
    "ACCOUNT_BLOCKED": _blocked,
    "PAYMENT_REQUIRED": _payment,
    "MODEL_NOT_AVAILABLE": _model,
    "VALIDATION_ERROR": _invalid,
    "AGENT_NOT_FOUND": _no_agent,
    "RUN_NOT_FOUND": _run_lost,
    "NO_ANSWER": _no_answer,
    "NEVER_ENDED": _never_ended,
    "CANNOT_POST": _cannot_post,
    "CHANNEL_GONE": _channel_gone,
    "OWNER_LEFT": _owner_left,
    "CANNOT_RECUR": _cannot_recur,
    "EMPTY_PROMPT": _empty,
    "REFUSED": _refused,
    **dict.fromkeys(FILE_CODES, _file),
}
_WITH_NUMBERS: dict[str, Callable[[Reason, Reader], Refusal]] = {
    "INSUFFICIENT_CREDITS": _credits,
    "PROMPT_TOO_LONG": _too_long,
    **dict.fromkeys(PERMISSION_CODES, _not_permitted),
}


def _quoted(reason: Reason) -> str:
    message = one_line(str(reason.get("message") or ""))
    return f" Its words: “{mrkdwn(clip(message, 300))}”" if message else ""


def _amount(value: object, reader: Reader) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        return ""
    return number(value, reader)
