"""A workspace's connection to Origami."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.origami import Origami

if TYPE_CHECKING:
    import httpx

    from storage.records import Workspace

CALL_SECONDS = 20.0
"""One call, slow bytes included: a lease covers two of them and what follows."""


@dataclass(frozen=True, slots=True)
class OneKey:
    """Origami with the key from the settings, on one connection pool: for a bot that serves one workspace."""

    http: httpx.AsyncClient
    base_url: str
    api_key: str = field(repr=False)

    def client(self, workspace: Workspace) -> Origami:
        """Origami in the workspace's name."""
        del workspace
        return Origami(self.http, base_url=self.base_url, key=self.api_key, total_seconds=CALL_SECONDS)

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted: never the key itself."""
        del workspace
        return "origami:" + hashlib.sha256(self.api_key.encode()).hexdigest()[:24]
