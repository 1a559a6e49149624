"""Files that spreadsheets open: rows in, bytes out; nothing in a cell computes or links."""

from __future__ import annotations

import csv
import io
import re
from typing import IO, TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from bot.results.spool import Value

CELL_CHARACTERS = 32_767
"""Excel: characters a cell, as UTF-16 counts them."""
COLUMN_WIDTH = 22

_FORMULA = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""Spreadsheets compute after blanks too, and take the wide forms of these signs for the signs."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Writer(Protocol):
    """One kind of file while it is written: the header when it is made, rows, and ``close`` once."""

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Add rows, each as long as the header."""

    def close(self) -> None:
        """Finish the file, and leave it open for reading."""


class Csv:
    """RFC 4180 in UTF-8 with the mark by which Excel knows it."""

    def __init__(self, file: IO[bytes], header: Sequence[str], _folder: str) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        self._csv = csv.writer(self._text, lineterminator="\r\n")
        self.write([header])

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Add rows."""
        self._csv.writerows([inert(value) for value in row] for row in rows)

    def close(self) -> None:
        """Finish the file."""
        self._text.flush()
        self._text.detach()


class Xlsx:
    """Excel's own format, with numbers as numbers and all else as plain strings, row by row to disk."""

    def __init__(self, file: IO[bytes], header: Sequence[str], folder: str) -> None:
        import xlsxwriter  # noqa: PLC0415 - for those who want Excel

        self._book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder})
        self._sheet = self._book.add_worksheet("Leads")
        self._next = 0
        bold = self._book.add_format({"bold": True})
        if header:
            self._sheet.set_column(0, len(header) - 1, COLUMN_WIDTH)
        self._sheet.freeze_panes(1, 0)
        for place, name in enumerate(header):
            self._sheet.write_string(0, place, fitting(name), bold)

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Add rows."""
        for row in rows:
            self._next += 1
            for place, value in enumerate(row):
                if isinstance(value, str):
                    self._sheet.write_string(self._next, place, fitting(value))
                elif value is not None:
                    self._sheet.write_number(self._next, place, value)

    def close(self) -> None:
        """Finish the file."""
        self._book.close()


FORMATS: Mapping[str, Callable[[IO[bytes], Sequence[str], str], Writer]] = {"csv": Csv, "xlsx": Xlsx}
"""By name: made of an empty file, the header, and a folder for what is only needed meanwhile."""


def inert(value: Value) -> Value:
    """A value that no spreadsheet takes for a formula: text that begins like one gets an apostrophe.

    That goes for telephone numbers in text as well; what is a number stays one.
    """
    if not isinstance(value, str):
        return value
    clean = _CONTROL.sub("", value)
    return f"'{clean}" if _FORMULA.match(clean) else clean


def fitting(text: str) -> str:
    """Text as a cell of Excel can hold it: without control characters, cut where it is too long."""
    clean = _CONTROL.sub("", text)
    units = clean.encode("utf-16-le", "replace")
    if len(units) <= 2 * CELL_CHARACTERS:
        return clean
    return units[: 2 * (CELL_CHARACTERS - 1)].decode("utf-16-le", "ignore") + "…"
