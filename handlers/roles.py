"""Who may use Origami: the form for admins, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.roles import read_roles, roles_modal
from bot.views.settings import admins_only_modal
from bot.workspaces.policies import policy_of, set_policy
from handlers.desk import asker_of

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.asker import Asker
    from handlers.desk import Desk


class Roles:
    """The form of a workspace's policy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def listen(self, app: AsyncApp) -> None:
        """Bind the listeners."""
        app.action(ids.ROLES)(self.open)
        app.view(ids.ROLES_MODAL)(self.save)

    async def open(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Open the form on top of the workspace's settings."""
        opening = self._open(asker_of(context, client), body["trigger_id"])
        self._desk.tasks.hold(opening, what="open roles")
        await ack()

    async def save(
        self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient
    ) -> None:
        """Keep what the form says, if an admin sends it."""
        asker, db = asker_of(context, client), self._desk.runs.db
        if not await self._is_admin(asker):
            await ack(response_action="update", view=admins_only_modal())
            return
        workspace = await asker.workspace(self._desk.runs)
        policy = read_roles(body["view"]["state"]["values"], await policy_of(db, workspace.id))
        await set_policy(db, workspace.id, asker.user_id, policy)
        await ack()

    async def _open(self, asker: Asker, trigger_id: str) -> None:
        if await self._is_admin(asker):
            workspace = await asker.workspace(self._desk.runs)
            policy = await policy_of(self._desk.runs.db, workspace.id)
            listed = await self._desk.groups.listed(asker.client)
            groups = None if listed is None else [(group.group_id, group.name) for group in listed]
            form = roles_modal(policy, groups)
        else:
            form = admins_only_modal()
        await asker.client.views_push(trigger_id=trigger_id, view=form)

    async def _is_admin(self, asker: Asker) -> bool:
        person = await self._desk.people.find(asker.client, asker.team.team_id, asker.user_id, fresh=True)
        return person.is_admin
