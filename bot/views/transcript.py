"""The conversation behind a run, page by page; only the person who asked for it sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.blocks import Block, actions, context, section, sections
from bot.views.details import STATS, Page, details_modal, page_button, turned
from bot.views.escape import mrkdwn
from bot.views.pages import pages
from bot.views.times import counted, number
from bot.views.words import bold, listing, name

if TYPE_CHECKING:
    from bot.origami import Run as Result
    from bot.origami import TranscriptMessage
    from bot.views.forms import View
    from bot.views.times import Reader

_SPEAKERS = {"user": "Asked", "assistant": "Origami", "tool": "Tool"}
_CUT = "_This message goes on; it is too long to show here in full._"


def transcript_modal(page: Page, result: Result, reader: Reader, *, left_out: int = 0) -> View:
    """Show a page of the transcript; a number beyond the last page is the last one.

    At most 9,000 characters and 40 blocks a page. ``left_out`` counts messages that were not kept.
    """
    response = result.response
    messages = response.transcript if response else ()
    found = pages(block for message in messages for block in _message(message)) or [[]]
    at = min(page.number, len(found) - 1)
    here = Page(page.run_id, page.part, at)
    is_last = at == len(found) - 1
    shown = found[at] or [section("Origami shows no conversation for this run.")]
    where = f"Page {number(at + 1, reader)} of {number(len(found), reader)} · only you see this"
    cut = bool(response and response.transcript_truncated)
    blocks = [
        context(where),
        *shown,
        *([context(note) for note in _notes(left_out, reader, truncated=cut)] if is_last else []),
        *actions(_buttons(here, is_last=is_last)),
    ]
    return details_modal("Transcript", blocks)


def _buttons(page: Page, *, is_last: bool) -> list[Block]:
    return [
        *([page_button("Previous page", "previous", turned(page, -1))] if page.number else []),
        *([] if is_last else [page_button("Next page", "next", turned(page, 1))]),
        page_button("Numbers", "numbers", Page(page.run_id, STATS)),
    ]


def _notes(left_out: int, reader: Reader, *, truncated: bool) -> list[str]:
    return [
        *(["_Origami gives only a part of this conversation._"] if truncated else []),
        *([f"_{counted(left_out, 'more message', reader)} not shown here._"] if left_out else []),
    ]


def _message(message: TranscriptMessage) -> list[Block]:
    """Tell one message, with the tools it uses and whether it was cut; nothing of one that says nothing."""
    tools = [f"“{name(call.name, otherwise='a tool')}”" for call in message.tool_calls[:5]]
    said = [
        mrkdwn(message.content).strip(),
        mrkdwn(message.result or "").strip(),
        f"_Uses {listing(tools)}_" if tools else "",
        _CUT if message.truncated else "",
    ]
    if not any(said):
        return []
    speaker = _SPEAKERS.get(message.role) or name(message.role, otherwise="Somebody")
    which = f" “{name(message.name)}”" if message.name else ""
    told = "\n".join([bold(speaker + which), *filter(None, said)])
    return [{"type": "divider"}, *sections(told)]
