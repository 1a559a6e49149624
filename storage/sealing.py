"""Encryption of what must not be read in a copy of the database: tokens and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class SealBrokenError(Exception):
    """None of ENCRYPTION_KEYS opens this: the key that sealed it is missing, or the text was changed."""


class Seal:
    """Fernet with several keys, newest first: the first one seals, each of them opens."""

    def __init__(self, keys: Sequence[str]) -> None:
        from cryptography import fernet  # noqa: PLC0415 - 7 MB that settings without keys do without

        self._fernet = fernet.MultiFernet([fernet.Fernet(key) for key in keys])
        self._broken = fernet.InvalidToken

    def seal(self, secret: str) -> str:
        """The secret as it may be kept, ASCII, about a third longer plus 100 characters."""
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """The secret. Raises SealBrokenError."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except self._broken as error:
            raise SealBrokenError from error

    def renew(self, sealed: str) -> str:
        """The same secret sealed with the newest key. Raises SealBrokenError."""
        try:
            return self._fernet.rotate(sealed).decode()
        except self._broken as error:
            raise SealBrokenError from error
