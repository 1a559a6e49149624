"""A workspace's user groups, and who is in them: known where the app may read them (``usergroups:read``)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from bot.features import USER_GROUPS
from bot.grants import may

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

log = structlog.get_logger(__name__)

KEEP_SECONDS = 300.0
LOOK_UP_SECONDS = 1.5
"""As for people: Slack waits 3 seconds for an ack, and a trigger id lives no longer."""
MOST_GROUPS = 1_000
MOST_OFFERED = 100
"""Slack: up to 100 options in a menu."""


class Slack(Protocol):
    """What is asked of Slack's Web API client."""

    async def usergroups_list(self) -> Any:  # noqa: ANN401  (the SDK's answer)
        """Slack's ``usergroups.list``; needs the scope ``usergroups:read``."""

    async def usergroups_users_list(self, *, usergroup: str) -> Any:  # noqa: ANN401
        """Slack's ``usergroups.users.list``; needs the same scope."""


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, mentioned as ``@handle``."""

    group_id: str
    name: str
    handle: str


@dataclass(slots=True)
class Groups:
    """Asks Slack about user groups, and remembers for a few minutes who is in them."""

    clock: Callable[[], float] = time.monotonic
    look_up_seconds: float = LOOK_UP_SECONDS
    _members: OrderedDict[tuple[str, str], tuple[float, frozenset[str]]] = field(default_factory=OrderedDict)

    async def of_person(
        self, client: Slack, team_id: str, user_id: str, groups: Collection[str]
    ) -> frozenset[str] | None:
        """Those of the groups that a person is in; None where they are in none and Slack did not tell of all.

        Never fails. A group that is gone has nobody in it.
        """
        told = await asyncio.gather(*(self._in(client, team_id, group_id) for group_id in groups))
        inside = {
            group_id for group_id, known in zip(groups, told, strict=True) if known and user_id in known
        }
        return frozenset(inside) if inside or None not in told else None

    async def _in(self, client: Slack, team_id: str, group_id: str) -> frozenset[str] | None:
        key = (team_id, group_id)
        kept = self._members.get(key)
        if kept and self.clock() - kept[0] < KEEP_SECONDS:
            return kept[1]
        if not may(client, USER_GROUPS):
            return None
        try:
            async with asyncio.timeout(self.look_up_seconds):
                answer = await client.usergroups_users_list(usergroup=group_id)
            found = frozenset(str(user_id) for user_id in answer["users"])
        except Exception as error:  # noqa: BLE001  (whatever keeps Slack from telling, we go on without)
            if "no_such_subteam" not in str(error):
                log.warning("groups.unknown", team=team_id, error=repr(error)[:300])
                return None
            found = frozenset()
        self._members[key] = (self.clock(), found)
        self._members.move_to_end(key)
        while len(self._members) > MOST_GROUPS:
            self._members.popitem(last=False)
        return found

    async def listed(self, client: Slack) -> list[Group] | None:
        """Up to 100 of the workspace's groups, by name; None where Slack does not tell."""
        if not may(client, USER_GROUPS):
            return None
        try:
            async with asyncio.timeout(self.look_up_seconds):
                answer = await client.usergroups_list()
            found = [
                Group(str(one["id"]), str(one.get("name") or ""), str(one.get("handle") or ""))
                for one in answer["usergroups"]
            ]
        except Exception as error:  # noqa: BLE001  (most often the scope is missing: the form says so)
            log.info("groups.not_listed", error=repr(error)[:300])
            return None
        return sorted(found, key=lambda group: group.name.casefold())[:MOST_OFFERED]
