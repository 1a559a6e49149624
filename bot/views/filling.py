"""What is said of cells that are still being filled in, and of those that could not be."""

from __future__ import annotations

from bot.views.times import Reader, counted


def still_filling(running: int, reader: Reader, *, live: bool) -> str:
    """Say how many cells are being filled in, and where the latest is to be seen; empty for none."""
    if not running:
        return ""
    latest = "; this is kept up to date." if live else ": open the table for the latest."
    return f"Still filling in {counted(running, 'cell', reader)}{latest}"


def could_not_fill(errored: int, reader: Reader) -> str:
    """Say how many cells failed and why that may be, which Origami does not tell; empty for none."""
    if not errored:
        return ""
    why = "credits or a budget may have run out, or no source had the answer."
    return f"{counted(errored, 'cell', reader)} could not be filled: {why}"
