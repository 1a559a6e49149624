"""A table's rows on their way into a file: kept on disk page by page, each row once."""

from __future__ import annotations

import tempfile
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

    from bot.origami import Cell, Column, Row, RowPage

Value = str | int | float | None

MOST_ROWS = 1_048_575
"""Excel: 1,048,576 rows a sheet, one of them the header."""
MOST_COLUMNS = 1_000
"""Ours: columns that stand in no description but only in rows have no other bound (Excel: 16,384)."""
EXACT_INTEGER = 10**15
"""Excel keeps 15 digits of a number: longer ones are ids, and stay text."""


class Spool:
    """Rows in a temporary file that nobody else sees; in memory only 16 bytes a row and the columns' names.

    The columns are known only at the end: some stand in no description of the table but in its rows. Use as
    a context manager.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self.rows = 0
        self.is_full = False
        """Whether rows came that no longer fit."""
        self.lacks_columns = False
        """Whether columns came that no longer fit."""
        self._described = columns
        self._found: dict[str, None] = {}
        self._seen: set[bytes] = set()
        self._file = tempfile.TemporaryFile(prefix="origami-export-")  # noqa: SIM115  (__exit__ closes it)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, page: RowPage) -> int:
        """Keep what is new of a page; returns how many rows that is.

        A row without an id counts as new unless its page, as a whole, has come before.
        """
        lines = [orjson.dumps({slug: _value(cell) for slug, cell in row.cells.items()}) for row in page.rows]
        page_is_new = self._first_time(b"page\n" + b"\n".join(lines))
        added = 0
        for row, line in zip(page.rows, lines, strict=True):
            if not (page_is_new if row.id is None else self._first_time(f"row {row.id}".encode())):
                continue
            if self.rows >= MOST_ROWS:
                self.is_full = True
                break
            self._file.write(line + b"\n")
            self._note_columns(row)
            self.rows += 1
            added += 1
        return added

    def _first_time(self, what: bytes) -> bool:
        digest = blake2b(what, digest_size=16).digest()
        known = digest in self._seen
        self._seen.add(digest)
        return not known

    def _note_columns(self, row: Row) -> None:
        for slug in row.cells:
            if slug not in self._found:
                if len(self._found) < MOST_COLUMNS:
                    self._found[slug] = None
                else:
                    self.lacks_columns = True

    def columns(self) -> dict[str, str]:
        """Header by the key in rows, in the table's order, and then what stands only in rows; none twice.

        A column without a slug goes by its id or name, and is left out where no row knows it.
        """
        slugs = {column.slug for column in self._described}
        by_key: dict[str, str] = {}
        for column in self._described:
            others = (key for key in (column.id, column.name) if key in self._found and key not in slugs)
            key = column.slug or next(others, None)
            if key is not None:
                by_key.setdefault(key, column.name or key)
        for key in self._found:
            by_key.setdefault(key, key or "Column")
        return dict(zip(by_key, _told_apart(list(by_key.values())[:MOST_COLUMNS]), strict=False))

    def lines(self) -> Iterator[list[Value]]:
        """The rows in the order in which they came, each as long as ``columns``."""
        keys = list(self.columns())
        self._file.seek(0)
        for line in self._file:
            cells = orjson.loads(line)
            yield [cells.get(key) for key in keys]


def _value(cell: Cell) -> Value:
    """A number as such, everything else in words."""
    value = cell.value
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and abs(value) < EXACT_INTEGER:
        return int(value) if isinstance(value, float) and value.is_integer() else value
    return cell.text or None


def _told_apart(names: Sequence[str]) -> list[str]:
    """The names with " (2)" and so on behind those that came before, in any case of letters."""
    taken: set[str] = set()
    told: list[str] = []
    for name in names:
        shown, number = name, 1
        while shown.casefold() in taken:
            number += 1
            shown = f"{name} ({number})"
        taken.add(shown.casefold())
        told.append(shown)
    return told
