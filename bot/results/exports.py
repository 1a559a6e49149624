"""A table wanted as a file: the click that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bot import origami
from bot.origami import Outcome
from bot.results.files import FORMATS
from storage import audit, deliveries, exports, inbox, runs, workspaces
from storage.records import Thread

if TYPE_CHECKING:
    from bot.results.tools import Tools
    from storage.records import Run


class NotFoundError(Exception):
    """No such run in this workspace, or none with a table."""


class Team(Protocol):
    """A Slack team."""

    @property
    def team_id(self) -> str:
        """Slack's id of the team."""

    @property
    def enterprise_id(self) -> str:
        """Slack's id of its organisation, empty outside one."""


class Actor(Protocol):
    """Who clicks, and through which of Slack's requests."""

    @property
    def key(self) -> str:
        """Slack's own key of the request: a redelivery has the same one."""

    @property
    def team(self) -> Team:
        """Where."""

    @property
    def user_id(self) -> str:
        """Who."""

    @property
    def response_url(self) -> str | None:
        """Slack's way to answer only them."""

    @property
    def channel_id(self) -> str:
        """Where they clicked."""


async def accept(tools: Tools, actor: Actor, run_id: str, file_format: str) -> None:
    """Take a click on "Get CSV" or "Get Excel", ``csv`` or ``xlsx``: whoever sees the thread may read.

    The actor is told that the file is being made, also when it was already. Raises NotFoundError.
    """
    async with tools.db.write() as session:
        workspace = await workspaces.find(
            session, team_id=actor.team.team_id, enterprise_id=actor.team.enterprise_id
        )
        run = await runs.lock(session, run_id, workspace.id) if workspace else None
        table = table_of(run) if run else None
        if run is None or table is None or file_format not in FORMATS:
            raise NotFoundError(run_id)
        if not await inbox.first_time(session, actor.key):
            return
        thread = await session.get_one(Thread, run.thread_id)
        earlier = await exports.pending(
            session, run_id=run.id, requester_id=actor.user_id, file_format=file_format
        )
        if earlier is None:
            export_id = tools.new_id()
            await exports.keep(
                session,
                id=export_id,
                workspace_id=run.workspace_id,
                run_id=run.id,
                table_id=table.id,
                requester_id=actor.user_id,
                file_format=file_format,
                direct=actor.channel_id != thread.channel_id,
            )
            await audit.record(
                session, run.workspace_id, actor.user_id, "export", run_id=run.id, export=export_id
            )
        await deliveries.owe_notice(
            session,
            run,
            token=tools.new_id(),
            subject=actor.key,
            recipient_id=actor.user_id,
            acted_in=actor.channel_id,
            payload={
                "code": "export_begun" if earlier is None else "export_pending",
                "response_url": actor.response_url,
                "file_format": file_format,
                "table": table.name,
                "rows": table.lead_count if earlier is None else earlier.rows_read,
            },
        )
    tools.wake("export")
    tools.wake("deliver")


def table_of(run: Run) -> origami.Table | None:
    """The table that a run's file is made of, as it was when the run ended."""
    return Outcome.of(origami.Run.from_json(run.result)).main_table if run.result else None
