"""The credit floor: below it only admins' runs start, decided before anything is spent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.runs.permission import floor_refusal
from storage import audit, policies

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.records import Workspace
    from storage.runs import Claim

log = structlog.get_logger(__name__)


class Wallets(Protocol):
    """What Origami says of workspaces' credits."""

    async def credits_left(self, workspace: Workspace) -> float | None:
        """The balance, at most a minute old; None where Origami does not tell just now."""


class Admins(Protocol):
    """What Slack says of a workspace's people."""

    async def is_admin(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is an admin of the workspace; where Slack does not tell, they are not."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Asks for the credits that are left, where a workspace has set a floor."""

    wallets: Wallets
    admins: Admins

    async def refusal(self, context: Context, claim: Claim) -> dict[str, Any] | None:
        """Why a run that was never sent does not start, noted in the audit; None where it may.

        Where the credits cannot be read just now it goes on: Origami itself starts nothing without any.
        """
        run, workspace = claim.run, claim.workspace
        async with context.db.read() as session:
            policy = await policies.of_workspace(session, workspace.id)
        if not policy.credit_floor:
            return None
        left = await self.wallets.credits_left(workspace)
        if left is None:
            log.info("floor.unknown", team=workspace.team_id, run=run.id)
            return None
        reason = floor_refusal(policy, left)
        if reason is None or await self.admins.is_admin(workspace, run.requester_id):
            return None
        async with context.db.write() as session:
            await audit.record(
                session, workspace.id, run.requester_id, "refused", run_id=run.id, code=reason["code"]
            )
        return reason
