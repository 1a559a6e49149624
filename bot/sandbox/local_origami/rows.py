"""Rows of a table: the saved view or a view of the reader's own, as typed cells, flat or CSV."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.local_origami.records import Lead, Table
from bot.sandbox.local_origami.refusals import Json, invalid
from bot.sandbox.local_origami.table_projections import cell_state


def _number(value: object) -> float:
    try:
        return float(str(value))
    except ValueError:
        return float("nan")


_OPERATORS: dict[str, Callable[[object, object], bool]] = {
    "contains": lambda cell, value: str(value).lower() in str(cell or "").lower(),
    "not_contains": lambda cell, value: str(value).lower() not in str(cell or "").lower(),
    "equals": lambda cell, value: str(cell) == str(value),
    "not_equals": lambda cell, value: str(cell) != str(value),
    "is_empty": lambda cell, _: cell in (None, ""),
    "is_not_empty": lambda cell, _: cell not in (None, ""),
    "greater_than": lambda cell, value: _number(cell) > _number(value),
    "greater_than_or_equal": lambda cell, value: _number(cell) >= _number(value),
    "less_than": lambda cell, value: _number(cell) < _number(value),
    "less_than_or_equal": lambda cell, value: _number(cell) <= _number(value),
}


def select(table: Table, query: Mapping[str, str]) -> list[Lead]:
    """The leads that the query is about, in order.

    Without `filters` and `sort` the table's saved view applies (leads that fit, best first) unless
    `defaults=false`; an explicit one replaces the saved one. Raises 400 INVALID_FILTERS, INVALID_SORT or
    UNKNOWN_COLUMN.
    """
    saved = query.get("defaults") != "false"
    leads = list(table.leads)
    if "filters" in query:
        for slug, operator, value in _filters(table, query["filters"]):
            matches = _OPERATORS[operator]
            leads = [lead for lead in leads if matches(lead.values.get(slug), value)]
    elif saved:
        leads = [lead for lead in leads if lead.fits]
    if "sort" in query:
        slug, descending = _sort(table, query["sort"])
        leads.sort(key=lambda lead: _order(lead.values.get(slug)), reverse=descending)
    elif saved and table.column("fit") is not None:
        leads.sort(key=lambda lead: _order(lead.values.get("fit")), reverse=True)
    return leads


def typed(table: Table, lead: Lead, work: float) -> Json:
    """A row of typed cells."""
    cells: Json = {}
    for column in table.columns:
        slug, kind = column.spec.slug, column.spec.kind
        if slug is None:
            continue
        state = cell_state(column, lead, work)
        value = lead.values.get(slug) if state == "complete" else None
        if kind == "input":
            cells[slug] = {"type": "scalar", "value": value}
        elif kind == "sequence":
            cells[slug] = {"type": "sequence", "sequenceId": lead.id, "status": value}
        else:
            cells[slug] = {"type": "value", "value": value, "run": {"status": state}}
    return {"object": "row", "id": lead.id, "cells": cells}


def flat(table: Table, lead: Lead, work: float) -> Json:
    """A row as `{slug: value}`, without the cells that are empty, running or errored."""
    row: Json = {"id": lead.id}
    for column in table.columns:
        slug = column.spec.slug
        if slug is not None and cell_state(column, lead, work) == "complete":
            value = lead.values.get(slug)
            if value is not None:
                row[slug] = value
    return row


def as_csv(table: Table, leads: list[Lead], work: float) -> str:
    """The rows as CSV under the columns' names; nothing is disarmed, as with Origami."""
    columns = [column for column in table.columns if column.spec.slug is not None]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.spec.name for column in columns])
    for lead in leads:
        row = flat(table, lead, work)
        writer.writerow([_plain(row.get(str(column.spec.slug))) for column in columns])
    return out.getvalue()


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _order(value: object) -> tuple[bool, float, str]:
    number = value if isinstance(value, int | float) else None
    return (value is not None, float(number) if number is not None else 0.0, str(value))


def _known(table: Table, slug: object) -> str:
    if not isinstance(slug, str) or table.column(slug) is None:
        raise invalid(f"Unknown column: {str(slug)[:100]}", code="UNKNOWN_COLUMN")
    return slug


def _filters(table: Table, given: str) -> list[tuple[str, str, object]]:
    filters = _read(given, "INVALID_FILTERS")
    if not isinstance(filters, list) or not all(
        isinstance(item, dict) and item.get("operator") in _OPERATORS for item in filters
    ):
        raise invalid("filters must be an array of {column, operator, value}", code="INVALID_FILTERS")
    return [(_known(table, item.get("column")), item["operator"], item.get("value")) for item in filters]


def _sort(table: Table, given: str) -> tuple[str, bool]:
    sort = _read(given, "INVALID_SORT")
    if not isinstance(sort, dict) or sort.get("direction") not in ("asc", "desc"):
        raise invalid("sort must be {column, direction}", code="INVALID_SORT")
    return _known(table, sort.get("column")), sort["direction"] == "desc"


def _read(given: str, code: str) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        raise invalid("not JSON", code=code) from None
