"""Every benchmark, one after the other, each in a process of its own: one table, and build/bench.json.

``python -m tests.benchmarks [--only NAME] [--docs]``; with ``--docs`` the table stands in docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.machine import ROOT, described
from tests.benchmarks.report import Row, shown

NAMES = ("start", "ack", "polling", "ends", "growth", "export", "render")
MOST_SECONDS = 300
"""For one benchmark: all together take less than ten minutes."""
BUILT = ROOT / "build" / "bench.json"
DOCS = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- the table begins -->", "<!-- the table ends -->"


def run(name: str) -> list[Row]:
    """One benchmark; what it says on the way goes to stderr. One that breaks is told, and has no rows."""
    sys.stderr.write(f"== {name}\n")
    with tempfile.TemporaryDirectory(prefix="origami-bench-") as folder:
        found = Path(folder) / "rows.json"
        command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--json", str(found)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True) as child:
            try:
                status = child.wait(MOST_SECONDS)
            except subprocess.TimeoutExpired:
                # Its bots and databases too: they would be measured with whatever comes next.
                os.killpg(child.pid, signal.SIGKILL)
                status = -signal.SIGKILL
        if status:
            sys.stderr.write(f"{name} came to nothing: exit status {status}\n")
            return []
        return [Row(**row) for row in json.loads(found.read_text(encoding="utf-8"))]


def document(machine: dict[str, str], rows: list[Row]) -> None:
    """Put the table between its markers in the docs."""
    text = DOCS.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    facts = "\n".join(f"- {name}: {value}" for name, value in machine.items())
    table = f"{BEGIN}\n\n{facts}\n\n```text\n{shown(rows)}\n```\n\n{END}"
    DOCS.write_text(f"{head}{table}{tail}", encoding="utf-8")


def main() -> int:
    """Run, print, write. The exit status is 0 also where an aim is missed: the table says so."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=NAMES, help="one benchmark instead of all")
    parser.add_argument("--docs", action="store_true", help="rewrite the table in docs/benchmarks.md")
    given = parser.parse_args()
    machine, began = described(), time.monotonic()
    rows = [row for name in ([given.only] if given.only else NAMES) for row in run(name)]
    machine["took"] = f"{time.monotonic() - began:.0f} s"
    BUILT.parent.mkdir(exist_ok=True)
    kept = {"machine": machine, "rows": [asdict(row) for row in rows]}
    BUILT.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    sys.stdout.write(f"{shown(rows)}\n\n")
    missed = [row for row in rows if row.met is False]
    aims = sum(row.met is not None for row in rows)
    sys.stdout.write(
        f"{aims - len(missed)} of {aims} aims are met; {BUILT.relative_to(ROOT)} has the numbers.\n"
    )
    if given.docs:
        document(machine, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
