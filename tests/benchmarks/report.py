"""What a benchmark found: rows, a table of them for people, JSON for whoever compares."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.report import table

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence


@dataclass(frozen=True, slots=True)
class Row:
    """One number: ``what`` was measured of ``subject`` (ours, or a peer) in ``case``, and what we aim at."""

    bench: str
    case: str
    subject: str
    what: str
    value: float
    unit: str
    aim: str = ""
    met: bool | None = None
    """Whether the aim is met; None where there is none, as for a peer."""


def at_most(limit: float, value: float) -> dict[str, object]:
    """The aim of a row that should not be above ``limit``: ``Row(..., **at_most(3, ms))``."""
    return {"aim": f"<= {limit:g}", "met": value <= limit}


def at_least(limit: float, value: float) -> dict[str, object]:
    """The aim of a row that should not be below ``limit``."""
    return {"aim": f">= {limit:g}", "met": value >= limit}


def shown(rows: Sequence[Row]) -> str:
    """The rows as a table for people."""
    verdicts = {True: "yes", False: "NO", None: ""}
    return table(
        [
            {
                "bench": row.bench,
                "case": row.case,
                "subject": row.subject,
                "measure": row.what,
                "value": f"{row.value:,.2f}" if abs(row.value) < 100 else f"{row.value:,.0f}",
                "unit": row.unit,
                "aim": row.aim,
                "met": verdicts[row.met],
            }
            for row in rows
        ]
    )


def main(measure: Callable[[], Awaitable[Sequence[Row]]], about: str | None) -> int:
    """Run one benchmark from the command line: a table on stdout, with ``--json FILE`` the rows there too."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, help="where to write the rows")
    given = parser.parse_args()
    rows = asyncio.run(measure())  # type: ignore[arg-type]
    sys.stdout.write(f"{shown(rows)}\n")
    if given.json:
        given.json.write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return 0
