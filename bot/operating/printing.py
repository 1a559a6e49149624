"""What the operator's commands print: tables on a terminal, plain columns in a pipe, or JSON."""

from __future__ import annotations

import json
import sys
import unicodedata
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOTHING = "-"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print rows under their heads: ruled on a terminal, else in columns that every tool can read."""
    cells = [[plain(cell) for cell in row] for row in rows]
    if sys.stdout.isatty():
        ruled = Table(title=title or None, title_justify="left")
        for head in heads:
            ruled.add_column(head, overflow="fold")
        for row in cells:
            ruled.add_row(*(Text(cell) for cell in row))
        Console().print(ruled)
        return
    lines = [[head.upper() for head in heads], *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    if title:
        typer.echo(title)
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def facts(pairs: Mapping[str, object]) -> None:
    """Print names and values, one a line."""
    width = max(map(len, pairs))
    for name, value in pairs.items():
        typer.echo(f"{name.ljust(width)}  {plain(value)}")


def as_json(value: Any) -> None:  # noqa: ANN401  (whatever JSON knows, and times)
    """Print JSON, with times as ISO 8601 in UTC."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False, default=_told))


def plain(value: object) -> str:
    """A value on one line, without what a terminal would obey: others chose some of these words."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}Z"
    if isinstance(value, dict | list | tuple):
        value = json.dumps(value, ensure_ascii=False, default=_told)
    line = " ".join(str(value).split())
    shown = "".join("�" if unicodedata.category(sign) in {"Cc", "Cf", "Cs"} else sign for sign in line)
    return shown or NOTHING


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago something was, in its largest unit: "40s", "12m", "3h", "2d"."""
    if then is None:
        return NOTHING
    seconds = max(now - then, timedelta()).total_seconds()
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}s"


def _told(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no form in JSON")
