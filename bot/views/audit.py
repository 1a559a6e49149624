"""The audit trail as admins read it: who did what, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.features import FILES
from bot.views import ids
from bot.views.blocks import Block, actions, button, context, section
from bot.views.escape import https_link
from bot.views.forms import View, modal
from bot.views.lists import permalink
from bot.views.times import counted, moment
from bot.views.words import bold, channel, name, person

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.views.lists import Look
    from bot.views.times import Reader
    from storage.audit import Act

ACTS = {
    "start": "started a run",
    "click": "pressed a button",
    "answer": "answered in their own words",
    "stop": "stopped a run",
    "show": "showed an answer in a shared channel",
    "export": "asked for a table as a file",
    "settings": "changed shared settings",
    "my_settings": "changed their own settings",
    "schedule_create": "made a recurring brief",
    "schedule_change": "changed a recurring brief",
    "schedule_pause": "paused a recurring brief",
    "schedule_resume": "resumed a recurring brief",
    "schedule_delete": "deleted a recurring brief",
    "install": "installed the app",
    "connect": "connected Origami with a key",
    "disconnect": "took the Origami key away",
    "leave": "removed the app",
    "forget": "had all data deleted",
    "audit_export": "exported this list",
}
"""By what is recorded."""


def audit_button() -> Block:
    """Make the button on an admin's Home."""
    return button("Who did what", f"{ids.AUDIT}:home", "")


def read_page(value: str) -> int | None:
    """Read before which entry a page begins; None is the newest page."""
    # Slack hands back what we sent.
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 19 else None


def audit_modal(acts: Sequence[Act], look: Look, *, is_newest: bool, has_older: bool) -> View:
    """Show a page of acts (Slack: 100 blocks), with ways to others and to all of them as a file."""
    newest = [] if is_newest else [button("Newest", f"{ids.AUDIT}:newest", "")]
    older = [button("Older", f"{ids.AUDIT}:older", str(acts[-1].entry.id))] if acts and has_older else []
    export = [button("Export as CSV", ids.AUDIT_EXPORT, "all")] if acts else []
    told = [context(_line(act, look)) for act in acts]
    return _modal([*(told or [section("Nothing yet.")]), *actions([*newest, *older, *export])])


def loading_modal() -> View:
    """Say that the list is being read."""
    return _modal([section("Reading…")])


def exporting_modal() -> View:
    """Say that the file is being made."""
    return _modal([section("Making the file. It comes into your conversation with this app.")])


def exported_modal(acts: int, reader: Reader) -> View:
    """Say where the file is."""
    told = f"A file with {counted(acts, 'act', reader)} is in your conversation with this app."
    return _modal([section(told), *actions([_back()])])


def not_exported_modal(error: str) -> View:
    """Say that there is no file, and what to do; ``error`` is as in Sent."""
    why = f"Slack said {name(error, otherwise='nothing')}. Try again."
    if error == "missing_scope":
        wanted = f"Have the app installed again with the permission `{FILES.scope}`, then try again."
        why = f"Origami may not put files into this Slack. {wanted}"
    told = f"{bold('The file could not be sent.')} {why}"
    again = button("Try again", ids.AUDIT_EXPORT, "all")
    return _modal([section(told), *actions([again, _back()])])


def export_name(now: datetime) -> str:
    """Name the file."""
    return f"origami-audit-{now:%Y-%m-%d}.csv"


def export_comment(user_id: str) -> str:
    """Say beside the file what it is."""
    return f"{person(user_id)} Who did what with Origami in this workspace, the oldest first."


def _back() -> Block:
    return button("Back to the list", f"{ids.AUDIT}:back", "")


def _modal(blocks: Sequence[Block]) -> View:
    return modal(ids.AUDIT_MODAL, "Who did what", None, blocks)


def _line(act: Act, look: Look) -> str:
    entry = act.entry
    at = moment(entry.at, now=look.now, reader=look.reader)
    did = ACTS.get(entry.action) or name(entry.action.replace("_", " "), otherwise="did something")
    return " ".join(filter(None, [f"{at} · {person(entry.actor_id)} {bold(did)}", _where(act, look)]))


def _where(act: Act, look: Look) -> str:
    """Where it was: a thread to open, or the channel whose settings were changed."""
    subject = act.entry.details.get("subject")
    if act.channel_id is None:
        return f"of {channel(subject)}" if isinstance(subject, str) and subject else ""
    if act.channel_id.startswith("D"):
        return "in a direct message"
    place = f"in {channel(act.channel_id)}"
    link = permalink(look.team_url, act.channel_id, act.thread_ts, None)
    return f"{place}, {https_link(link, 'thread')}" if link else place
