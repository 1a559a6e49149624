"""Who may use Origami in a workspace, as its admins have set it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from storage import audit, policies
from storage.policies import Policy

if TYPE_CHECKING:
    from storage.database import Database

__all__ = ["Policy", "policy_of", "set_policy"]


async def policy_of(db: Database, workspace_id: str) -> Policy:
    """What holds."""
    async with db.read() as session:
        return await policies.of_workspace(session, workspace_id)


async def set_policy(db: Database, workspace_id: str, actor_id: str, policy: Policy) -> None:
    """Replace what holds, and note who did it; the caller knows that the actor is an admin."""
    kept = replace(policy, set_by=actor_id)
    async with db.write() as session:
        await policies.put(session, workspace_id, kept)
        details = {name: value for name, value in asdict(kept).items() if name != "set_by"}
        await audit.record(session, workspace_id, actor_id, "settings", scope="roles", subject="", **details)
