"""A workspace's connection to Origami."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.origami import Origami
from storage.sealing import SealBrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.origami import Exchange, Http
    from storage.records import Workspace
    from storage.sealing import Seal

log = structlog.get_logger(__name__)

CALL_SECONDS = 20.0
"""One call, slow bytes included: a lease covers two of them and what follows."""


MOST_OPENED = 20_000
"""Keys kept open in memory, some 500 bytes each."""


def unheard(_exchange: Exchange) -> None:
    """For those who do not ask what Origami was asked."""


def budget_name_of(api_key: str) -> str:
    """Under which name a key's requests are counted: never the key itself."""
    return "origami:" + hashlib.sha256(api_key.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class OneKey:
    """Origami with the key from the settings, on one connection pool: for a bot that serves one workspace."""

    http: Http
    base_url: str
    api_key: str = field(repr=False)
    told: Callable[[Exchange], None] = unheard

    def client(self, workspace: Workspace) -> Origami:
        """Origami in the workspace's name."""
        del workspace
        return Origami(
            self.http,
            base_url=self.base_url,
            key=self.api_key,
            total_seconds=CALL_SECONDS,
            told=self.told,
        )

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted: never the key itself."""
        del workspace
        return budget_name_of(self.api_key)


@dataclass(frozen=True, slots=True)
class KeyOfEach:
    """Origami with each workspace's own key, on one connection pool."""

    http: Http
    base_url: str
    seal: Seal
    told: Callable[[Exchange], None] = unheard
    _opened: OrderedDict[str, tuple[Origami, str]] = field(default_factory=OrderedDict, repr=False)
    """By the sealed key: the client and its budget's name. Opening one costs as much as a poll."""

    def client(self, workspace: Workspace) -> Origami | None:
        """Origami in its name; None where nobody has connected it, or its key cannot be opened."""
        opened = self._open(workspace)
        return opened[0] if opened else None

    def with_key(self, key: str) -> Origami:
        """Origami with a key that is not kept yet."""
        return Origami(self.http, base_url=self.base_url, key=key, total_seconds=CALL_SECONDS, told=self.told)

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted: two workspaces with one key share its budget."""
        opened = self._open(workspace)
        return opened[1] if opened else f"origami:none:{workspace.id}"

    def _open(self, workspace: Workspace) -> tuple[Origami, str] | None:
        sealed = workspace.sealed_key
        if not sealed:
            return None
        if sealed not in self._opened:
            try:
                key = self.seal.open(sealed)
            except SealBrokenError:
                log.exception("origami.key_cannot_be_opened", team=workspace.team_id)
                return None
            if not key:
                return None
            self._opened[sealed] = (self.with_key(key), budget_name_of(key))
            while len(self._opened) > MOST_OPENED:
                self._opened.popitem(last=False)
        return self._opened[sealed]
