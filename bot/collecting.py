"""When Python looks for garbage."""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def nothing_collected() -> Iterator[None]:
    """For what is made to stay, as modules are: to look for garbage in it takes a fifth of a start.

    Afterwards it is not looked at any more, which keeps later pauses short.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
