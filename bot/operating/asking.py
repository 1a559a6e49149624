"""What the operator's commands are asked with."""

from __future__ import annotations

import re
from typing import Annotated

import typer

MOST_ROWS = 1000
Limit = Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="How many at the most.")]
Json = Annotated[bool, typer.Option("--json", help="As JSON, in the shape that docs/for-operators.md gives.")]

_SPAN = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def seconds_of(span: str | None) -> float | None:
    """The seconds in ``30m``, ``12h`` or ``2d``; None for None. Raises typer.BadParameter."""
    if span is None:
        return None
    found = _SPAN.fullmatch(span)
    if found is None:
        raise typer.BadParameter(f"{span} is no span of time such as 30m, 12h or 2d", param_hint="--since")
    return float(int(found[1]) * _SECONDS[found[2]])
