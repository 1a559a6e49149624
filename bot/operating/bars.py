"""Progress bars of long commands: on a terminal, and nothing elsewhere."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PAGE_BYTES = 4096
"""SQLite's default, which our databases have."""


@contextlib.contextmanager
def pages(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many pages of a SQLite file are done, in bytes."""
    with _bar(what, of_bytes=True) as move:
        yield lambda done, total: move(done * PAGE_BYTES, total * PAGE_BYTES)


@contextlib.contextmanager
def steps(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how many steps are done."""
    with _bar(what, of_bytes=False) as move:
        yield move


@contextlib.contextmanager
def _bar(what: str, *, of_bytes: bool) -> Iterator[Callable[[int, int], None]]:
    count = DownloadColumn() if of_bytes else MofNCompleteColumn()
    columns = (TextColumn(what), BarColumn(), count, TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
