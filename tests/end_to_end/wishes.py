"""Setting what a person or a channel wants, without the forms for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.workspaces.known import workspace_of
from bot.workspaces.policies import Policy, set_policy
from bot.workspaces.preferences import set_mine, set_shared
from storage.records import AuditEntry

if TYPE_CHECKING:
    from storage.database import Database
    from tests.end_to_end.conftest import Stage


async def person_wants(stage: Stage, who: str, **values: object) -> None:
    """Replace a person's own settings."""
    db, workspace_id = await _known(stage)
    await set_mine(db, workspace_id, stage.slack.person(who).id, values)


async def channel_wants(stage: Stage, where: str, **values: object) -> None:
    """Replace a channel's settings."""
    db, workspace_id = await _known(stage)
    admin, channel = stage.slack.person("admin").id, stage.slack.channel(where).channel_id
    await set_shared(db, workspace_id, admin, channel, values)


async def workspace_wants(stage: Stage, **values: object) -> None:
    """Replace who may do what, as the admin."""
    db, workspace_id = await _known(stage)
    await set_policy(db, workspace_id, stage.slack.person("admin").id, Policy(**values))  # type: ignore[arg-type]


async def audited(stage: Stage, action: str) -> list[AuditEntry]:
    """What stands in the audit of an action, oldest first."""
    db, workspace_id = await _known(stage)
    entries = select(AuditEntry).where(AuditEntry.workspace_id == workspace_id, AuditEntry.action == action)
    async with db.read() as session:
        return list((await session.execute(entries.order_by(AuditEntry.id))).scalars())


async def _known(stage: Stage) -> tuple[Database, str]:
    assert stage.app is not None
    context, team_id = stage.app.context, stage.slack.person("rep").user.team_id
    workspace = await workspace_of(context.db, team_id=team_id, enterprise_id="", new_id=context.new_id)
    return context.db, workspace.id
