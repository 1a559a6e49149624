"""The form in which an admin says who may use Origami, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.blocks import Block, context, option, plain_text, section
from bot.views.forms import FIELD, Values, View, labelled, modal, value
from bot.views.words import person
from storage.policies import MOST_CREDITS, MOST_LISTED, MOST_RUNS, Policy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_START = {
    "everyone": "Everyone in the workspace",
    "listed": "Only the people and groups below, and admins",
}
_CLICK = {
    "requester": "The person who asked, and admins",
    "anyone": "Anyone in the channel",
    "admins": "Admins only",
}
_GUESTS = {"may": "As everyone else", "may_not": "Read only: they start, press and stop nothing"}
_NUMBERS = {
    "runs_at_once": ("Runs that one person may have at once", MOST_RUNS),
    "runs_a_day": ("Runs that one person may start in 24 hours", MOST_RUNS),
    "credit_floor": ("Credits below which only admins start", MOST_CREDITS),
}
_NO_LIMIT = "No limit"


def roles_modal(policy: Policy, groups: Sequence[tuple[str, str]] | None) -> View:
    """Ask an admin who may do what; ``policy`` holds now.

    ``groups`` are the workspace's user groups, id and name; None where the app may not read them.
    """
    blocks = [
        section("Admins may always start, press and stop, whatever is set here."),
        labelled("who_may_start", "Who may start runs", _radio(_START, policy.who_may_start)),
        _optional(
            "people", "People", _several("multi_users_select", "Nobody", "initial_users", policy.people)
        ),
        _groups(policy, groups),
        _optional("channels", "Only in these channels", _channels(policy)),
        *(_number(name, getattr(policy, name)) for name in _NUMBERS),
        labelled(
            "who_may_click", "Who may press answers and next steps", _radio(_CLICK, policy.who_may_click)
        ),
        labelled("guests", "Guests of this workspace", _radio(_GUESTS, policy.guests)),
        context(
            "People of other companies in shared channels can read, and nothing else. Who may stop a run is "
            "set in the settings of the workspace or of a channel."
        ),
        *([context(f"Last saved by {person(policy.set_by)}.")] if policy.set_by else []),
    ]
    return modal(ids.ROLES_MODAL, "Who may use Origami", "Save", blocks)


def read_roles(values: Values, earlier: Policy) -> Policy:
    """Read the form; what it did not show stays as it was ``earlier``."""
    groups = _chosen(values, "groups", "selected_options")
    read: dict[str, Any] = {
        "who_may_start": value(values, "who_may_start", "selected_option", "value"),
        "people": _chosen(values, "people", "selected_users") or [],
        "groups": list(earlier.groups) if groups is None else [one.get("value") for one in groups],
        "channels": _chosen(values, "channels", "selected_conversations") or [],
        "who_may_click": value(values, "who_may_click", "selected_option", "value"),
        "guests": value(values, "guests", "selected_option", "value"),
        **{name: _whole(value(values, name, "value")) for name in _NUMBERS},
    }
    return Policy.of(read)


def _groups(policy: Policy, groups: Sequence[tuple[str, str]] | None) -> Block:
    if groups is None:
        kept = f" The {len(policy.groups)} chosen earlier stay chosen." if policy.groups else ""
        return context(
            "User groups cannot be chosen: Slack does not let Origami read them just now. If it stays like "
            f"this, install the app again with the permission `usergroups:read`.{kept}"
        )
    offered = {group_id: option(label or group_id, group_id) for group_id, label in groups}
    for group_id in policy.groups:
        offered.setdefault(group_id, option(f"{group_id} (no longer there)", group_id))
    if not offered:
        return context("This workspace has no user groups to choose from.")
    shown = dict(sorted(offered.items(), key=lambda one: one[0] not in policy.groups)[:MOST_LISTED])
    chosen = [shown[group_id] for group_id in policy.groups if group_id in shown]
    element = _several("multi_static_select", "No group", "initial_options", chosen)
    return _optional("groups", "User groups", element | {"options": list(shown.values())})


def _channels(policy: Policy) -> Block:
    element = _several(
        "multi_conversations_select", "In all channels", "initial_conversations", policy.channels
    )
    return element | {"filter": {"include": ["public", "private"]}}


def _number(name: str, now: int) -> Block:
    label, most = _NUMBERS[name]
    element: Block = {
        "type": "number_input",
        "action_id": FIELD,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(most),
        "placeholder": plain_text(_NO_LIMIT if name != "credit_floor" else "No floor", 150),
    }
    return _optional(name, label, element | ({"initial_value": str(now)} if now else {}))


def _several(kind: str, placeholder: str, initial: str, chosen: Sequence[Any]) -> Block:
    made: Block = {
        "type": kind,
        "action_id": FIELD,
        "placeholder": plain_text(placeholder, 150),
        "max_selected_items": MOST_LISTED,
    }
    return made | ({initial: list(chosen)} if chosen else {})


def _optional(block_id: str, label: str, element: Block) -> Block:
    return labelled(block_id, label, element) | {"optional": True}


def _radio(options: Mapping[str, str], chosen: str) -> Block:
    made = {key: option(label, key) for key, label in options.items()}
    return {
        "type": "radio_buttons",
        "action_id": FIELD,
        "options": list(made.values()),
        "initial_option": made[chosen],
    }


def _chosen(values: Values, block_id: str, name: str) -> list[Any] | None:
    found = ((values.get(block_id) or {}).get(FIELD) or {}).get(name)
    return found if isinstance(found, list) else None


def _whole(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) <= 12 else 0
