"""The points at which a process can be killed: named, and counted over all processes of one life."""

from __future__ import annotations

import fcntl
import os
import signal
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Points:
    """Counts the points in a file that every process of a life shares, and dies at those that are asked for.

    A point is called ``name#n``: the n-th time that any process came there. That is steadier than one
    running number, which an extra poll would shift; and because the file outlives the process, each kill
    happens once. ``kill_at`` takes patterns too: ``hear.* commit:before#1``.
    """

    log: Path
    kill_at: frozenset[str] = frozenset()
    hang_at: frozenset[str] = frozenset()

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """From CRASH_LOG (a file) and CRASH_AT (points or patterns, with commas between them)."""
        kill_at = frozenset(filter(None, environ.get("CRASH_AT", "").split(",")))
        return cls(Path(environ.get("CRASH_LOG", os.devnull)), kill_at)

    def reach(self, name: str) -> None:
        """Note that a process came here; SIGKILL if it is to die here, SIGSTOP if it is to hang."""
        with self.log.open("a+", encoding="utf-8") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            log.seek(0)
            before = sum(line.rpartition("#")[0] == name for line in log)
            point = f"{name}#{before + 1}"
            log.write(f"{point}\n")
        if any(fnmatchcase(point, wanted) for wanted in self.kill_at):
            os.kill(os.getpid(), signal.SIGKILL)
        if any(fnmatchcase(point, wanted) for wanted in self.hang_at):
            os.kill(os.getpid(), signal.SIGSTOP)

    def reached(self) -> list[str]:
        """The points so far, in the order in which they were reached."""
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def begun(self) -> list[str]:
        """What a process is about to do: it came before, and not yet after it."""
        reached = set(self.reached())
        return [
            one for one in reached if ":before#" in one and one.replace(":before#", ":after#") not in reached
        ]


def name_of(point: str) -> str:
    """``standing._alone commit:after`` of ``standing._alone commit:after#3``."""
    return point.rpartition("#")[0]
