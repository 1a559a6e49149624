"""Sending what is owed: each message once, in order, at Slack's pace."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot.deliveries import claiming, slack, unsent
from bot.deliveries.aside import Occasion, put_by, turn_to_requester
from bot.deliveries.audience import tells_of_leads
from bot.deliveries.errors import CannotPostError, DeliveryError, TokenDeadError
from bot.deliveries.lookup import look_for
from bot.deliveries.rendering import render
from bot.deliveries.standing import Stands, write_down
from bot.deliveries.tools import lease_of
from bot.handfuls import Handfuls
from bot.views.times import ANYBODY
from storage import sending
from storage.records import DeliveryKind
from storage.runs import LeaseLostError

if TYPE_CHECKING:
    from datetime import datetime

    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.audience import Audience
    from bot.deliveries.reading import Records
    from bot.deliveries.rendering import Rendered
    from bot.deliveries.tools import Tools
    from bot.views.times import Reader
    from storage.records import Delivery, Workspace

log = structlog.get_logger(__name__)

YOUNG = 1 / 3
"""Of a lease: it need not begin anew before a call to Slack, which ends well before it does."""

WRITES_AT_ONCE = 4
"""What stands in Slack is soon answered: it is written down at once, together only where there is much."""

TOLD_DIRECTLY = frozenset(
    {"cannot_post", "run_ended", "export_failed", "schedule_paused", "schedule_left_out"}
)
"""Notices that belong into a person's conversation with the app, not under the eyes of a channel."""


@dataclass(slots=True)
class _InHand:
    """What is known of a claimed delivery: what it tells of, and since when it is surely ours."""

    records: Records
    since: tuple[datetime, float]
    """By our clock, which a machine that slept sets forward, and by the one that nobody sets."""


