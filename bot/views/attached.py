"""Which files a run came with, and which of them the agent does not get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views.blocks import Block, context
from bot.views.words import bold, listing, name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.records import Run

SHOWN = 5
_WHY = {
    "type": "Origami takes CSV, TSV, TXT, XLSX, PDF, DOCX, JSON and Markdown files",
    "size": "larger than 10 MB",
    "many": "five files at once are the most",
}


def attached_blocks(run: Run) -> list[Block]:
    """Name the files, and those left out with the reason."""
    items = run.attachments or []
    given = [item for item in items if item.get("kind") != "left_out"]
    left_out = [item for item in items if item.get("kind") == "left_out"]
    lines = [f"With {_names(given)}"] if given else []
    for why in dict.fromkeys(str(item.get("why")) for item in left_out):
        reason = _WHY.get(why, "cannot be taken")
        lines.append(f"Left out: {_names(item for item in left_out if item.get('why') == why)} ({reason})")
    return [context("\n".join(lines))] if lines else []


def _names(items: Iterable[dict[str, Any]]) -> str:
    names = [bold(name(str(item.get("name")), otherwise="a file")) for item in items]
    more = len(names) - SHOWN
    return listing(names[:SHOWN] if more <= 0 else [*names[:SHOWN], f"{more} more"])
