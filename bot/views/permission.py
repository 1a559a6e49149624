"""Why somebody may not start, click or stop, and who can help: words for the workspace's own refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views.times import ANYBODY, Reader, counted, number
from bot.views.words import channel, listing, person

if TYPE_CHECKING:
    from collections.abc import Callable

Reason = dict[str, Any]
Words = tuple[str, str]
"""What happened and what to do next, both escaped mrkdwn."""

_MOST_NAMED = 3
_MOST_SHOWN = 10**12


def permission_words(reason: Reason, reader: Reader = ANYBODY) -> Words:
    """Find the words for a reason with one of PERMISSION_CODES; some stand where others read them too."""
    return _WORDS[str(reason["code"])](reason, reader)


def _outsider(reason: Reason, _: Reader) -> Words:
    requester = reason.get("requester")
    of = f"{person(requester)}, who began this search," if requester else "somebody of that company"
    what = "Only people of the company that has brought Origami into this channel can use it here."
    return what, f"You can read all that it posts; ask {of} to do the rest for you."


def _guest(reason: Reason, _: Reader) -> Words:
    return (
        "Guests of this workspace may not use Origami.",
        f"Ask a colleague who is a full member to do it, or {_admin(reason)} to let guests use it.",
    )


def _guest_unknown(reason: Reason, _: Reader) -> Words:
    return (
        "Guests of this workspace may not use Origami, and Slack does not say just now who is one.",
        f"Try again in a minute. If it stays like this, ask {_admin(reason)} to install the app again.",
    )


def _not_listed(reason: Reason, reader: Reader) -> Words:
    people = [person(one) for one in _ids(reason.get("people"))]
    # A group that is mentioned is pinged, all of it; its name would have to be asked of Slack.
    groups = _members(reason.get("groups"), reader, begin=not people)
    who = listing([*people, *groups])
    them = "one of them" if groups or len(people) > 1 else "them"
    may = f"{who} may: ask {them}, or" if who else "Ask"
    return (
        "Only people whom an admin has named may start searches here.",
        f"{may} {_admin(reason)} to name more.",
    )


def _groups_unknown(reason: Reason, _: Reader) -> Words:
    what = (
        "Only members of certain user groups may start searches here, and Slack does not say just now who is."
    )
    ask = f"ask {_admin(reason)} whether Origami may still read user groups"
    return what, f"Try again in a minute. If it stays like this, {ask}."


def _other_channels(reason: Reason, reader: Reader) -> Words:
    named = [channel(one) for one in _ids(reason.get("channels"))]
    more = reason.get("more")
    rest = [f"{number(more, reader)} more"] if type(more) is int and 0 < more < _MOST_SHOWN else []
    where = listing([*named, *rest])
    return (
        "Searches may not be started in this channel.",
        f"{f'Start it in {where}, or ask' if where else 'Ask'} {_admin(reason)} to allow this channel too.",
    )


def _at_once(reason: Reason, reader: Reader) -> Words:
    return (
        f"You have as many runs going as one person may have here at once: {_limit(reason, reader)}.",
        f"Wait for one to end, or stop one (`/origami runs` shows them). {_raise(reason)}",
    )


def _a_day(reason: Reason, reader: Reader) -> Words:
    return (
        f"One person may start {_counted(reason, reader)} in 24 hours here, and that many were started.",
        f"Try again later. {_raise(reason)}",
    )


def _credit_floor(reason: Reason, reader: Reader) -> Words:
    left, floor = _amount(reason.get("credits_available"), reader), _amount(reason.get("floor"), reader)
    told = [f"{left} left" if left else "", f"the last {floor} are kept for admins" if floor else ""]
    facts = f" ({', and '.join(filter(None, told))})" if any(told) else ""
    return (
        f"Origami's credits are nearly used up{facts}, so only admins may start searches just now.",
        f"Ask {_admin(reason)} to top up in Origami, or to start it for you; then try again.",
    )


def _may_not_click(reason: Reason, _: Reader) -> Words:
    if reason.get("who") == "admins":
        return "Only an admin can press this here.", f"Ask {_admin(reason)} to do it."
    return (
        "Only the person who asked, or an admin, can press this here.",
        f"Ask {_requester(reason)}, or {_admin(reason)}.",
    )


def _may_not_stop(reason: Reason, _: Reader) -> Words:
    if reason.get("who") == "admins":
        return "Only an admin can stop a run here.", f"Ask {_admin(reason)} to stop it."
    return (
        "Only the person who asked, or an admin, can stop this run.",
        f"Ask {_requester(reason)}, or {_admin(reason)}.",
    )


_WORDS: dict[str, Callable[[Reason, Reader], Words]] = {
    "OUTSIDER": _outsider,
    "GUEST": _guest,
    "GUEST_UNKNOWN": _guest_unknown,
    "NOT_LISTED": _not_listed,
    "GROUPS_UNKNOWN": _groups_unknown,
    "OTHER_CHANNELS": _other_channels,
    "RUNS_AT_ONCE": _at_once,
    "RUNS_A_DAY": _a_day,
    "CREDIT_FLOOR": _credit_floor,
    "MAY_NOT_CLICK": _may_not_click,
    "MAY_NOT_STOP": _may_not_stop,
}
PERMISSION_CODES = frozenset(_WORDS)


def _admin(reason: Reason) -> str:
    """Name the admin who set the rule, where that is known."""
    set_by = person(reason.get("set_by"))
    return "an admin of this workspace" if set_by == "somebody" else f"{set_by} or another admin"


def _requester(reason: Reason) -> str:
    return person(reason.get("requester")) if reason.get("requester") else "whoever asked"


def _raise(reason: Reason) -> str:
    admin = _admin(reason)
    return f"{admin[:1].upper()}{admin[1:]} can raise the limit."


def _counted(reason: Reason, reader: Reader) -> str:
    """Say how many searches a limit allows."""
    limit = reason.get("limit")
    return counted(limit, "run", reader) if type(limit) is int and 0 <= limit < _MOST_SHOWN else "so many"


def _limit(reason: Reason, reader: Reader) -> str:
    limit = reason.get("limit")
    return number(limit, reader) if type(limit) is int and 0 <= limit < _MOST_SHOWN else "no more"


def _amount(value: object, reader: Reader) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST_SHOWN:
        return ""
    return number(value, reader)


def _members(value: object, reader: Reader, *, begin: bool) -> list[str]:
    """Say of how many groups the members are meant, as at the beginning of a sentence or within it."""
    if type(value) is not int or not 0 < value < _MOST_SHOWN:
        return []
    return [f"{'M' if begin else 'm'}embers of {counted(value, 'user group', reader)} that admins chose"]


def _ids(value: object) -> list[object]:
    return list(value[:_MOST_NAMED]) if isinstance(value, list | tuple) else []
