"""What Slack says of a person: admin, guest or of another company, their time zone and their language."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError

from bot.tasks import Asking

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

KEEP_SECONDS = 300.0
"""Roles and time zones change rarely; a new admin need not wait for long."""
LOOK_UP_SECONDS = 1.5
"""A trigger id lives for 3 seconds, and a form has to be opened with what is left of them."""
MOST_PEOPLE = 5_000


class Slack(Protocol):
    """What is asked of Slack's Web API client."""

    async def users_info(self, *, user: str, include_locale: bool) -> Any:  # noqa: ANN401  (the SDK's answer)
        """Slack's ``users.info``; needs the scope ``users:read``."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person as far as Slack tells; ``time_zone`` is an IANA name, ``locale`` like ``en-US``."""

    is_admin: bool = False
    time_zone: str = "UTC"
    locale: str = "en-US"
    has_left: bool = False
    """Deactivated, or no longer of this workspace."""
    name: str = ""
    """As Slack shows it; empty where Slack does not tell."""
    is_guest: bool = False
    """Let into some channels only."""
    is_outsider: bool | None = None
    """Of another workspace, met in a channel that both share; None where Slack does not tell."""
    enterprise_id: str = ""
    """The Enterprise organisation that they are of, if any."""

    @property
    def guest(self) -> bool | None:
        """Whether they are a guest; None where Slack does not tell."""
        return None if self.is_outsider is None else self.is_guest

    def is_outside(self, enterprise_id: str) -> bool:
        """Whether they are of another company than the organisation's; so too where Slack does not tell."""
        same = bool(enterprise_id) and self.enterprise_id == enterprise_id
        return self.is_outsider is not False and not same


NOBODY = Person()
"""Somebody whom Slack does not tell of."""


@dataclass(slots=True)
class People:
    """Asks Slack about people, and remembers for a few minutes what it said."""

    clock: Callable[[], float] = time.monotonic
    look_up_seconds: float = LOOK_UP_SECONDS
    _known: OrderedDict[tuple[str, str], tuple[float, Person]] = field(default_factory=OrderedDict)
    _asking: Asking[Person] = field(default_factory=Asking)
    _silent: set[str] = field(default_factory=set)
    """Teams of whose people Slack did not tell when last asked."""

    async def find(self, client: Slack, team_id: str, user_id: str, *, fresh: bool = False) -> Person:
        """A person, as the ``client`` of the team's installation sees them; ``fresh`` asks Slack anyway.

        Never fails: somebody who cannot be looked up is nobody's admin and reads en-US in UTC.
        """
        key = (team_id, user_id)
        kept = self._known.get(key)
        if kept and not fresh and self.clock() - kept[0] < KEEP_SECONDS:
            return kept[1]
        try:
            async with asyncio.timeout(self.look_up_seconds):
                ask = partial(_ask, client, team_id, user_id)
                person = await (ask() if fresh else self._asking(key, ask))
        except Exception as error:  # noqa: BLE001  (whatever keeps Slack from telling, we go on without)
            if _is_unknown(error):
                return Person(has_left=True)
            if team_id not in self._silent:
                log.warning("people.unknown", team=team_id, error=repr(error)[:300])
                self._silent.add(team_id)
            return NOBODY
        if team_id in self._silent:
            log.info("people.known_again", team=team_id)
            self._silent.remove(team_id)
        self._known[key] = (self.clock(), person)
        self._known.move_to_end(key)
        while len(self._known) > MOST_PEOPLE:
            self._known.popitem(last=False)
        return person


async def _ask(client: Slack, team_id: str, user_id: str) -> Person:
    answer = await client.users_info(user=user_id, include_locale=True)
    return _read(answer["user"], team_id)


def _read(user: dict[str, Any], team_id: str) -> Person:
    return Person(
        is_admin=is_admin(user, team_id),
        time_zone=str(user.get("tz") or NOBODY.time_zone),
        locale=str(user.get("locale") or NOBODY.locale),
        has_left=user.get("deleted") is True or user.get("is_stranger") is True,
        name=str(user.get("real_name") or user.get("name") or ""),
        is_guest=user.get("is_restricted") is True or user.get("is_ultra_restricted") is True,
        is_outsider=team_id not in _teams(user),
        enterprise_id=str((user.get("enterprise_user") or {}).get("enterprise_id") or ""),
    )


def is_admin(user: dict[str, Any], team_id: str) -> bool:
    """Whether Slack's user object is of an admin or owner of the workspace."""
    roles = ("is_admin", "is_owner", "is_primary_owner")
    return _belongs(user, team_id) and any(user.get(role) is True for role in roles)


def _is_unknown(error: Exception) -> bool:
    """Whether Slack says that there is no such person."""
    return isinstance(error, SlackApiError) and error.response.get("error") == "user_not_found"


def _belongs(user: dict[str, Any], team_id: str) -> bool:
    """Whether somebody is of this workspace: in a shared channel, another one's admins press buttons too."""
    if user.get("is_stranger") or user.get("deleted"):
        return False
    return team_id in _teams(user)


def _teams(user: dict[str, Any]) -> set[Any]:
    # Slack's is_stranger says less: it is false of somebody whom a shared channel lets us see.
    return {user.get("team_id"), *((user.get("enterprise_user") or {}).get("teams") or [])}
