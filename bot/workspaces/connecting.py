"""An admin connects the workspace to Origami with a key, replaces it, or takes it away."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot.origami import OrigamiError
from bot.workspaces.account import Standing
from storage import audit, deliveries, runs, workspaces
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from bot.workspaces.connection import KeyOfEach
    from storage.database import Database
    from storage.records import Workspace

log = structlog.get_logger(__name__)

KEY_PREFIX = "og_live_"
"""Origami: every key begins with it; its length is not promised."""
KEY_LIMIT = 200


class NotAKeyError(ValueError):
    """What was typed cannot be one of Origami's keys; the words never quote it."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """Keeps each workspace's own key, sealed."""

    db: Database
    keys: KeyOfEach

    def checked(self, typed: str) -> str:
        """The key that was typed. Raises NotAKeyError."""
        key = typed.strip()
        if not (key.startswith(KEY_PREFIX) and key.isascii() and key.isprintable() and " " not in key):
            raise NotAKeyError(f"An Origami key begins with {KEY_PREFIX} and has no blanks in it.")
        if len(key) == len(KEY_PREFIX) or len(key) > KEY_LIMIT:
            raise NotAKeyError("This is not the whole key. Copy it again from Origami's settings.")
        return key

    async def connect(self, workspace: Workspace, actor_id: str, key: str) -> Standing:
        """Ask Origami whether it takes the key, and keep it if so. Raises nothing that Origami does."""
        client = self.keys.with_key(key)
        try:
            account, wallet = await asyncio.gather(client.account(), client.credits())
        except OrigamiError as error:
            log.info("origami.not_connected", team=workspace.team_id, error=type(error).__name__)
            return Standing(error=error)
        async with self.db.write() as session:
            await workspaces.connect(session, workspace.id, self.keys.seal.seal(key))
            resumed = await runs.hold_polls(session, workspace.id, 0)
            await runs.explain(session, resumed, None)
            await deliveries.revise(session, resumed, DeliveryKind.OPENING)
            await audit.record(session, workspace.id, actor_id, "connect")
        log.info("origami.connected", team=workspace.team_id)
        return Standing(account=account, credits=wallet)

    async def disconnect(self, workspace: Workspace, actor_id: str) -> None:
        """Take the workspace's key away."""
        async with self.db.write() as session:
            await workspaces.connect(session, workspace.id, None)
            # What runs is asked about at once, and finds that nobody may ask.
            await runs.hold_polls(session, workspace.id, 0)
            await audit.record(session, workspace.id, actor_id, "disconnect")
        log.info("origami.disconnected", team=workspace.team_id)
