"""A table made into a file: the reading, the writing, and the end that whoever asked always hears of."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Protocol

import structlog

from bot import origami
from bot.origami.reasons import reason_for
from bot.results.exports import table_of
from bot.results.files import FORMATS
from bot.results.paging import Reader
from bot.results.spool import Spool
from storage import deliveries, exports
from storage.records import ExportState
from storage.runs import LeaseLostError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.results.tools import Tools
    from storage.exports import Claim

log = structlog.get_logger(__name__)

Reason = dict[str, Any]

MOST_ATTEMPTS = 12
"""Claims of one export, deaths of its process included, before it is given up."""
BARREN_PAGES = 10
"""Pages in a row without a new row, after which nothing more is expected."""
BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file; ``partial`` says why it does not hold every row, where it does not."""

    content: IO[bytes]
    file_format: str
    table: str
    rows: int
    partial: str | None = None
    """``restarted``: Origami began its list again; ``overflows``: there is more than a file holds."""


class Share(Protocol):
    """Puts files into Slack."""

    async def stands(self, claim: Claim) -> bool:
        """Whether the file of an earlier attempt, ``slack_file_id``, is where it was to go."""

    async def share(self, claim: Claim, made: Made) -> Reason | None:
        """Share a file in the run's thread, or where that cannot be with its requester.

        Returns why neither can be. Raises LeaseLostError, and a DeliveryError when Slack is away for long.
        """


async def claim(tools: Tools, limit: int) -> list[Claim]:
    """Lease files that are to be made."""
    # Each claim is a lease of its own: a task of ours that was stalled past its lease must not take the
    # next one, which may be ours too, for its own.
    lease = f"{tools.owner}/{tools.new_id()[:8]}"
    async with tools.db.write() as session:
        return await exports.claim(session, owner=lease, limit=limit, lease_seconds=tools.pace.lease)


async def work(tools: Tools, share: Share, claim: Claim) -> None:
    """Make one file and share it, or tell its requester why there is none; the lease is kept meanwhile."""
    try:
        async with asyncio.TaskGroup() as group:
            keeping = group.create_task(_keep_lease(tools, claim))
            group.create_task(_and_then(_settle(tools, share, claim), keeping))
    except* LeaseLostError:
        log.warning("export.lease_lost", export=claim.export.id)


async def _and_then(work: Coroutine[Any, Any, None], keeping: asyncio.Task[None]) -> None:
    try:
        await work
    finally:
        keeping.cancel()


async def _keep_lease(tools: Tools, claim: Claim) -> None:
    while True:
        await asyncio.sleep(tools.pace.lease / 3)
        async with tools.db.write() as session:
            await exports.renew(
                session, claim, lease_seconds=tools.pace.lease, rows_read=claim.export.rows_read
            )


async def _settle(tools: Tools, share: Share, claim: Claim) -> None:
    if claim.export.attempts > MOST_ATTEMPTS:
        await _end(tools, claim, {"code": "EXPORT_GAVE_UP"})
        return
    if claim.export.slack_file_id and await share.stands(claim):
        await _end(tools, claim, None)
        return
    client = tools.origami.client(claim.workspace)
    if client is None:
        await _end(tools, claim, {"code": "NO_KEY"})
        return
    try:
        reason = await _make_and_share(tools, share, claim, Reader(tools, client, claim.workspace))
    except origami.OrigamiError as error:
        reason = reason_for(error)
        if isinstance(error, origami.NotFound):
            reason["code"] = "TABLE_NOT_FOUND"
        elif isinstance(error, origami.Unavailable | origami.Throttled):
            reason["code"] = "EXPORT_NO_ANSWER"
    await _end(tools, claim, reason)


async def _make_and_share(tools: Tools, share: Share, claim: Claim, reader: Reader) -> Reason | None:
    table = await reader.table(claim.export.table_id)
    with Spool(table.columns) as spool, tempfile.TemporaryFile(prefix="origami-export-") as content:
        complete = await _read(claim, reader, spool)
        if not spool.rows or not spool.columns():
            return {"code": "EXPORT_EMPTY", "rows": table.lead_count}
        await _write(spool, content, claim.export.file_format)
        made = Made(
            content, claim.export.file_format, table.name, spool.rows, _partial(spool, complete=complete)
        )
        async with tools.db.write() as session:
            await exports.renew(session, claim, lease_seconds=tools.pace.lease, rows_read=spool.rows)
        return await share.share(claim, made)


def _partial(spool: Spool, *, complete: bool) -> str | None:
    if spool.is_full or spool.lacks_columns:
        return "overflows"
    return None if complete else "restarted"


async def _read(claim: Claim, reader: Reader, spool: Spool) -> bool:
    """Read the saved view into the spool; returns whether it came to its end."""
    barren = 0
    following: str | None = None
    async for page in reader.pages(claim.export.table_id):
        following = page.next_cursor
        barren = 0 if spool.add(page) else barren + 1
        claim.export.rows_read = spool.rows
        if barren == BARREN_PAGES or spool.is_full:
            break
    return following is None


async def _write(spool: Spool, content: IO[bytes], file_format: str) -> None:
    """Write the file outside of the event loop, and batch by batch, so that a stop need not wait for it."""
    lines = spool.lines()
    with tempfile.TemporaryDirectory(prefix="origami-export-", ignore_cleanup_errors=True) as folder:
        writer = FORMATS[file_format](content, list(spool.columns().values()), folder)
        while batch := await asyncio.to_thread(lambda: list(islice(lines, BATCH))):
            await asyncio.to_thread(writer.write, batch)
        await asyncio.to_thread(writer.close)


async def _end(tools: Tools, claim: Claim, reason: Reason | None) -> None:
    """The file stands in Slack, or ``reason`` says why it never will; its requester hears of that."""
    export = claim.export
    state = ExportState.FAILED if reason else ExportState.DONE
    async with tools.db.write() as session:
        # A file that went to its requester keeps the reason why it is not in the thread.
        await exports.finish(session, claim, state, reason or export.reason, rows_read=export.rows_read)
        if reason:
            await deliveries.owe_notice(
                session,
                claim.run,
                token=tools.new_id(),
                subject=f"export_failed:{export.id}",
                recipient_id=export.requester_id,
                payload=_told(claim, reason),
            )
    log.info(
        "export.ended",
        team=claim.workspace.team_id,
        run=export.run_id,
        export=export.id,
        rows=export.rows_read,
        code=(reason or {}).get("code"),
    )
    tools.wake("deliver")


def _told(claim: Claim, reason: Reason) -> dict[str, Any]:
    table = table_of(claim.run)
    return {
        "code": "export_failed",
        "file_format": claim.export.file_format,
        "table": table.name if table else "",
        "reason": reason,
        "team_id": claim.workspace.team_id,
        "channel_id": claim.thread.channel_id,
        "thread_ts": claim.thread.thread_ts,
    }
