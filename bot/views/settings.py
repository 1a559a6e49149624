"""The forms for settings: a person's own, and those of a channel or the workspace for admins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.blocks import Block, actions, button, context, menu, option, section
from bot.views.forms import BEST, FIELD, MODELS, Values, View, labelled, modal, value
from bot.views.words import channel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.preferences import Preferences

_WIDER = "wider"
"""Choosing it sets nothing: the next wider scope decides."""

_NOTIFY = {
    "mention": "A mention in the thread",
    "dm": "A direct message",
    "both": "Both",
}
_REPLIES = {
    "requester": "The person who asked",
    "anyone": "Anyone in the thread",
    "mentions": "Nobody without a mention of Origami",
}
_MAY_STOP = {
    "requester": "The person who asked, and admins",
    "anyone": "Anyone in the channel",
    "admins": "Admins only",
}
_MINUTES = {
    0: "Never",
    15: "After 15 minutes",
    30: "After 30 minutes",
    60: "After an hour",
    120: "After 2 hours",
    240: "After 4 hours",
    480: "After 8 hours",
    1440: "After a day",
}


def my_settings_modal(
    holds: Preferences, own: Mapping[str, Any], *, channel_id: str = "", is_admin: bool
) -> View:
    """Ask a person for their settings: ``holds`` is what is in force for them, ``own`` what they set."""
    broadcast = option("Show the answer in the channel too", "yes")
    models = {_WIDER: "As set for the channel", **MODELS}
    blocks = [
        labelled("notify", "Tell me that a run has ended by", _radio(_NOTIFY, holds.notify)),
        labelled(
            "broadcast",
            "The answer stands in the thread",
            {"type": "checkboxes", "action_id": FIELD, "options": [broadcast]}
            | ({"initial_options": [broadcast]} if holds.broadcast else {}),
        )
        | {"optional": True},
        labelled("model", "Model", _select(models, _model_of(own))),
        *(_doors(channel_id) if is_admin else []),
    ]
    return modal(ids.SETTINGS_MODAL, "My settings", "Save", blocks)


def read_my_settings(values: Values) -> dict[str, Any]:
    """Read the form for one's own settings, by the names in Preferences."""
    broadcast = ((values.get("broadcast") or {}).get(FIELD) or {}).get("selected_options")
    return {
        "notify": value(values, "notify", "selected_option", "value"),
        "broadcast": bool(broadcast),
        **_read_model(values),
    }


def shared_settings_modal(holds: Preferences, own: Mapping[str, Any], *, channel_id: str) -> View:
    """Ask an admin for the settings of a channel, or with an empty id of the workspace.

    ``holds`` is in force there, ``own`` was set there itself; ``private_metadata`` is the channel.
    """
    wider = {_WIDER: "As in the workspace"} if channel_id else {}

    def chosen(name: str) -> str:
        return _WIDER if channel_id and name not in own else str(getattr(holds, name))

    minutes = {str(number): label for number, label in _MINUTES.items()}
    minutes.setdefault(str(holds.remind_minutes), f"After {holds.remind_minutes} minutes")
    model = _model_of(own) if channel_id else holds.model or BEST
    where = f"in {channel(channel_id)}" if channel_id else "in the whole workspace"
    blocks = [
        section(f"These hold for every run {where}, unless a narrower setting says otherwise."),
        labelled("replies", "Whose replies are heard", _select(wider | _REPLIES, chosen("replies"))),
        labelled(
            "remind_minutes",
            "Remind of a waiting question",
            _select(wider | minutes, chosen("remind_minutes")),
        ),
        labelled("who_may_stop", "Who may stop a run", _select(wider | _MAY_STOP, chosen("who_may_stop"))),
        labelled("model", "Model, unless somebody has chosen their own", _select(wider | MODELS, model)),
        *([] if channel_id else _of_the_workspace()),
    ]
    title = "Settings of a channel" if channel_id else "Workspace settings"
    return modal(ids.SHARED_SETTINGS_MODAL, title, "Save", blocks, channel_id)


def read_shared_settings(values: Values) -> dict[str, Any]:
    """Read the form for shared settings by the names in Preferences, but for what the wider scope decides."""
    found = {name: value(values, name, "selected_option", "value") for name in ("replies", "who_may_stop")}
    minutes = value(values, "remind_minutes", "selected_option", "value")
    return {
        **{name: chosen for name, chosen in found.items() if chosen not in {None, _WIDER}},
        **({"remind_minutes": int(minutes)} if minutes and minutes.isdecimal() else {}),
        **_read_model(values),
    }


def admins_only_modal() -> View:
    """Say that these settings are an admin's."""
    told = (
        "Only a Slack admin can change these settings. If you are one, close this and try again in a minute."
    )
    return modal(ids.SHARED_SETTINGS_MODAL, "Workspace settings", None, [section(told)])


def _doors(channel_id: str) -> list[Block]:
    of_channel = button("This channel", f"{ids.SHARED_SETTINGS}:channel", f"channel:{channel_id}")
    has_settings = channel_id[:1] in {"C", "G"}
    return [
        {"type": "divider"},
        section("As an admin you can also set how Origami works for others:"),
        *actions(
            [
                *([of_channel] if has_settings else []),
                button("Whole workspace", f"{ids.SHARED_SETTINGS}:workspace", "workspace"),
            ]
        ),
    ]


def _of_the_workspace() -> list[Block]:
    return [
        *actions([button("Who may use Origami", ids.ROLES, "workspace")]),
        context("For one channel, type `/origami settings` there."),
    ]


def _model_of(own: Mapping[str, Any]) -> str:
    return (own["model"] or BEST) if "model" in own else _WIDER


def _read_model(values: Values) -> dict[str, str | None]:
    chosen = value(values, "model", "selected_option", "value")
    if chosen not in MODELS:
        return {}
    return {"model": None if chosen == BEST else chosen}


def _select(options: Mapping[str, str], chosen: str) -> Block:
    made = {key: option(label, key) for key, label in options.items()}
    return menu("Choose", FIELD, list(made.values()), initial=made.get(chosen))


def _radio(options: Mapping[str, str], chosen: str) -> Block:
    made = {key: option(label, key) for key, label in options.items()}
    return {
        "type": "radio_buttons",
        "action_id": FIELD,
        "options": list(made.values()),
        "initial_option": made[chosen],
    }
