"""Files into Slack: uploaded, and shared once in a thread, or where that cannot be with one person."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

import aiohttp
import structlog

from bot.deliveries import slack
from bot.deliveries.errors import (
    CannotPostError,
    DeliveryError,
    MessageGoneError,
    NotSentError,
    RateLimitedError,
    RefusedError,
    TokenDeadError,
    UncertainError,
    decide,
)
from bot.deliveries.lookup import is_shared
from bot.views.exports import file_comment, file_name
from storage import exports
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.aside import Audiences
    from bot.deliveries.slack import Clients
    from bot.deliveries.tools import Readers
    from storage.database import Database
    from storage.exports import Claim

log = structlog.get_logger(__name__)

MOST_TRIES = 6
"""Tries in a row that Slack does not take, before the file is left for another attempt."""
UPLOAD_SECONDS = 300.0
LEASE_SECONDS = 60.0
"""From the last look at the lease to what cannot be taken back; longer than that one call."""


class Made(Protocol):
    """A finished file."""

    @property
    def content(self) -> IO[bytes]:
        """Its bytes, in a file of the operating system."""

    @property
    def file_format(self) -> str:
        """``csv`` or ``xlsx``."""

    @property
    def table(self) -> str:
        """The table's name, as Origami has it."""

    @property
    def rows(self) -> int:
        """How many rows it holds."""

    @property
    def partial(self) -> str | None:
        """Why it does not hold every row, where it does not."""


