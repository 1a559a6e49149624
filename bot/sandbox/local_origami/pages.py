"""Lists a page at a time."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from bot.sandbox.local_origami.refusals import Json

DEFAULT_LIMIT = 50
LIMIT = 100
ROWS_LIMIT = 200

_T = TypeVar("_T")


def page(
    items: Sequence[_T], query: Mapping[str, str], identify: Callable[[_T], str], *, most: int = LIMIT
) -> tuple[Sequence[_T], str | None]:
    """A page of `items` and the cursor of the next one (None: this is the last).

    As Origami v2 does, an unreadable cursor starts over and a limit out of range is moved into it.
    """
    after = _decode(query.get("cursor", ""))
    start = (
        next((number for number, item in enumerate(items, 1) if identify(item) == after), 0) if after else 0
    )
    end = start + _limit(query.get("limit", ""), most)
    return items[start:end], _encode(identify(items[end - 1])) if end < len(items) else None


def envelope(items: list[Json], path: str, next_cursor: str | None = None, **extra: object) -> Json:
    """The one list envelope."""
    return {"object": "list", "items": items, "nextCursor": next_cursor, "url": path, **extra}


def _limit(given: str, most: int) -> int:
    # Digits beyond six are out of range anyway, and int() is slow on very long ones.
    return max(1, min(int(given[:6]), most)) if given.isascii() and given.isdigit() else DEFAULT_LIMIT


def _encode(identifier: str) -> str:
    return base64.urlsafe_b64encode(identifier.encode()).decode()


def _decode(cursor: str) -> str | None:
    try:
        return base64.urlsafe_b64decode(cursor.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
