"""Connecting a workspace to Origami: the form for the key, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, plain_text, section
from bot.views.escape import https_link
from bot.views.forms import FIELD, Values, View, labelled, modal, value
from bot.views.message import Message
from bot.views.times import Reader, number
from bot.views.words import bold, name

if TYPE_CHECKING:
    from bot.origami import Account, Credits

KEY_BLOCK = "key"
"""The input that an error about the key belongs to."""
_TITLE = "Connect Origami"


def connect_button(*, replace: bool = False) -> Block:
    """Make the button that opens the form."""
    return button(
        "Replace the key" if replace else "Connect Origami", ids.CONNECT, "home", primary=not replace
    )


def disconnect_button() -> Block:
    """Make the button that takes the key away, once that is confirmed."""
    asked = {
        "title": plain_text("Disconnect Origami?", 100),
        "text": plain_text(
            "The key is deleted at once. Runs that are going end in Origami; they are followed again here "
            "when a key is entered within an hour.",
            300,
        ),
        "confirm": plain_text("Disconnect", 30),
        "deny": plain_text("Keep it", 30),
        "style": "danger",
    }
    return button("Disconnect", ids.DISCONNECT, "home") | {"confirm": asked}


def forget_button() -> Block:
    """Make the button that deletes all that is kept of the workspace, once that is confirmed."""
    asked = {
        "title": plain_text("Delete everything?", 100),
        "text": plain_text(
            "The key, all runs, recurring briefs, settings and the audit trail of this workspace "
            "are deleted now, for good. Messages in Slack and tables in Origami stay.",
            300,
        ),
        "confirm": plain_text("Delete it all", 30),
        "deny": plain_text("Keep it", 30),
        "style": "danger",
    }
    return button("Disconnect and delete our data", ids.FORGET, "home") | {"confirm": asked}


def connect_modal() -> View:
    """Ask for the key; it is typed in a form, because a command's text stays in logs."""
    field: Block = {
        "type": "plain_text_input",
        "action_id": FIELD,
        "placeholder": plain_text("og_live_…", 150),
        "max_length": 300,
    }
    told = (
        "Make an API key in Origami's settings and paste it here. It is kept encrypted, and nobody is shown "
        "it again. Everyone's runs in this workspace are paid by its account."
    )
    return modal(
        ids.CONNECT_MODAL, _TITLE, "Connect", [section(told), labelled(KEY_BLOCK, "Origami API key", field)]
    )


def typed_key(values: Values) -> str:
    """Read the key that was typed."""
    return value(values, KEY_BLOCK, "value") or ""


def checking_modal() -> View:
    """Say that Origami is being asked."""
    return modal(ids.CONNECT_MODAL, _TITLE, None, [section("Asking Origami whether it takes this key…")])


def connected_modal(account: Account, credits: Credits, reader: Reader) -> View:  # noqa: A002  (Origami's word)
    """Say what is connected."""
    limit = account.capabilities.concurrent_agents
    slots = "without a limit" if limit is None else number(limit, reader)
    lines = [
        bold("Connected. Everybody here can use /origami now."),
        f"Plan: {name(account.plan.name or account.plan.id, otherwise='not named')}",
        f"Runs at a time: {slots}",
        f"Credits left: {number(credits.balance, reader)}",
    ]
    if not account.capabilities.can_use_api:
        lines.append("This plan does not include the API, which runs need: change it in Origami.")
    return modal(ids.CONNECT_MODAL, _TITLE, None, [section("\n".join(lines))])


def not_connected_modal(reason: dict[str, Any], reader: Reader) -> View:
    """Say why the key was not kept."""
    refusal = refusals.words(reason, reader)
    link = https_link(refusal.link, refusal.link_label or "Open Origami") if refusal.link else ""
    told = " ".join(filter(None, [bold("Not connected."), refusal.what, refusal.next_step, link]))
    return modal(
        ids.CONNECT_MODAL,
        _TITLE,
        None,
        [section(told), *actions([button("Try another key", f"{ids.CONNECT}:again", "again", primary=True)])],
    )


def welcome() -> Message:
    """Tell whoever installed the app what comes next."""
    return Message.of(
        [
            section(
                f"{bold('Origami is installed.')} It finds leads: people type `/origami` and whom they look "
                "for, and get the table in the thread."
            ),
            section(
                "One thing is left: an admin connects this workspace to your Origami account with an API key."
            ),
            *actions([connect_button()]),
        ]
    )
