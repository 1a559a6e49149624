"""Readers of JSON that others wrote: each takes anything and gives the nearest honest value."""

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlsplit

import orjson

LINE_CHARACTERS = 300
URL_CHARACTERS = 2_000
COUNT_MAX = 2**31 - 1
"""A count fits a database's 32-bit integer."""

_UNSTORABLE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\s]+")
_URL = re.compile(r"[!-~]+", re.ASCII)
_URL_UNSAFE = re.compile(r'[<>|"\\`]')

T = TypeVar("T")


def text(value: object) -> str:
    """A string, less what databases refuse: NUL is dropped, half a surrogate pair becomes U+FFFD."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return _UNSTORABLE.sub("\ufffd", str(value).replace("\x00", ""))


def line(value: object) -> str:
    """A name or label: one line, at most 300 characters."""
    return _CONTROL.sub(" ", text(value)).strip()[:LINE_CHARACTERS]


def line_or_none(value: object) -> str | None:
    """A line, or None where there is none."""
    return line(value) or None


def number(value: object) -> float | None:
    """A finite number, also from a numeric string."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def count_or_none(value: object) -> int | None:
    """A whole number between 0 and 2^31-1."""
    found = number(value)
    return None if found is None else int(min(max(found, 0), COUNT_MAX))


def moment(value: object) -> datetime | None:
    """An ISO 8601 date-time as aware UTC; one without a zone is taken as UTC."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def mapping(value: object) -> Mapping[str, object]:
    """An object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> Sequence[object]:
    """A list, or an empty one."""
    return value if isinstance(value, list | tuple) else ()


def lines(value: object) -> tuple[str, ...]:
    """The lines of a list, without blank ones."""
    return tuple(filter(None, map(line, sequence(value))))


def each(read: Callable[[object], T | None]) -> Callable[[object], tuple[T, ...]]:
    """A reader of lists that drops what `read` cannot read (None or ValueError) and keeps the rest."""

    def read_all(value: object) -> tuple[T, ...]:
        found = []
        for item in sequence(value):
            try:
                kept = read(item)
            except ValueError:
                continue
            if kept is not None:
                found.append(kept)
        return tuple(found)

    return read_all


def web_url(value: object) -> str | None:
    """An http(s) link of at most 2,000 printable ASCII characters that cannot break out of a Slack link."""
    if not isinstance(value, str) or len(value) > URL_CHARACTERS:
        return None
    if not _URL.fullmatch(value) or _URL_UNSAFE.search(value):
        return None
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return value if named and parts.scheme in {"http", "https"} else None


def https_url(value: object) -> str | None:
    """A web link that is https: the only kind a person may be sent to in order to pay or sign in."""
    found = web_url(value)
    return found if found and found.lower().startswith("https:") else None


def parse_json(content: bytes) -> object:
    """The value of a JSON document; raises ValueError for whatever is not one.

    JavaScript cuts strings between UTF-16 units, and half an emoji is no valid Unicode: orjson refuses the
    whole document for it, the standard library reads it and `text` repairs the string.
    """
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(content.decode("utf-8", "replace"))
    except RecursionError as exc:
        raise ValueError("JSON nested too deeply") from exc
