"""``origami-slack doctor`` at the terminal."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import Annotated

import typer

from bot.doctor.examination import examine
from bot.doctor.report import as_json, passed, show


def doctor(
    *, json: Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")] = False
) -> None:
    """Look at settings, Slack, Origami and the database, and say what to do; exit with 1 if one fails."""
    logging.disable()
    lines = asyncio.run(examine(os.environ))
    if json:
        typer.echo(as_json(lines))
    else:
        show(lines, sys.stdout)
    sys.exit(0 if passed(lines) else 1)
