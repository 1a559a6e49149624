"""Whether the process lives and is ready: measured on what it does, not on being up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

STALE_SECONDS = 60.0
"""A tick that has not claimed for this long hangs, or has lost its database."""


@dataclass(frozen=True, slots=True)
class Health:
    """Named checks; each answers None when all is well, and else says what is not."""

    live: Mapping[str, Callable[[], str | None]]
    ready: Mapping[str, Callable[[], Awaitable[str | None]]]

    def ailments(self) -> dict[str, str]:
        """What says that the process should be restarted."""
        return {name: words for name, check in self.live.items() if (words := check())}

    async def obstacles(self) -> dict[str, str]:
        """What keeps the process from its work just now, ailments included."""
        found = self.ailments()
        for name, check in self.ready.items():
            if words := await check():
                found[name] = words
        return found

    def also_ready(self, name: str, check: Callable[[], Awaitable[str | None]]) -> Self:
        """The same with one more check of readiness."""
        return replace(self, ready={**self.ready, name: check})
