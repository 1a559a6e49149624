"""What stands in Slack and at Origami when a release is stopped, and its true ids in the database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import text

from bot.deliveries.lookup import metadata
from bot.sandbox.local_origami import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.sandbox.local_origami import LocalOrigami
    from bot.sandbox.local_slack import LocalSlack
    from storage.database import Database

IN_VAIN = "a0000005"
"""Its request never reached Origami."""
POSTED_WHILE_DYING = ("token-opening-02", "token-answer-12")
PLACE = "SELECT prompt, thread_ts FROM runs JOIN threads ON threads.id = thread_id WHERE runs.id = :id"


@dataclass(frozen=True, slots=True)
class Outside:
    """Slack and Origami as the bot finds them, and its database, read and written in plain SQL."""

    slack: LocalSlack
    origami: LocalOrigami
    db: Database

    async def stand(self) -> None:
        """Begin at Origami what was begun, post in Slack what was posted, and keep the ids of both."""
        async with httpx.AsyncClient(base_url=self.origami.url) as http:
            for run in await self.read("SELECT * FROM runs WHERE body IS NOT NULL ORDER BY id"):
                if not run.id.startswith(IN_VAIN):
                    await self._begin(http, run)
        slack = AsyncWebClient(self.slack.token(), self.slack.url)
        for kind in ("opening", "answer"):
            await self._post(slack, kind)

    async def use_a_table(self) -> None:
        """The table of what is read and exported is one that Origami knows."""
        for table in ("watches", "exports"):
            await self.write(f"UPDATE {table} SET table_id = :id", id=self.origami.tables()[0].id)

    async def _begin(self, http: httpx.AsyncClient, run: Any) -> None:
        headers = {"Authorization": f"Bearer {DEFAULT_KEY}", "Content-Type": "application/json"}
        answer = await http.post(
            "/agents", content=run.body, headers={**headers, "Idempotency-Key": run.idempotency_key}
        )
        made = answer.raise_for_status().json()
        agent, begun = made["agent"]["id"], made["run"]["id"]
        if run.agent_id is None:
            return
        await self.write(
            "UPDATE threads SET agent_id = :new WHERE agent_id = :old", new=agent, old=run.agent_id
        )
        await self.write(
            "UPDATE runs SET agent_id = :agent, origami_run_id = :begun WHERE id = :id",
            agent=agent,
            begun=begun,
            id=run.id,
        )
        while run.state == "finished":
            polled = await http.get(f"/agents/{agent}/runs/{begun}", headers=headers)
            if polled.json()["status"] != "running":
                return
            await asyncio.sleep(0.05)

    async def _post(self, slack: AsyncWebClient, kind: str) -> None:
        owed = await self.read("SELECT * FROM deliveries WHERE kind = :kind ORDER BY id", kind=kind)
        for message in owed:
            if message.ts is None and message.token not in POSTED_WHILE_DYING:
                continue
            [place] = await self.read(PLACE, id=message.run_id)
            answer = await slack.chat_postMessage(
                channel=message.channel_id,
                text=f"{kind} of {place.prompt}",
                metadata=metadata(message.token),
                thread_ts=None if place.thread_ts == message.ts else place.thread_ts,
            )
            ts = {"old": message.ts, "new": answer["ts"]}
            await self.write("UPDATE deliveries SET ts = :new WHERE ts = :old", **ts)
            await self.write("UPDATE threads SET thread_ts = :new WHERE thread_ts = :old", **ts)

    async def read(self, sql: str, **values: object) -> Sequence[Any]:
        async with self.db.read() as session:
            return (await session.execute(text(sql), values)).all()

    async def write(self, sql: str, **values: object) -> None:
        async with self.db.write() as session:
            await session.execute(text(sql), values)
