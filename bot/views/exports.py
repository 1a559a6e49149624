"""A table as a file: the buttons that ask for it, what it is called, and what is said about it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, link_button, section
from bot.views.escape import clip, https_link, one_line
from bot.views.message import Message
from bot.views.words import bold, count, duration, name, person

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_LIMIT = 80
ROWS_A_MINUTE = 60 * 200
"""Ours: 60 reads a minute at the most; Origami: 200 rows a read."""

_FORMATS = {"csv": "CSV", "xlsx": "Excel file"}
_PARTIAL = {
    "restarted": "Origami began its list again before the end, so rows may be missing: try again later.",
    "overflows": "There is more in the table than a file can hold.",
}
_REASONS = {
    "TABLE_NOT_FOUND": "Origami no longer has this table.",
    "EXPORT_NO_ANSWER": "Origami did not answer for some minutes. Try again later.",
    "EXPORT_GAVE_UP": "It went wrong again and again. Show this to the person who set up Origami in Slack.",
}


def export_buttons(run_id: str) -> list[Block]:
    """Make the buttons that ask for the main table of a run as a file."""
    labels = {"csv": "Get CSV", "xlsx": "Get Excel"}
    return [button(label, f"{ids.EXPORT}:{kind}", run_id) for kind, label in labels.items()]


def file_name(table: str, file_format: str) -> str:
    """Name the file after its table, in characters that every system takes in a name."""
    kept = "".join(letter if letter.isalnum() or letter in " -_()&,'" else " " for letter in one_line(table))
    return f"{clip(' '.join(kept.split()), NAME_LIMIT).rstrip('…') or 'Leads'}.{file_format}"


def file_comment(
    requester_id: str,
    *,
    table: str,
    rows: int,
    file_format: str,
    partial: str | None,
    refused: Mapping[str, Any] | None,
) -> str:
    """Say beside a file whose it is, what is in it, and why it is not in the thread where it is not."""
    told = f"{person(requester_id)} {count(rows, 'row')} of {bold(name(table))} as {_kind(file_format)}."
    closed = ""
    if refused:
        closed = f"It is here because it could not go into the thread. {refusals.words(dict(refused)).what}"
    return " ".join(filter(None, [told, _PARTIAL.get(partial or ""), closed]))


def export_begun(payload: Mapping[str, Any]) -> str:
    """Say that a file is being made, and how long a large one takes."""
    rows = _rows(payload)
    minutes = math.ceil(rows / ROWS_A_MINUTE)
    takes = f" That takes about {duration(60 * minutes)}, longer while runs go on." if minutes > 1 else ""
    most = f" (up to {count(rows, 'row')})" if rows else ""
    return f"Making {_what(payload, 'the')}{most}. It comes into this thread.{takes}"


def export_pending(payload: Mapping[str, Any]) -> str:
    """Say that the same file is being made already."""
    rows = _rows(payload)
    so_far = f"; {count(rows, 'row')} so far" if rows else ""
    return f"{_what(payload, 'The')} is already being made{so_far}. It comes into this thread."


def export_failed(payload: Mapping[str, Any]) -> Message:
    """Say why there is no file, what to do about it, and which thread this is about."""
    found = payload.get("reason")
    reason: dict[str, Any] = found if isinstance(found, dict) else {}
    refusal = refusals.words(reason)
    if reason.get("code") == "EXPORT_EMPTY":
        why = _empty(reason)
    elif reason.get("code") in _REASONS:
        why = _REASONS[reason["code"]]
    else:
        why = f"{refusal.what} {refusal.next_step}"
    what = _what(payload, "The")
    thread = {key: payload.get(value) for key, value in _THREAD.items()}
    link = https_link(f"https://slack.com/app_redirect?{urlencode(thread)}", "Open the thread")
    ways_out = [link_button(refusal.link_label or "Open Origami", refusal.link)] if refusal.link else []
    return Message.of([section(f"{what} could not be made. {why}\n{link}"), *actions(ways_out)])


_THREAD = {"team": "team_id", "channel": "channel_id", "message_ts": "thread_ts"}


def _empty(reason: Mapping[str, Any]) -> str:
    rows = _rows(reason)
    if not rows:
        return "There is no row in the table."
    return f"Its view in Origami shows none of its {count(rows, 'row')}: change the view's filters there."


def _what(payload: Mapping[str, Any], article: str) -> str:
    table = bold(name(str(payload.get("table") or "")))
    return f"{article} {_kind(str(payload.get('file_format')))} of {table}"


def _kind(file_format: str) -> str:
    return _FORMATS.get(file_format, "file")


def _rows(payload: Mapping[str, Any]) -> int:
    rows = payload.get("rows")
    return rows if isinstance(rows, int) and rows > 0 else 0