@dataclass(frozen=True, slots=True)
class Files:
    """Shares files; ``share_shows`` is how many seconds Slack may take to show one that it has taken."""

    db: Database
    clients: Clients
    readers: Readers
    audiences: Audiences
    http: aiohttp.ClientSession
    backoff: Callable[[int], float]
    share_shows: float

    async def stands(self, claim: Claim) -> bool:
        """Whether the export's uploaded file is where it was to go. Raises a DeliveryError."""
        if claim.export.slack_file_id is None:
            return False
        try:
            return await self._look_for(claim, claim.export.slack_file_id)
        except (CannotPostError, RefusedError, MessageGoneError, TokenDeadError) as error:
            # Who may not look may not have shared either, but for a missing scope: then a file that may
            # stand twice beats one that is missing.
            log.warning("export.cannot_look", export=claim.export.id, error=error.code)
            return False

    async def _look_for(self, claim: Claim, file_id: str) -> bool:
        client = await self.clients(claim.workspace)
        try:
            channel, thread_ts = await _place(client, claim)
            return await is_shared(
                client,
                channel=channel,
                thread_ts=thread_ts,
                file_id=file_id,
                since=claim.export.created_at,
            )
        except Exception as raised:
            raise decide(raised) from raised

    async def share(self, claim: Claim, made: Made) -> dict[str, Any] | None:
        """Share a file in its thread, or with its requester; returns why neither can be.

        Raises LeaseLostError, and a DeliveryError when Slack does not take it for want of an answer.
        """
        tries, uncertain = 0, False
        while True:
            try:
                if uncertain and await self.stands(claim):
                    return None
                uncertain = False
                await self._put(claim, made)
            except (UncertainError, NotSentError, RateLimitedError) as error:
                tries += 1
                if tries == MOST_TRIES:
                    raise
                uncertain = uncertain or isinstance(error, UncertainError)
                await self._wait(error, tries)
            except DeliveryError as error:
                reason = {"code": "CANNOT_POST", "error": error.code, "channel_id": claim.thread.channel_id}
                if claim.export.reason is not None:
                    return reason
                await self._turn_to_requester(claim, reason)
            else:
                return None

    async def _wait(self, error: DeliveryError, tries: int) -> None:
        wait = self.backoff(tries) if error.retry_after is None else error.retry_after
        await asyncio.sleep(max(wait, self.share_shows if isinstance(error, UncertainError) else 0.0))

    async def _turn_to_requester(self, claim: Claim, reason: dict[str, Any]) -> None:
        log.info("export.refused", export=claim.export.id, run=claim.run.id, error=reason["error"])
        claim.export.reason, claim.export.slack_file_id = reason, None
        async with self.db.write() as session:
            await exports.write_back(session, claim, reason=reason, slack_file_id=None)

    async def _put(self, claim: Claim, made: Made) -> None:
        """Upload and share once. Raises a DeliveryError."""
        await self._see_who_sees(claim)
        client = await self.clients(claim.workspace)
        name = file_name(made.table, made.file_format)
        try:
            channel, thread_ts = await _place(client, claim)
            comment = await self._comment(client, claim, made)
            file_id = await self._upload(client, made, name)
            await self._keep(claim, file_id)
            where = {"channel_id": channel, "thread_ts": thread_ts, "initial_comment": comment}
            await _complete(client, where, files=[{"id": file_id, "title": name}])
        except Exception as raised:
            raise decide(raised) from raised

    async def _see_who_sees(self, claim: Claim) -> None:
        """A thread that other companies see gets no file of what its requester has not shown it."""
        if claim.export.direct or claim.export.reason is not None or claim.run.shown_at is not None:
            return
        audience = await self.audiences.of(claim.workspace, claim.thread.channel_id)
        claim.export.direct = audience.outsiders

    async def _comment(self, client: AsyncWebClient, claim: Claim, made: Made) -> str:
        return file_comment(
            claim.export.requester_id,
            table=made.table,
            rows=made.rows,
            file_format=made.file_format,
            partial=made.partial,
            refused=claim.export.reason,
            reader=await self.readers(client, claim.workspace.team_id, claim.export.requester_id),
        )

    async def _upload(self, client: AsyncWebClient, made: Made, name: str) -> str:
        """Bring the bytes to Slack, where nobody sees them yet; returns Slack's id of the file."""
        try:
            return await self._upload_once(client, made, name)
        except Exception as raised:
            error = decide(raised)
            if isinstance(error, UncertainError):
                # Nothing is shared by this, so another try cannot double anything.
                raise NotSentError(error.code) from raised
            raise

    async def _upload_once(self, client: AsyncWebClient, made: Made, name: str) -> str:
        size = made.content.seek(0, os.SEEK_END)
        announced = await client.files_getUploadURLExternal(filename=name, length=size)
        # aiohttp closes what it has sent, and this file may have to be sent again.
        with os.fdopen(os.dup(made.content.fileno()), "rb") as content:
            content.seek(0)
            timeout = aiohttp.ClientTimeout(total=UPLOAD_SECONDS)
            async with self.http.post(announced["upload_url"], data=content, timeout=timeout) as answer:
                if answer.status >= 400:
                    raise NotSentError(f"http_{answer.status}")
        return str(announced["file_id"])

    async def _keep(self, claim: Claim, file_id: str) -> None:
        """Keep the id before the file is shared: whoever comes after us looks for it first."""
        claim.export.slack_file_id = file_id
        async with self.db.write() as session:
            # Not before Slack has had the time to show it.
            await exports.renew(
                session,
                claim,
                lease_seconds=LEASE_SECONDS,
                slack_file_id=file_id,
                direct=claim.export.direct,
                due_at=database_now(self.share_shows),
            )


async def _place(client: AsyncWebClient, claim: Claim) -> tuple[str, str | None]:
    """The thread, or once that is known to be closed to it, the requester's conversation with the app."""
    if claim.export.reason is None and not claim.export.direct:
        return claim.thread.channel_id, claim.thread.thread_ts
    opened = await client.conversations_open(users=claim.export.requester_id)
    return str(opened["channel"]["id"]), None


async def _complete(
    client: AsyncWebClient, where: dict[str, str | None], *, files: list[dict[str, str | None]]
) -> None:
    arguments: dict[str, Any] = {"files": files, **where}
    try:
        await client.files_completeUploadExternal(**arguments)
    except Exception as raised:
        # A message needs no membership in a public channel, a file does.
        if decide(raised).code != "not_in_channel" or not await slack.join(client, arguments["channel_id"]):
            raise
        await client.files_completeUploadExternal(**arguments)
