"""Handing a run's files to Origami before the run is sent: each is fetched from Slack and uploaded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import structlog

from bot import origami
from bot.runs.attachments import MOST_BYTES, SLACK_FILE, FileRefusedError, Item, container
from bot.runs.reasons import reason_for
from bot.runs.reconcile import name_for
from storage import runs
from storage.times import database_now

if TYPE_CHECKING:
    from bot.runs.context import Context
    from storage.runs import Claim

log = structlog.get_logger(__name__)


def requests_for(pending: list[Item]) -> int:
    """How many requests of the minute it takes: one for the container, one for each file."""
    return 1 + len(pending) if pending else 0


async def hand_over(context: Context, client: origami.Origami, claim: Claim) -> None:
    """Upload what is pending of a leased run, and give the lease back: the next claim sends the run.

    Each file is committed as it is uploaded. One whose upload was not committed is uploaded again under the
    same key, which Origami answers without keeping it twice.
    Raises OrigamiError, FileRefusedError and FileLaterError; LeaseLostError where the run was taken over.
    """
    run = claim.run
    space = container(run) or await _container(client, claim)
    for place, item in enumerate(run.attachments):
        if item["kind"] == SLACK_FILE:
            await _write(context, claim, lease_until=database_now(context.pace.lease))
            content = await context.files.fetch(claim.workspace, item["id"], limit=MOST_BYTES)
            await _write(context, claim, lease_until=database_now(context.pace.lease))
            made = await _upload(client, claim, space, item, content)
            items = [*run.attachments[:place], made, *run.attachments[place + 1 :]]
            await _write(context, claim, attachments=items)
            run.attachments = items
    await _write(context, claim, attempts=0, due_at=database_now(), lease_owner=None, lease_until=None)
    log.info(
        "run.files_handed_over",
        team=claim.workspace.team_id,
        run=run.id,
        container=space,
        files=len(run.attachments),
    )
    context.wake("submit")


async def _container(client: origami.Origami, claim: Claim) -> str:
    """The agent's own container; a new one where there is no agent yet."""
    run, agent_id = claim.run, claim.thread.agent_id
    found = (await client.agent(agent_id)).workspace_id if agent_id else None
    return found or await client.create_workspace(
        name_for(run), idempotency_key=f"{run.id}-{run.submissions}-container"
    )


async def _upload(client: origami.Origami, claim: Claim, space: str, item: Item, content: bytes) -> Item:
    body = origami.upload_body(item["name"], content)
    digest = hashlib.sha256(body).hexdigest()[:16]
    try:
        uploaded = await client.upload(
            space, body, idempotency_key=f"{claim.run.id}-{claim.run.submissions}-{digest}"
        )
    except origami.InvalidRequest as error:
        problems = error.problems if isinstance(error, origami.UploadFailed) else ()
        facts = reason_for(error) | {"message": " ".join(problems) or error.message, "name": item["name"]}
        raise FileRefusedError(**facts | {"code": "FILE_REFUSED"}) from error
    return {
        "kind": uploaded.kind,
        "id": uploaded.id,
        "name": item["name"],
        "container": space,
        "slack_file": item["id"],
    }


async def _write(context: Context, claim: Claim, **values: object) -> None:
    async with context.db.write() as session:
        await runs.write_back(session, claim.run.id, owner=claim.lease, **values)
