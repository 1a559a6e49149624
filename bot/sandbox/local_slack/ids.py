"""Ids and timestamps in Slack's formats."""

import random
import string
import uuid
from collections.abc import Callable

ALPHABET = string.ascii_uppercase + string.digits


class Ids:
    """Makes ids that look like Slack's; the same seed gives the same ids.

    `now` gives seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 - look-alikes, not secrets # nosec B311
        self._last_ts = 0

    def make(self, prefix: str, length: int = 11) -> str:
        """An id such as `U0A1B2C3D4E`: `prefix` and letters or digits up to `length` characters."""
        return prefix + "".join(self._random.choices(ALPHABET, k=length - len(prefix)))

    def short(self) -> str:
        """A block or action id as Slack makes one where the app gave none."""
        return "".join(self._random.choices(string.ascii_letters + string.digits, k=5))

    def uuid(self) -> str:
        """A version 4 UUID."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def hex(self, characters: int = 32) -> str:
        """Lower-case hexadecimal digits."""
        return f"{self._random.getrandbits(characters * 4):0{characters}x}"

    def ts(self) -> str:
        """A message timestamp, seconds and microseconds; each is later than the one before."""
        self._last_ts = max(int(self._now() * 1_000_000), self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def view_hash(self) -> str:
        """A view's hash: seconds and a random part."""
        return f"{int(self._now())}.{self.short()}{self.short()[:3]}"
