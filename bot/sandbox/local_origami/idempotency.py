"""The first answer for each Idempotency-Key, kept and replayed."""

import hashlib
import re
from dataclasses import dataclass, field

from bot.sandbox.local_origami.refusals import idempotency_conflict, invalid

KEPT_SECONDS = 24 * 60 * 60
"""Origami replays the first answer for 24 hours."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class StoredAnswer:
    """An answer as it went out."""

    status: int
    body: bytes
    content_type: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class _Entry:
    fingerprint: bytes
    since: float
    answer: StoredAnswer | None = None


class IdempotencyKeys:
    """The first answer for each Idempotency-Key of an organisation.

    Everything below 500 is stored, refusals too, and comes back word for word; a 5xx is forgotten, so that
    a retry is carried out again.
    """

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], _Entry] = {}

    def begin(self, org_id: str, key: str, request: bytes, now: float) -> StoredAnswer | None:
        """Claim `key` for `request` (method, path and body): the stored answer, or None to carry it out.

        Raises 400 VALIDATION_ERROR for a malformed key (Origami: 1 to 255 printable ASCII characters), 409
        IDEMPOTENCY_ERROR for another request's key and while the first one is being carried out. `now` is
        Unix seconds.
        """
        if not _KEY.fullmatch(key):
            issue = {"path": "Idempotency-Key", "message": "1 to 255 printable ASCII characters"}
            raise invalid("Invalid Idempotency-Key", [issue])
        fingerprint = hashlib.sha256(request).digest()
        self._forget_before(now - KEPT_SECONDS)
        entry = self._entries.get((org_id, key))
        if entry is None:
            self._entries[org_id, key] = _Entry(fingerprint, now)
            return None
        if entry.fingerprint != fingerprint:
            raise idempotency_conflict("This Idempotency-Key was used with a different request")
        if entry.answer is None:
            raise idempotency_conflict("The original request with this Idempotency-Key is still in progress")
        return entry.answer

    def finish(self, org_id: str, key: str, answer: StoredAnswer) -> None:
        """Store the answer, or forget the key if it is a 5xx."""
        if answer.status >= 500:
            self.abandon(org_id, key)
        else:
            entry = self._entries.get((org_id, key))
            if entry is not None:
                entry.answer = answer

    def abandon(self, org_id: str, key: str) -> None:
        """Forget a key whose request came to nothing."""
        self._entries.pop((org_id, key), None)

    def _forget_before(self, oldest: float) -> None:
        while self._entries:
            first = next(iter(self._entries))
            if self._entries[first].since >= oldest:
                return
            del self._entries[first]
