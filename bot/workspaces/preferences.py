"""What people and channels have set, and what holds in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from storage import audit
from storage import preferences as stored
from storage.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.database import Database

__all__ = ["Preferences", "mine", "preferences_for", "set_mine", "set_shared", "shared"]


async def preferences_for(db: Database, workspace_id: str, user_id: str, channel_id: str) -> Preferences:
    """What holds for a person in a channel: theirs, else the channel's, else the workspace's, else ours.

    Either id may be empty where there is no such person or channel.
    """
    async with db.read() as session:
        return await stored.resolve(session, workspace_id, user_id=user_id, channel_id=channel_id)


async def mine(db: Database, workspace_id: str, user_id: str) -> dict[str, Any]:
    """What a person has set themselves, by the names in Preferences."""
    async with db.read() as session:
        return await stored.stored(session, workspace_id, "user", user_id)


async def shared(db: Database, workspace_id: str, channel_id: str) -> dict[str, Any]:
    """What was set for a channel itself, or with an empty id for the workspace."""
    async with db.read() as session:
        scope: stored.Scope = "channel" if channel_id else "workspace"
        return await stored.stored(session, workspace_id, scope, channel_id)


async def set_mine(db: Database, workspace_id: str, user_id: str, values: Mapping[str, Any]) -> None:
    """Replace what a person has set for themselves (``notify``, ``broadcast``, ``model``).

    A name that is left out falls to their channel's or workspace's setting.
    """
    async with db.write() as session:
        kept = await stored.put(session, workspace_id, "user", user_id, values)
        await audit.record(session, workspace_id, user_id, "my_settings", **kept)


async def set_shared(
    db: Database, workspace_id: str, actor_id: str, channel_id: str, values: Mapping[str, Any]
) -> None:
    """Replace what is set for a channel, or with an empty id for the workspace, and note who did it.

    The names are ``replies``, ``remind_minutes``, ``who_may_stop`` and ``model``; the caller knows that
    the actor is an admin.
    """
    scope: stored.Scope = "channel" if channel_id else "workspace"
    async with db.write() as session:
        kept = await stored.put(session, workspace_id, scope, channel_id, values)
        await audit.record(
            session, workspace_id, actor_id, "settings", scope=scope, subject=channel_id, **kept
        )
