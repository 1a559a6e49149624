"""The Retry-After header: seconds, or an HTTP date (RFC 9110, section 10.2.3)."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 3600.0

_SECONDS = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def parse(value: str | None, *, now: datetime) -> float | None:
    """The seconds to wait, between 0 and 3,600; None where the header is absent or says nothing readable.

    `now` is aware; it is what a date is measured from.
    """
    if value is None:
        return None
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return _clamp(float(value))
    try:
        date = parsedate_to_datetime(value)
        date = date.replace(tzinfo=UTC) if date.tzinfo is None else date
        return _clamp((date - now).total_seconds())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _clamp(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_SECONDS)
