"""The rules of table, data_table and data_visualization blocks."""

from collections.abc import Iterator
from typing import Any, Final

from bot.sandbox.local_slack.validation import limits
from bot.sandbox.local_slack.validation.problem import Problem
from bot.sandbox.local_slack.validation.walk import Place

CELLS: Final = frozenset({"raw_text", "raw_number", "rich_text"})
TABLE_FAMILY: Final = frozenset({"table", "data_table"})
COLUMNS: Final = 20
# Slack documents these on its data visualization block page.
SERIES: Final = {"pie": "segments", "bar": "series", "line": "series", "area": "series"}
SERIES_MOST: Final = 6


def table_problems(place: Place) -> Iterator[Problem]:
    """Rows, columns and cells of a table-family block, or the series of a chart."""
    if place.kind in TABLE_FAMILY:
        yield from grid_problems(place)
    elif place.kind == "data_visualization":
        yield from chart_problems(place)


def grid_problems(place: Place) -> Iterator[Problem]:
    """Cells need a character each; widths and totals are limited."""
    rows = place.value.get("rows")
    if not isinstance(rows, list):
        yield Problem(f"{place.pointer}/rows", "must be an array of rows")
        return
    widths = set()
    for r, row in enumerate(rows):
        if not isinstance(row, list) or not 1 <= len(row) <= COLUMNS:
            yield Problem(f"{place.pointer}/rows/{r}", f"must have between 1 and {COLUMNS} cells")
            continue
        widths.add(len(row))
        for c, cell in enumerate(row):
            yield from cell_problems(cell, f"{place.pointer}/rows/{r}/{c}")
    if place.kind == "data_table":
        if len(widths) > 1:
            yield Problem(f"{place.pointer}/rows", "all rows must have the same number of cells")
        most = limits.DATA_TABLE_CHARACTERS
        if characters(rows) > most:
            yield Problem(f"{place.pointer}/rows", f"must be less than {most + 1} characters in all")


def cell_problems(cell: object, pointer: str) -> Iterator[Problem]:
    """One cell: a known type that holds something."""
    kind = cell.get("type") if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or not isinstance(kind, str) or kind not in CELLS:
        yield Problem(pointer, "a cell must be raw_text, raw_number or rich_text")
    elif kind == "raw_text" and not (isinstance(cell.get("text"), str) and cell["text"]):
        yield Problem(f"{pointer}/text", "must be more than 0 characters")


def chart_problems(place: Place) -> Iterator[Problem]:
    """A chart of a known type with one to six segments or series."""
    chart: Any = place.value.get("chart")
    kind = chart.get("type") if isinstance(chart, dict) else None
    if not isinstance(chart, dict) or not isinstance(kind, str) or kind not in SERIES:
        yield Problem(f"{place.pointer}/chart", "must be a pie, bar, line or area chart")
        return
    held = chart.get(SERIES[kind])
    if not isinstance(held, list) or not 1 <= len(held) <= SERIES_MOST:
        yield Problem(f"{place.pointer}/chart/{SERIES[kind]}", f"must have between 1 and {SERIES_MOST} items")
    if kind != "pie" and not isinstance(chart.get("axis_config"), dict):
        yield Problem(f"{place.pointer}/chart", "missing required field: axis_config")


def characters(value: object) -> int:
    """Characters of all `text` strings under `value`, in Unicode code points."""
    total, stack = 0, [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, dict):
            total += sum(len(v) for k, v in item.items() if k == "text" and isinstance(v, str))
            stack.extend(v for v in item.values() if isinstance(v, dict | list))
    return total
