"""Which of a table's columns are worth a place in a preview, and in which order."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.origami import Column
from bot.views.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

COLUMNS_LIMIT = 8
"""Ours; Slack: 20 columns per table."""

_WORD = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_TAKEN_FOR_AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24,64}", re.IGNORECASE)

_IDS = frozenset({"id", "ids", "uuid", "guid", "urn", "gid"})
_SCORES = frozenset({"fit", "score", "rating", "rank", "qualified", "qualification", "relevance", "match"})
_CONTACTS = (
    frozenset({"email", "emails", "mail"}),
    frozenset({"phone", "phones", "mobile", "telephone", "tel"}),
    frozenset({"linkedin"}),
    frozenset({"website", "site", "url", "domain", "homepage", "web"}),
)
_NAMES = (
    frozenset({"name"}),
    frozenset({"person", "lead", "contact", "title", "role", "position"})
    | {"company", "business", "organization", "organisation", "account"},
)
_GROUPS = ("name", "fresh", "score", "contact", "rest")
_MOST_OF_A_GROUP = {"name": 4, "fresh": 3, "score": 2, "contact": 4}
"""What goes beyond it stands with the rest: ten columns of names leave room for an e-mail address."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A column of the preview; ``filling`` while some of its cells are being filled in."""

    slug: str
    name: str
    filling: bool = False


def choose(
    columns: Sequence[Column], rows: Sequence[Mapping[str, str]], *, fresh: Collection[str] = ()
) -> list[Shown]:
    """Choose at most 8 columns: who it is, what the run added (ids in ``fresh``), fit, contacts, the rest.

    Ids, drafted sequences and columns without a value are left out; among equals the sparse go last.
    """
    ranked = []
    for place, column in enumerate(_candidates(columns, rows)):
        group, order = _kind(column, fresh)
        # Not how full exactly: columns must not change places with each cell that is filled.
        sparse = sum(bool(row.get(column.slug or "")) for row in rows) * 2 < len(rows)
        ranked.append((_GROUPS.index(group), order, sparse, place, column))
    ranked.sort(key=lambda entry: entry[:4])
    first: list[Column] = []
    rest: list[Column] = []
    taken = Counter[int]()
    for group_index, *_, column in ranked:
        taken[group_index] += 1
        most = _MOST_OF_A_GROUP.get(_GROUPS[group_index], 0)
        (first if taken[group_index] <= most else rest).append(column)
    return [
        Shown(
            column.slug or "", one_line(column.name) or _spelled(column.slug or ""), column.cells.running > 0
        )
        for column in [*first, *rest][:COLUMNS_LIMIT]
    ]


def _candidates(columns: Sequence[Column], rows: Sequence[Mapping[str, str]]) -> list[Column]:
    """The columns that have something to show; from the rows where Origami names none."""
    named: dict[str, Column] = {}
    for column in columns:
        if column.slug and column.kind != "sequence":
            named.setdefault(column.slug, column)
    if not any(column.slug for column in columns):
        slugs = dict.fromkeys(slug for row in rows for slug in row)
        named = {slug: Column(id=str(place), slug=slug) for place, slug in enumerate(slugs)}
    full = [
        column for slug, column in named.items() if column.cells.running or any(row.get(slug) for row in rows)
    ]
    telling = [column for column in full if not _is_id(column, [row.get(column.slug or "") for row in rows])]
    return telling or full


def _is_id(column: Column, values: Sequence[str | None]) -> bool:
    filled = [value for value in values if value]
    return bool(_words(column) & _IDS) or (
        bool(filled) and all(_TAKEN_FOR_AN_ID.fullmatch(value) for value in filled)
    )


def _kind(column: Column, fresh: Collection[str]) -> tuple[str, int]:
    """The group of a column, and its order there."""
    words = _words(column)
    if column.id in fresh:
        return "fresh", 0
    if column.kind == "score":
        return "score", 0
    for order, known in enumerate(_CONTACTS):
        if words & known:
            return "contact", order
    if words & _SCORES:
        return "score", 1
    for order, known in enumerate(_NAMES):
        if words & known:
            return "name", order
    return "rest", int(column.kind != "input")


def _words(column: Column) -> set[str]:
    told = f"{column.name} {column.slug}"
    return {word.casefold() for text in (told, _CAMEL.sub(" ", told)) for word in _WORD.findall(text)}


def _spelled(slug: str) -> str:
    words = " ".join(_WORD.findall(slug))
    return (words[:1].upper() + words[1:]) or slug
