"""The doctor's lines on paper: a table on a terminal, plain lines or JSON elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.doctor.lines import Line, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "bold red", Verdict.SKIP: "dim"}


def passed(lines: Sequence[Line]) -> bool:
    """Whether nothing fails."""
    return all(line.verdict is not Verdict.FAIL for line in lines)


def as_json(lines: Sequence[Line]) -> str:
    """``{"ok": …, "lines": [{"name", "verdict", "words", "to_do"}]}``."""
    return json.dumps({"ok": passed(lines), "lines": [asdict(line) for line in lines]}, indent=2)


def show(lines: Sequence[Line], file: TextIO) -> None:
    """Write the lines for a person."""
    if file.isatty():
        Console(file=file).print(_table(lines))
        return
    for line in lines:
        file.write(f"{line.verdict:4}  {line.name}: {line.words}\n")
        if line.to_do:
            file.write(f"      {line.to_do}\n")


def _table(lines: Sequence[Line]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for line in lines:
        words = Text(line.words)
        if line.to_do:
            words.append(f"\n{line.to_do}", style="italic")
        table.add_row(Text(line.verdict, style=COLOURS[line.verdict]), line.name, words)
    return table
