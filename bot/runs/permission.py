"""Who may start, click and stop: a policy, what is known of a person, and counts make a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.policies import Counts, Policy

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["Counts", "Facts", "Policy", "Refused", "UnknownFacts", "click_refusal", "start_refusal"]

Reason = dict[str, Any]
"""Why something is refused, ``{"code": …}`` with what its words need; they are the views'."""

MOST_NAMED = 3
"""People or channels that a refusal names."""
NO_COUNTS = Counts()


@dataclass(frozen=True, slots=True)
class Facts:
    """What Slack tells of a person."""

    is_admin: bool = False
    is_guest: bool | None = False
    """None where Slack does not tell."""
    groups: frozenset[str] | None = frozenset()
    """Those of the asked-for user groups that they are in; None where Slack does not tell."""


class UnknownFacts(Exception):
    """The decision turns on what Slack has not been asked yet: the person, and these user groups."""

    def __init__(self, groups: tuple[str, ...]) -> None:
        super().__init__(*groups)
        self.groups = groups


class Refused(Exception):
    """A person may not do this; ``reason`` says why and who can help."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason["code"])
        self.reason = reason
        self.is_repeat = False
        """Whether Slack told of the same act before, and it was refused then."""


def start_refusal(
    policy: Policy,
    *,
    user_id: str,
    channel_id: str,
    facts: Facts | None,
    counts: Counts = NO_COUNTS,
    recurs: bool = False,
) -> Reason | None:
    """Why a person may not start a run in a channel, or None.

    ``counts`` are before this run. A recurring brief's next run (``recurs``) waits for nobody's other runs,
    but counts among the day's. Raises UnknownFacts where it turns on them: never as long as nothing is set.
    """
    reason = (
        _by_person(policy, user_id, facts)
        or _by_place(policy, channel_id)
        or _by_number(policy, counts, recurs=recurs)
    )
    return _unless_admin(policy, reason, facts)


def click_refusal(
    policy: Policy,
    *,
    user_id: str,
    channel_id: str,
    requesters: Collection[str],
    facts: Facts | None,
) -> Reason | None:
    """Why a person may not press what a run offers, or None; ``requesters`` asked for it or for its thread.

    Whoever may not start may not click either, for most clicks start a run. Raises UnknownFacts.
    """
    reason = _by_person(policy, user_id, facts) or _by_place(policy, channel_id)
    if reason is None and policy.who_may_click != "anyone":
        mine = policy.who_may_click == "requester" and user_id in requesters
        owner = next(iter(requesters), None)
        reason = None if mine else {"code": "MAY_NOT_CLICK", "who": policy.who_may_click, "requester": owner}
    return _unless_admin(policy, reason, facts)


def stop_refusal(
    policy: Policy, who_may_stop: str, *, user_id: str, requester_id: str, facts: Facts | None
) -> Reason | None:
    """Why a person may not stop a run, or None; everyone may stop their own unless it is left to admins.

    ``who_may_stop`` is the channel's setting. Raises UnknownFacts.
    """
    if user_id == requester_id and who_may_stop != "admins":
        return None
    reason: Reason | None = None
    if who_may_stop != "anyone":
        reason = {"code": "MAY_NOT_STOP", "who": who_may_stop, "requester": requester_id}
    else:
        reason = _as_guest(policy, facts)
    return _unless_admin(policy, reason, facts)


def floor_refusal(policy: Policy, credits_left: float) -> Reason | None:
    """Why only admins' runs start while so many credits are left, or None."""
    if credits_left >= policy.credit_floor:
        return None
    facts = {"credits_available": credits_left, "floor": policy.credit_floor}
    return {"code": "CREDIT_FLOOR", **facts, "set_by": policy.set_by}


def outsider_refusal(requester_id: str | None = None) -> Reason:
    """Why somebody of another company may do nothing here; ``requester_id`` began the thread."""
    return {"code": "OUTSIDER", "requester": requester_id}


def _by_person(policy: Policy, user_id: str, facts: Facts | None) -> Reason | None:
    if (reason := _as_guest(policy, facts)) is not None:
        return reason
    if policy.who_may_start == "everyone" or user_id in policy.people:
        return None
    inside = _known(policy, facts).groups if policy.groups else frozenset()
    if inside is None:
        return {"code": "GROUPS_UNKNOWN"}
    if inside.intersection(policy.groups):
        return None
    people = list(policy.people[:MOST_NAMED])
    return {"code": "NOT_LISTED", "people": people, "groups": len(policy.groups)}


def _as_guest(policy: Policy, facts: Facts | None) -> Reason | None:
    if policy.guests != "may_not":
        return None
    is_guest = _known(policy, facts).is_guest
    if is_guest is None:
        return {"code": "GUEST_UNKNOWN"}
    return {"code": "GUEST"} if is_guest else None


def _by_place(policy: Policy, channel_id: str) -> Reason | None:
    if not policy.channels or channel_id in policy.channels:
        return None
    return {
        "code": "OTHER_CHANNELS",
        "channels": list(policy.channels[:MOST_NAMED]),
        "more": max(len(policy.channels) - MOST_NAMED, 0),
    }


def _by_number(policy: Policy, counts: Counts, *, recurs: bool) -> Reason | None:
    if policy.runs_at_once and counts.at_once >= policy.runs_at_once and not recurs:
        return {"code": "RUNS_AT_ONCE", "limit": policy.runs_at_once}
    if policy.runs_a_day and counts.in_a_day >= policy.runs_a_day:
        return {"code": "RUNS_A_DAY", "limit": policy.runs_a_day}
    return None


def _unless_admin(policy: Policy, reason: Reason | None, facts: Facts | None) -> Reason | None:
    if reason is None or _known(policy, facts).is_admin:
        return None
    return reason | {"set_by": policy.set_by}


def _known(policy: Policy, facts: Facts | None) -> Facts:
    if facts is None:
        raise UnknownFacts(policy.groups if policy.who_may_start == "listed" else ())
    return facts
