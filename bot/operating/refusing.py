"""A command that cannot do what it was asked says why on stderr and exits 1."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, ParamSpec

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
WRONG_KEYS = (
    "None of ENCRYPTION_KEYS opens some of what is stored: add the key that it was encrypted with, behind "
    "the newest one."
)


class OperatingError(Exception):
    """What was asked for cannot be done; the message is for the person at the terminal."""


def refusing(command: Callable[P, None]) -> Callable[P, None]:
    """Turn OperatingError into words and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except OperatingError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error

    return wrapped
