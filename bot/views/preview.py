"""The first rows of the table that matters, in the thread, kept up to date while its cells fill."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.views.blocks import Block, context, section
from bot.views.columns import Shown, choose
from bot.views.disarm import literal
from bot.views.escape import clip, https_link, is_https, mrkdwn, one_line
from bot.views.filling import could_not_fill, still_filling
from bot.views.last_seen import LastSeen, leads, outcome_of
from bot.views.message import TEXT_LIMIT, Message
from bot.views.spoken import said
from bot.views.times import ANYBODY, Reader, counted
from bot.views.words import bold
from storage.records import WatchEnd

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.origami import Run as Result

ROWS_LIMIT = 20
"""Ours; Slack: 100 rows per table."""
TABLE_LIMIT = 7_000
"""Characters of a table in plain text, which must hold it too; Slack: 10,000 in all cells of a message."""
CELL_LIMIT = 80
HEADER_LIMIT = 40
LINK_LIMIT = 300
"""Characters of an address, escaped: a longer one is shown as text."""


def preview(result: Result, seen: LastSeen, *, reader: Reader = ANYBODY) -> Message:
    """Show what a run's main table holds, as it was read last: one message, one table of at most 20 by 8."""
    outcome = outcome_of(result, seen)
    shown = choose(seen.table.columns, seen.view.rows[:ROWS_LIMIT], fresh=_added(result, seen))
    grid = _grid(shown, seen.view.rows[:ROWS_LIMIT]) if shown else []
    visible = max(len(grid) - 1, 0)
    link = https_link(seen.table.url, clip(one_line(seen.table.name), CELL_LIMIT) or "an untitled table")
    heading = f"{bold('Preview')} of {link} · {leads(outcome, reader)}"
    if 0 < visible < (seen.view.matching or visible + 1):
        heading += f", the first {visible} below" if visible > 1 else ", the first below"
    hidden = len(seen.table.columns) - len(shown)
    notes = " ".join(filter(None, [*_state(seen, reader), _hidden(hidden, reader) if shown else ""]))
    around = [section(heading), *([context(notes)] if notes else [])]
    table: list[Block] = [{"type": "table", "rows": grid}] if visible else []
    told = clip(said([*around, *table]), TEXT_LIMIT)
    return Message(text=told, blocks=(around[0], *table, *around[1:]))


def _added(result: Result, seen: LastSeen) -> Collection[str]:
    """The ids of the columns that the run added to a table that was there before."""
    actions = [
        action
        for action in (result.response.actions if result.response else ())
        if action.table_id == seen.table.id
    ]
    if any(action.type == "table_created" for action in actions):
        return ()
    return {action.column_id for action in actions if action.type == "column_added" and action.column_id}


def _grid(shown: Sequence[Shown], rows: Sequence[Mapping[str, str]]) -> list[list[Block]]:
    """The cells of the table, as many rows as fit, under the columns' names."""
    grid = [[_text_cell(column.name, HEADER_LIMIT) for column in shown]]
    for row in rows:
        cells = [_cell(row.get(column.slug, ""), filling=column.filling) for column in shown]
        if len(said([{"type": "table", "rows": [*grid, cells]}])) > TABLE_LIMIT:
            break
        grid.append(cells)
    return grid


def _cell(words: str, *, filling: bool) -> Block:
    if not words:
        return {"type": "raw_text", "text": "…" if filling else " "}
    address = _address(words)
    if address is None:
        return _text_cell(words, CELL_LIMIT)
    label = clip(literal(address.removeprefix("www.").rstrip("/")), CELL_LIMIT)
    link = {"type": "link", "url": words, "text": label}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}


def _text_cell(words: str, limit: int) -> Block:
    # Slack: a cell needs at least one character.
    return {"type": "raw_text", "text": clip(literal(one_line(words)), limit) or " "}


def _address(words: str) -> str | None:
    """What to show of a web address that is a whole cell and safe to open; None for anything else."""
    if not is_https(words) or len(mrkdwn(words)) > LINK_LIMIT:
        return None
    parts = urlsplit(words)
    # What stands before an @ can be made to look like the host.
    return None if "@" in parts.netloc else words.partition("://")[2]


def _state(seen: LastSeen, reader: Reader) -> list[str]:
    cells = seen.table.cells
    match seen.ended:
        case None:
            filling = still_filling(cells.running, reader, live=True)
        case WatchEnd.GONE:
            filling = "This table is no longer in Origami; this is how it was last seen."
        case WatchEnd.PASSED_ON:
            filling = "A later run works on this table: its preview has the latest."
        case _:
            filling = still_filling(cells.running, reader, live=False)
    return [filling, could_not_fill(cells.errored, reader)]


def _hidden(columns: int, reader: Reader) -> str:
    return f"{counted(columns, 'more column', reader)} in the table." if columns > 0 else ""
