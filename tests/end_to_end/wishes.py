"""Setting what a person or a channel wants, without the forms for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.workspaces.known import workspace_of
from bot.workspaces.preferences import set_mine, set_shared

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


async def _known(stage: Stage) -> tuple[Database, str]:
    assert stage.app is not None
    context, team_id = stage.app.context, stage.slack.person("rep").user.team_id
    workspace = await workspace_of(context.db, team_id=team_id, enterprise_id="", new_id=context.new_id)
    return context.db, workspace.id
