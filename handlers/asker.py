"""Who asks to see something, and through which of Slack's clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.views.lists import Look
from bot.views.times import Reader
from bot.workspaces.known import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.runs.context import Context
    from bot.runs.start import Team
    from bot.workspaces.known import Workspace
    from bot.workspaces.people import Person


@dataclass(frozen=True, slots=True)
class Asker:
    """A person in a workspace; ``team_url`` says where Slack's links of it begin, once that is known."""

    team: Team
    user_id: str
    team_url: Callable[[], str]
    client: AsyncWebClient

    async def workspace(self, runs: Context) -> Workspace:
        """The workspace that they belong to."""
        return await workspace_of(
            runs.db, team_id=self.team.team_id, enterprise_id=self.team.enterprise_id, new_id=runs.new_id
        )

    def look(self, person: Person, now: datetime) -> Look:
        """How they see dates, numbers and links."""
        return Look(Reader(person.locale, person.time_zone), now, self.team_url())
