"""What Slack tells of a workspace's people where nobody of them is asking: who has left, who is an admin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError

from bot.workspaces.groups import Groups
from bot.workspaces.people import NOBODY, is_admin

if TYPE_CHECKING:
    from collections.abc import Collection

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.workspaces.people import People, Person
    from storage.records import Workspace

log = structlog.get_logger(__name__)

PAGE = 1_000
"""Slack: users.list gives up to 1,000 people a call."""
MOST_PAGES = 20
"""Slack: users.list is Tier 2, 20 calls a minute."""
MOST_ADMINS = 5
"""Ours: enough that one of them reads it."""


class Clients(Protocol):
    """A Web API client in a workspace's name."""

    async def __call__(self, workspace: Workspace) -> AsyncWebClient:
        """The client, with the workspace's token."""


@dataclass(frozen=True, slots=True)
class Colleagues:
    """Asks Slack in the workspace's own name."""

    people: People
    clients: Clients
    groups: Groups = field(default_factory=Groups)

    async def has_left(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is gone from the workspace; where Slack does not tell, they are not."""
        return (await self._find(workspace, user_id)).has_left

    async def is_admin(self, workspace: Workspace, user_id: str) -> bool:
        """Whether somebody is an admin of the workspace; where Slack does not tell, they are not."""
        return (await self._find(workspace, user_id)).is_admin

    async def is_guest(self, workspace: Workspace, user_id: str) -> bool | None:
        """Whether somebody is a guest; None where Slack does not tell."""
        return (await self._find(workspace, user_id)).guest

    async def groups_of(
        self, workspace: Workspace, user_id: str, groups: Collection[str]
    ) -> frozenset[str] | None:
        """Those of the user groups that somebody is in; None where Slack does not tell."""
        client = await self._client(workspace)
        if client is None:
            return None
        return await self.groups.of_person(client, workspace.team_id, user_id, groups)

    async def _find(self, workspace: Workspace, user_id: str) -> Person:
        client = await self._client(workspace)
        return await self.people.find(client, workspace.team_id, user_id) if client else NOBODY

    async def _client(self, workspace: Workspace) -> AsyncWebClient | None:
        try:
            return await self.clients(workspace)
        except Exception as error:  # noqa: BLE001  (without the app there, a post will be refused with its reason)
            log.warning("colleagues.no_client", team=workspace.team_id, error=repr(error)[:300])
            return None

    async def admins(self, workspace: Workspace) -> list[str] | None:
        """Up to five of the workspace's admins; None when Slack does not tell just now."""
        found: list[str] = []
        cursor = ""
        try:
            client = await self.clients(workspace)
            for _ in range(MOST_PAGES):
                page = await client.users_list(limit=PAGE, cursor=cursor, team_id=workspace.team_id)
                found += [str(user["id"]) for user in page["members"] if _is_one(user, workspace)]
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
                if len(found) >= MOST_ADMINS or not cursor:
                    break
        except SlackApiError as error:
            log.warning("admins.unknown", team=workspace.team_id, error=repr(error)[:300])
            return None if _passes(error) else found[:MOST_ADMINS]
        except Exception as error:  # noqa: BLE001  (whatever keeps Slack from telling, it is asked again)
            log.warning("admins.unknown", team=workspace.team_id, error=repr(error)[:300])
            return None
        return found[:MOST_ADMINS]


def _is_one(user: dict[str, Any], workspace: Workspace) -> bool:
    return not user.get("is_bot") and is_admin(user, workspace.team_id)


def _passes(error: SlackApiError) -> bool:
    """Whether asking again may help: a refusal such as ``missing_scope`` stays one."""
    status = int(error.response.status_code)
    return status == 429 or status >= 500
