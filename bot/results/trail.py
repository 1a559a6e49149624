"""The audit trail: a page of it for an admin's eyes, and all of it as a file."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

import aiohttp
import orjson
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.features import FILES
from bot.grants import may
from bot.results.files import Csv
from storage import audit

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.results.spool import Value
    from storage.audit import Act
    from storage.database import Database
    from storage.records import Workspace

    Names = Callable[[str], Awaitable[str]]

log = structlog.get_logger(__name__)

PAGE = 20
BATCH = 1_000
MOST_NAMES = 200
"""People whose names are looked up for a file; Slack: users.info is Tier 4, 100 a minute."""
HEADER = ("Time (UTC)", "Person", "Name", "Act", "Run", "Channel", "Details")


@dataclass(frozen=True, slots=True)
class Trail:
    """A page of acts, the newest first."""

    acts: Sequence[Act]
    has_older: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """The file is in a person's conversation with the app, with so many acts; or why it is not."""

    acts: int
    error: str = ""
    """Slack's own code, without asking where the scope was not granted; or the kind of failure."""


async def page(db: Database, workspace_id: str, before: int | None = None) -> Trail:
    """The newest acts, or the newest before an entry's id."""
    async with db.read() as session:
        found = await audit.newest(session, workspace_id, before=before, limit=PAGE + 1)
    return Trail(found[:PAGE], len(found) > PAGE)


async def send(
    db: Database,
    client: AsyncWebClient,
    workspace: Workspace,
    user_id: str,
    *,
    file_name: str,
    comment: str,
    names: Names,
) -> Sent:
    """Put all acts into one person's conversation with the app, as a CSV; that is an act, too."""
    if not may(client, FILES):
        return Sent(0, "missing_scope")
    async with db.write() as session:
        await audit.record(session, workspace.id, user_id, "audit_export")
    with tempfile.TemporaryFile(prefix="origami-audit-") as content:
        acts = await write(db, workspace.id, content, names)
        content.seek(0)
        whole = await asyncio.to_thread(content.read)
    try:
        opened = await client.conversations_open(users=user_id)
        channel = str(opened["channel"]["id"])
        await client.files_upload_v2(
            channel=channel, filename=file_name, file=whole, title=file_name, initial_comment=comment
        )
    except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError) as error:
        # An upload's address in an error's message would be a secret in the log.
        code = error.response.get("error") if isinstance(error, SlackApiError) else None
        sent = Sent(acts, str(code or type(error).__name__))
        log.warning("audit.not_sent", team=workspace.team_id, error=sent.error)
        return sent
    log.info("audit.sent", team=workspace.team_id, acts=acts)
    return Sent(acts)


async def write(db: Database, workspace_id: str, content: IO[bytes], names: Names) -> int:
    """Write all acts, the oldest first, as a CSV in which nothing computes; returns how many there are."""
    known: dict[str, str] = {}
    table = Csv(content, HEADER, "")
    written, last = 0, 0
    while True:
        async with db.read() as session:
            acts = await audit.following(session, workspace_id, last, limit=BATCH)
        if not acts:
            break
        for act in acts:
            actor = act.entry.actor_id
            if actor and actor not in known and len(known) < MOST_NAMES:
                known[actor] = await names(actor)
        await asyncio.to_thread(table.write, [_row(act, known) for act in acts])
        written, last = written + len(acts), acts[-1].entry.id
    await asyncio.to_thread(table.close)
    return written


def _row(act: Act, names: dict[str, str]) -> list[Value]:
    entry = act.entry
    return [
        entry.at.isoformat(timespec="seconds"),
        entry.actor_id,
        names.get(entry.actor_id, ""),
        entry.action,
        entry.run_id or "",
        act.channel_id or "",
        orjson.dumps(entry.details, option=orjson.OPT_SORT_KEYS).decode() if entry.details else "",
    ]
