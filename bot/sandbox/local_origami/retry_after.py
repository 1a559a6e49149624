"""The forms of a `Retry-After`."""

import math
from email.utils import formatdate


def seconds(wait: float) -> str:
    """A `Retry-After` in whole seconds, as Origami sends it; below one second a decimal, for quick tests."""
    return str(math.ceil(wait)) if wait >= 1 else f"{max(wait, 0.0):g}"


def http_date(wait: float, *, now: float) -> str:
    """A `Retry-After` as the date (RFC 9110) that lies `wait` seconds after `now` (Unix seconds)."""
    return formatdate(now + wait, usegmt=True)