class Sender:
    """The deliver tick: claims deliveries, sends them, settles each under its lease."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._claimed: dict[tuple[int, str], _InHand] = {}
        self._posting, self._updating = 0, 0
        self._held_back = False
        self._write_down: Handfuls[Stands] = Handfuls(partial(write_down, tools), most=WRITES_AT_ONCE)

    @property
    def is_crowded(self) -> bool:
        """Whether so many messages are being posted that the rest is to wait for them."""
        return self._posting >= claiming.MANY_POSTS

    async def claim(self, limit: int) -> list[Delivery]:
        """Lease what is due: messages to post, and updates as far as each workspace's allowance goes."""
        since = self._now()
        claimed = await claiming.claim(self.tools, limit, posting=self._posting, updating=self._updating)
        self._held_back = claimed.held_back
        for delivery in claimed.deliveries:
            if delivery.id in claimed.records:
                self._claimed[delivery.id, lease_of(delivery)] = _InHand(claimed.records[delivery.id], since)
        return claimed.deliveries

    async def send(self, delivery: Delivery) -> None:
        """Send one leased delivery and settle it."""
        in_hand = self._claimed.pop((delivery.id, lease_of(delivery)), None)
        if in_hand is None:
            log.warning("delivery.lease_lost", delivery=delivery.id, run=delivery.run_id)
            return
        is_post = delivery.ts is None
        self._count(is_post=is_post, more=1)
        try:
            await self._send(delivery, in_hand)
        except LeaseLostError:
            log.warning("delivery.lease_lost", delivery=delivery.id, run=delivery.run_id)
        finally:
            self._count(is_post=is_post, more=-1)

    async def _send(self, delivery: Delivery, in_hand: _InHand) -> None:
        tools, records = self.tools, in_hand.records
        occasion = Occasion(records.standing.workspace, records.standing.run)
        try:
            reader, audience = await self._people(delivery, occasion)
            occasion = replace(occasion, audience=audience)
            rendered = render(delivery, records, now=tools.clock(), reader=reader, audience=audience)
            if rendered is None:
                await unsent.drop(tools, delivery, "nothing_to_say")
                return
            ts = await self._put(delivery, rendered, in_hand)
        except DeliveryError as error:
            await unsent.failed(tools, delivery, occasion, error)
        else:
            if ts is None:
                await self._hold(delivery, occasion)
            else:
                await self._stands(delivery, rendered, ts)

    async def _people(self, delivery: Delivery, occasion: Occasion) -> tuple[Reader, Audience | None]:
        """How its reader reads and, where that makes a difference, who else sees it: asked at one time.

        Raises a DeliveryError.
        """
        workspace, user = occasion.workspace, delivery.recipient_id or occasion.run.requester_id
        if not tells_of_leads(delivery, occasion.run):
            return await self._reader(workspace, user), None
        asking = asyncio.ensure_future(self.tools.audiences.of(workspace, delivery.channel_id))
        try:
            reader = await self._reader(workspace, user)
        except BaseException:
            asking.cancel()
            raise
        return reader, await asking

    async def _reader(self, workspace: Workspace, user_id: str) -> Reader:
        try:
            return await self.tools.readers(await self.tools.clients(workspace), workspace.team_id, user_id)
        except TokenDeadError:
            return ANYBODY  # nobody will read it: the app is gone from the workspace

    async def _put(self, delivery: Delivery, rendered: Rendered, in_hand: _InHand) -> str | None:
        """Bring a message to Slack; returns its ``ts``, or None where its channel may not see it.

        Raises a DeliveryError, and LeaseLostError.
        """
        client = await self.tools.clients(rendered.workspace)
        if delivery.kind == DeliveryKind.NOTICE:
            await self._keep(delivery, in_hand)
            await self._tell(client, delivery, rendered)
            return ""
        thread_ts = rendered.thread.thread_ts
        if delivery.is_direct:
            thread_ts = await turn_to_requester(client, delivery, rendered)
        if delivery.ts is None and delivery.uncertain:
            found = await look_for(client, delivery, thread_ts)
            delivery.uncertain = False
            if found is not None:
                # It stands in Slack as it was then; how it should read now is owed as an update.
                delivery.revision, delivery.shown = 0, None
                return found
        if rendered.withheld and delivery.kind != DeliveryKind.OPENING:
            # What stands there since before the channel was shared is left as it is.
            return delivery.ts
        shown, delivery.shown = delivery.shown, rendered.message.fingerprint
        if delivery.ts is not None:
            # What changed may not show, or a rep would wait for an update behind one that changes nothing.
            if shown != delivery.shown:
                await self._keep(delivery, in_hand)
                await slack.update(client, delivery.channel_id, delivery.ts, rendered.message)
            return delivery.ts
        await self._keep(delivery, in_hand)
        where = slack.Post(delivery.channel_id, thread_ts, delivery.token, rendered.broadcast)
        try:
            return await slack.post(client, where, rendered.message)
        except CannotPostError as error:
            if error.code != "not_in_channel" or not await slack.join(client, delivery.channel_id):
                raise
            return await slack.post(client, where, rendered.message)

    async def _keep(self, delivery: Delivery, in_hand: _InHand) -> None:
        """Make sure of the lease before what cannot be taken back. Raises LeaseLostError when it is over."""
        (at, ticked), now = in_hand.since, self._now()
        if max((now[0] - at).total_seconds(), now[1] - ticked) > YOUNG * claiming.LEASE_SECONDS:
            async with self.tools.db.write() as session:
                await sending.renew(session, delivery, lease_seconds=claiming.LEASE_SECONDS)
            in_hand.since = now

    def _now(self) -> tuple[datetime, float]:
        return self.tools.clock(), time.monotonic()

    async def _tell(self, client: AsyncWebClient, delivery: Delivery, rendered: Rendered) -> None:
        user, message = delivery.recipient_id or rendered.run.requester_id, rendered.message
        url, elsewhere = delivery.payload.get("response_url"), delivery.payload.get("elsewhere")
        directly = elsewhere or delivery.subject.partition(":")[0] in TOLD_DIRECTLY
        if url and not delivery.attempts:
            thread_ts = None if elsewhere else rendered.thread.thread_ts
            await slack.respond(self.tools.http, url, thread_ts, message)
        elif directly or delivery.attempts:
            await slack.direct_message(client, user, delivery.token, message)
        else:
            await slack.whisper(client, delivery.channel_id, rendered.thread.thread_ts, user, message)

    async def _hold(self, delivery: Delivery, occasion: Occasion) -> None:
        """Give its requester alone what their channel may not see yet, and let them decide about that."""
        async with self.tools.db.write() as session:
            await put_by(session, delivery, occasion, lease=lease_of(delivery), new_id=self.tools.new_id)
        log.info("delivery.held", team=occasion.workspace.team_id, run=delivery.run_id, kind=delivery.kind)
        self.tools.wake("deliver")

    async def _stands(self, delivery: Delivery, rendered: Rendered, ts: str) -> None:
        stands, tools = Stands(delivery, ts, rendered.parts), self.tools
        await self._write_down(stands)
        if delivery.kind in (DeliveryKind.OPENING, DeliveryKind.ANSWER) and not delivery.is_direct:
            client = await tools.clients(rendered.workspace)
            tools.sessions.show(client, rendered, delivery.channel_id, rendered.thread.thread_ts or ts)
        tools.metrics.deliveries.labels(delivery.kind, "posted" if stands.is_new else "updated").inc()
        if stands.is_new:
            age = (tools.clock() - delivery.created_at).total_seconds()
            tools.metrics.delivery_age.labels(delivery.kind).observe(max(0.0, age))
            log.info(
                "delivery.sent",
                team=rendered.workspace.team_id,
                thread=rendered.thread.id,
                run=delivery.run_id,
                kind=delivery.kind,
                sequence=delivery.sequence,
                attempts=delivery.attempts,
            )
        elif delivery.attempts:
            log.info(
                "delivery.recovered",
                run=delivery.run_id,
                delivery=delivery.id,
                attempts=delivery.attempts,
            )

    def _count(self, *, is_post: bool, more: int) -> None:
        if is_post:
            self._posting += more
        else:
            self._updating += more
        if more < 0 and not self.is_crowded:
            if self._held_back:
                self._held_back = False
                self.tools.wake("deliver")
            if is_post and self._posting == claiming.MANY_POSTS - 1:
                self.tools.wake("watch")
