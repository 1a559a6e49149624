"""A table as a file: the buttons that ask for it, what it is called, and what is said about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, link_button, section
from bot.views.escape import clip, https_link, one_line
from bot.views.message import Message
from bot.views.times import ANYBODY, Reader, counted
from bot.views.words import bold, duration, name, person

Payload = Mapping[str, Any]

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
    partial: str | None = None,
    refused: Mapping[str, Any] | None = None,
    reader: Reader = ANYBODY,
) -> str:
    """Say beside a file whose it is, what is in it, and why it is not in the thread where it is not."""
    held = f"{counted(rows, 'row', reader)} of {bold(name(table))} as {_kind(file_format)}."
    closed = ""
    if refused:
        closed = f"It is here because it could not go into the thread. {refusals.words(dict(refused)).what}"
    return " ".join(filter(None, [person(requester_id), held, _PARTIAL.get(partial or ""), closed]))


def _begun(payload: Payload, reader: Reader) -> Message:
    """Say that a file is being made, and how long a large one takes."""
    rows = _rows(payload)
    minutes = math.ceil(rows / ROWS_A_MINUTE)
    takes = f" That takes about {duration(60 * minutes)}, longer while runs go on." if minutes > 1 else ""
    most = f" (up to {counted(rows, 'row', reader)})" if rows else ""
    return Message.of([section(f"Making {_what(payload, 'the')}{most}. It comes {_where(payload)}.{takes}")])


def _pending(payload: Payload, reader: Reader) -> Message:
    """Say that the same file is being made already."""
    rows = _rows(payload)
    so_far = f"; {counted(rows, 'row', reader)} so far" if rows else ""
    told = f"{_what(payload, 'The')} is already being made{so_far}. It comes {_where(payload)}."
    return Message.of([section(told)])


def _failed(payload: Payload, reader: Reader) -> Message:
    """Say why there is no file, what to do about it, and which thread this is about."""
    found = payload.get("reason")
    reason: dict[str, Any] = found if isinstance(found, dict) else {}
    refusal = refusals.words(reason, reader)
    if reason.get("code") == "EXPORT_EMPTY":
        why = _empty(reason, reader)
    else:
        why = _REASONS.get(str(reason.get("code")), f"{refusal.what} {refusal.next_step}")
    thread = {key: payload.get(value) for key, value in _THREAD.items()}
    link = https_link(f"https://slack.com/app_redirect?{urlencode(thread)}", "Open the thread")
    told = f"{_what(payload, 'The')} could not be made. {why}\n{link}"
    ways_out = [link_button(refusal.link_label or "Open Origami", refusal.link)] if refusal.link else []
    return Message.of([section(told), *actions(ways_out)])


EXPORT_NOTICES: Mapping[str, Callable[[Payload, Reader], Message]] = {
    "export_begun": _begun,
    "export_pending": _pending,
    "export_failed": _failed,
}
"""By the notice's code."""

_THREAD = {"team": "team_id", "channel": "channel_id", "message_ts": "thread_ts"}


def _empty(reason: Payload, reader: Reader) -> str:
    rows = _rows(reason)
    if not rows:
        return "There is no row in the table."
    return f"Its view in Origami shows none of its {counted(rows, 'row', reader)}: change the filters there."


def _what(payload: Payload, article: str) -> str:
    table = bold(name(str(payload.get("table") or "")))
    return f"{article} {_kind(str(payload.get('file_format')))} of {table}"


def _where(payload: Payload) -> str:
    return "here" if payload.get("elsewhere") else "into this thread"


def _kind(file_format: str) -> str:
    return _FORMATS.get(file_format, "file")


def _rows(payload: Payload) -> int:
    rows = payload.get("rows")
    return rows if isinstance(rows, int) and rows > 0 else 0
