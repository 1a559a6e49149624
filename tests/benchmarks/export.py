"""What a file of 50,000 rows costs: ``python -m tests.benchmarks.export`` prints memory and time.

The bot runs in a process of its own, between a local Slack and a local Origami in this one; what a minute
allows is lifted, or 50,000 rows would take more than four.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bot.sandbox.local_origami.records import Column
from bot.sandbox.local_origami.script import ColumnSpec
from tests.benchmarks.report import Row, at_most, main
from tests.crash.stage import WAYS, Stage, shared_files, staged
from tests.spreadsheets import read_csv, read_xlsx

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message
    from tests.crash.stage import Brief

ROWS = 50_000
COLUMNS = 12
SUBJECT = "ours on SQLite"
MEGABYTE = 1024.0
"""In the units of /proc."""
LIMIT_MB = 100.0
PATIENCE_SECONDS = 600.0
READERS = {"Get CSV": read_csv, "Get Excel": read_xlsx}


async def filled(stage: Stage, rows: int) -> tuple[Brief, Message]:
    """A brief whose table has grown since to so many rows and 12 columns, and its answer."""
    brief = await stage.type("find 3 founders in Austin [clean]")
    answer = await stage.ending(brief)
    [grown] = stage.origami.tables()
    for number in range(COLUMNS - len(grown.columns)):
        grown.columns.append(Column(f"more-{number}", ColumnSpec(f"More {number}", f"more-{number}")))
    first = grown.leads[0]
    values = first.values | {
        f"more-{number}": f"Something that was found out, number {number}" for number in range(3)
    }
    grown.leads += [
        replace(
            first, id=f"00000000-0000-4000-8000-{number:012}", values=values | {"name": f"Person {number}"}
        )
        for number in range(rows - len(grown.leads))
    ]
    return brief, answer


async def measured(stage: Stage, brief: Brief, answer: Message, label: str, rows: int) -> list[Row]:
    """One file: how long it took, and what the bot's process held at the most."""
    pid = stage.fleet.children["bot"].pid
    assert brief.opening is not None
    before = len(shared_files(stage.slack, brief.opening))
    _forget_peak(pid)
    idle, began = _memory(pid, "VmRSS"), time.monotonic()
    await stage.click(brief, answer, label)
    opening = brief.opening
    await stage.until(lambda: len(shared_files(stage.slack, opening)) > before, label)
    took = time.monotonic() - began
    [file] = shared_files(stage.slack, opening)[before].files
    assert file.content is not None
    assert len(READERS[label](file.content)) == rows + 1
    case, above = f"{label}, {rows:,} rows of {COLUMNS} columns", _memory(pid, "VmHWM") - idle
    return [
        Row("export", case, SUBJECT, "from click to file", took, "s"),
        Row("export", case, SUBJECT, "size", len(file.content) / 2**20, "MB"),
        Row("export", case, SUBJECT, "memory above idle", above, "MB", **at_most(LIMIT_MB, above)),
    ]


def _forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _memory(pid: int, what: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(float(line.split()[1]) / MEGABYTE for line in status.splitlines() if line.startswith(what))


async def measure(rows: int = ROWS) -> list[Row]:
    """Both kinds of file, one after the other."""
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/origami.sqlite3"
        async with staged(WAYS[0], url, Path(folder)) as stage:
            stage.patience = PATIENCE_SECONDS
            brief, answer = await filled(stage, rows)
            return [row for label in READERS for row in await measured(stage, brief, answer, label, rows)]


if __name__ == "__main__":
    sys.exit(main(measure, __doc__))
