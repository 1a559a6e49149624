"""The Origami account behind a workspace: whether its key works, its plan and its credits."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.origami import OrigamiError, Priority, ceiling
from storage import budgets

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.origami import Account, Credits, Origami
    from storage.database import Database
    from storage.records import Workspace

KEEP_SECONDS = 60.0
CALLS = 2
"""GET /account and GET /account/credits."""


class Connections(Protocol):
    """Origami in the name of a workspace."""

    def client(self, workspace: Workspace) -> Origami | None:
        """A client with the workspace's key; None while nobody has connected it."""

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What Origami said last; all of it unknown while the minute's requests are spent."""

    has_key: bool = True
    account: Account | None = None
    credits: Credits | None = None
    error: OrigamiError | None = None
    """Why it did not tell."""


@dataclass(slots=True)
class Accounts:
    """Asks Origami about accounts, at most once a minute for each workspace."""

    db: Database
    origami: Connections
    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[float, Standing]] = field(default_factory=dict)
    """By the name of the key's budget: another key is another account."""

    def known(self, workspace: Workspace) -> Standing | None:
        """What was said within the last minute."""
        kept = self._kept.get(self.origami.budget_name(workspace))
        return kept[1] if kept and self.clock() - kept[0] < KEEP_SECONDS else None

    async def ask(self, workspace: Workspace) -> Standing:
        """What is known, or what Origami says now. Raises nothing that Origami does."""
        standing = self.known(workspace)
        if standing is None:
            standing = await self._ask(workspace)
            self._kept[self.origami.budget_name(workspace)] = (self.clock(), standing)
        return standing

    async def credits_left(self, workspace: Workspace) -> float | None:
        """The balance, at most a minute old; None where Origami does not tell just now."""
        wallet = (await self.ask(workspace)).credits
        return wallet.balance if wallet else None

    async def _ask(self, workspace: Workspace) -> Standing:
        client = self.origami.client(workspace)
        if client is None:
            return Standing(has_key=False)
        async with self.db.write() as session:
            name = self.origami.budget_name(workspace)
            granted = await budgets.spend(session, name, want=CALLS, ceiling=ceiling(Priority.READ))
        if granted < CALLS:
            return Standing()
        try:
            account, wallet = await asyncio.gather(client.account(), client.credits())
        except OrigamiError as error:
            return Standing(error=error)
        return Standing(account=account, credits=wallet)
