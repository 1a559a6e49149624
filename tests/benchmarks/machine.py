"""The machine that is measured on: what it is, and which process keeps to which core."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


def described() -> dict[str, str]:
    """What the numbers depend on, for whoever compares them."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _git("rev-parse", "--short=12", "HEAD") + (" and changes" if _git("status", "-s") else ""),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load before": f"{os.getloadavg()[0]:.1f}",
    }


def core_of_callers() -> set[int]:
    """Where the load comes from: the last core."""
    return {max(_cores())}


def core_of_bots() -> set[int]:
    """Where what is measured runs: the first core, which on a machine of one is the callers' too."""
    return {min(_cores())}


def keep_to(cores: set[int], pid: int = 0) -> None:
    """Keep a process to these cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, cores)


_ALL: set[int] = set()


def _cores() -> set[int]:
    if not _ALL:
        known = hasattr(os, "sched_getaffinity")
        _ALL.update(os.sched_getaffinity(0) if known else range(os.cpu_count() or 1))
    return _ALL


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown")


def _git(*arguments: str) -> str:
    try:
        asked = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.strip()
