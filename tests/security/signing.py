"""Requests signed as Slack signs them."""

from __future__ import annotations

import hashlib
import hmac
import time


def signed(secret: str, body: bytes, *, age: float = 0) -> dict[str, str]:
    """The headers of a request that Slack sent so many seconds ago."""
    stamp = str(int(time.time() - age))
    signature = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signature}"}
