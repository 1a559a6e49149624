"""What a run changed, from its actions and tables; never from its prose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views import ids
from bot.views.blocks import LABEL_LIMIT, Block, actions, context, link_button, section
from bot.views.escape import clip, is_https, one_line
from bot.views.filling import could_not_fill, still_filling
from bot.views.last_seen import leads
from bot.views.times import Reader, counted, number
from bot.views.words import bold, name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import Action, Outcome, Table
    from bot.origami import Run as Result
    from bot.views.last_seen import LastSeen

TABLES_LIMIT = 5
"""Tables that get a line and a button; the others are counted."""
COLUMNS_LIMIT = 3
"""Columns that are named; the others are counted."""


def change_blocks(
    result: Result, outcome: Outcome, reader: Reader, seen: LastSeen | None = None
) -> list[Block]:
    """Summarise a result's actions, one line a table, and say whether cells are still being filled."""
    changed = result.response.actions if result.response else ()
    by_table: dict[str | None, list[Action]] = {}
    for action in changed:
        by_table.setdefault(action.table_id, []).append(action)
    names = {table.id: table.name for table in (result.response.tables if result.response else ())}
    lines = [
        _line(names.get(table_id or ""), done, reader)
        for table_id, done in list(by_table.items())[:TABLES_LIMIT]
    ]
    hidden = sum(map(len, list(by_table.values())[TABLES_LIMIT:])) + result.left_out.actions
    if hidden:
        lines.append(f"and {counted(hidden, 'more change', reader)}")
    return [*([section("\n".join(lines))] if lines else []), *_cells(outcome, seen, reader)]


def table_buttons(outcome: Outcome, reader: Reader, hidden: int = 0, *extra: Block) -> list[Block]:
    """Link the tables, the main one first, with what they hold, then ``extra`` buttons.

    ``hidden`` counts tables that were left out of the result.
    """
    tables = _in_order(outcome)
    shown = tables[:TABLES_LIMIT]
    linked = [
        link_button(
            _label(table, outcome, reader),
            table.url,
            ids.open_table(number),
            spoken=f"Open {_label(table, outcome, reader)} in Origami",
        )
        for number, table in enumerate(shown)
        if table.url and is_https(table.url)
    ]
    others = len(tables) - len(shown) + hidden
    unlinked = [
        f"{name(table.name)} ({_holds(table, outcome, reader)})"
        for table in shown
        if not table.url or not is_https(table.url)
    ]
    notes = [
        f"Find in Origami: {', '.join(unlinked)}" if unlinked else "",
        f"and {counted(others, 'more table', reader)} in Origami" if others else "",
    ]
    return [*actions([*linked, *extra]), *(context(note) for note in notes if note)]


def rows(table: Table, reader: Reader) -> str:
    """Count a table's rows: every live one, which can be more than its saved view shows."""
    return counted(table.lead_count, "row", reader)


def _in_order(outcome: Outcome) -> Sequence[Table]:
    return [*([outcome.main_table] if outcome.main_table else []), *outcome.other_tables]


def _holds(table: Table, outcome: Outcome, reader: Reader) -> str:
    if table is not outcome.main_table or outcome.matching is None:
        return rows(table, reader)
    if outcome.matching < table.lead_count:
        return f"{number(outcome.matching, reader)} of {number(table.lead_count, reader)} match"
    return leads(outcome, reader)


def _label(table: Table, outcome: Outcome, reader: Reader) -> str:
    tail = f" ({_holds(table, outcome, reader)})"
    return clip(one_line(table.name) or "Untitled table", LABEL_LIMIT - len(tail)) + tail


def _cells(outcome: Outcome, seen: LastSeen | None, reader: Reader) -> list[Block]:
    if outcome.still_filling and seen and not seen.ended:
        # How many changes too often to be told here: the preview says it.
        return [context("Cells are still being filled in; this is kept up to date.")]
    running = sum(table.cells.running for table in _in_order(outcome)) if outcome.still_filling else 0
    errored = could_not_fill(outcome.errored_cells, reader)
    told = f"{still_filling(running, reader, live=False)} {errored}".strip()
    return [context(told)] if told else []


def _line(table_name: str | None, done: Sequence[Action], reader: Reader) -> str:
    """Say what was done to one table, such as "Created table X · added 18 leads · added column Y"."""
    named = next((action.table_name for action in done if action.table_name), None) or table_name
    table = bold(name(named))
    kinds = {action.type for action in done}
    opening = next((word for kind, word in _OPENINGS.items() if kind in kinds), "")
    parts = [part for part in (_sum(kind, done, reader) for kind in _SUMS) if part]
    columns = _columns(done, reader)
    if columns:
        parts.append(columns)
    if kinds - _KNOWN:
        parts.append("made other changes" if parts or opening else "")
    told = " · ".join(filter(None, parts))
    if opening:
        return f"{opening} {table}" + (f" · {told}" if told else "")
    return f"{table}: {told}" if told else f"Changed table {table}"


_OPENINGS = {"table_created": "Created table", "table_restored": "Restored table"}
_SUMS = {
    "leads_added": ("added", "lead"),
    "leads_deleted": ("deleted", "lead"),
    "leads_restored": ("restored", "lead"),
    "columns_deleted": ("deleted", "column"),
    "columns_restored": ("restored", "column"),
}
_KNOWN = {*_OPENINGS, *_SUMS, "column_added", "columns_updated"}


def _sum(kind: str, done: Sequence[Action], reader: Reader) -> str:
    verb, noun = _SUMS[kind]
    matching = [action for action in done if action.type == kind]
    if not matching:
        return ""
    total = sum(action.lead_count or action.count or 0 for action in matching)
    return f"{verb} {counted(total, noun, reader)}" if total else f"{verb} {noun}s"


def _columns(done: Sequence[Action], reader: Reader) -> str:
    added = [action for action in done if action.type == "column_added"]
    updated = "changed columns" if any(action.type == "columns_updated" for action in done) else ""
    if not added:
        return updated
    named = [bold(name(action.column_name)) for action in added[:COLUMNS_LIMIT] if action.column_name]
    if len(added) > COLUMNS_LIMIT or len(named) < len(added):
        told = f"added {counted(len(added), 'column', reader)}"
    else:
        told = f"added {'column' if len(named) == 1 else 'columns'} {', '.join(named)}"
    return f"{told} · {updated}" if updated else told
