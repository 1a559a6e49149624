"""Sending what is owed: each message once, in order, at Slack's pace."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

import structlog

from bot.deliveries import slack
from bot.deliveries.aside import Occasion, cannot_tell, put_by, turn_to_requester
from bot.deliveries.audience import tells_of_leads
from bot.deliveries.errors import (
    CannotPostError,
    DeliveryError,
    NotSentError,
    RateLimitedError,
    TokenDeadError,
    UncertainError,
)
from bot.deliveries.lookup import look_for
from bot.deliveries.rendering import Rendered, is_direct, render
from bot.metrics import Metrics
from bot.views.times import ANYBODY
from storage import budgets, deliveries, runs, sending, watches
from storage.records import DeliveryKind, DeliveryState
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.aside import Audiences
    from bot.deliveries.sessions import Sessions
    from bot.deliveries.slack import Clients
    from bot.views.times import Reader
    from storage.database import Database
    from storage.records import Delivery, Run, Workspace

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
UPDATES_A_MINUTE = 50
"""Slack: chat.update is Tier 3, 50 a minute in a workspace."""
PROGRESS_UPDATES_A_MINUTE = 40
"""Progress leaves room for what reps wait for."""
MOST_TOKEN_ATTEMPTS = 5
"""With a token that Slack refuses: whoever installs the app again brings a new one meanwhile."""
MOST_NOTICE_ATTEMPTS = 5
"""A few words to one person are not worth more: their response_url takes five answers."""

TOLD_DIRECTLY = frozenset(
    {"cannot_post", "run_ended", "export_failed", "schedule_paused", "schedule_left_out"}
)
"""Notices that belong into a person's conversation with the app, not under the eyes of a channel."""


class Consequences(Protocol):
    """What the life of a run makes of its messages; called in the transaction that settles them."""

    async def opening_posted(self, session: AsyncSession, delivery: Delivery, ts: str) -> None:
        """The opening message stands in Slack."""

    async def opening_refused(
        self, session: AsyncSession, delivery: Delivery, error: str, *, token: str
    ) -> None:
        """Slack will never take the opening message."""


class Readers(Protocol):
    """What is known of how people read."""

    async def __call__(self, client: AsyncWebClient, team_id: str, user_id: str) -> Reader:
        """How a person reads; it may ask Slack, takes 2 seconds at the most, and never fails."""


@dataclass(frozen=True, slots=True)
class Sender:
    """The deliver tick: claims deliveries, sends them, settles each under its lease."""

    db: Database
    at_once: Database
    """The same for what stands in Slack: people may answer it before it is written down."""
    clients: Clients
    http: aiohttp.ClientSession
    consequences: Consequences
    readers: Readers
    audiences: Audiences
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    backoff: Callable[[int], float]
    posts_apart: float
    sessions: Sessions
    wake: Callable[[str], None]
    owner: str
    metrics: Metrics = field(default_factory=Metrics.create)
    known: dict[int, tuple[Workspace, Run]] = field(default_factory=dict)
    """What is in hand is about, by delivery: read for all together when it was claimed."""

    async def claim(self, limit: int) -> list[Delivery]:
        """Lease what is due: messages to post, and updates as far as each workspace's allowance goes."""
        # Each claim is a lease of its own: a task of ours that was stalled past its lease must not take the
        # next one, which may be ours too, for its own.
        lease = f"{self.owner}/{self.new_id()[:8]}"
        async with self.db.write() as session:
            posts = await deliveries.claim_posts(
                session,
                owner=lease,
                limit=limit,
                lease_seconds=LEASE_SECONDS,
                seconds_apart=self.posts_apart,
            )
            updates = (
                await deliveries.claim_updates(
                    session, owner=lease, limit=limit - len(posts), lease_seconds=LEASE_SECONDS
                )
                if len(posts) < limit
                else []
            )
            claimed = posts + await self._allowed(session, updates)
            if claimed:
                self.known.update(await deliveries.occasions(session, claimed))
            return claimed

    async def _allowed(self, session: AsyncSession, updates: list[Delivery]) -> list[Delivery]:
        """The updates that their workspaces' allowances admit, what reps wait for first; the rest waits."""
        allowed: list[Delivery] = []
        for ceiling, is_progress in ((UPDATES_A_MINUTE, False), (PROGRESS_UPDATES_A_MINUTE, True)):
            by_name: dict[str, list[Delivery]] = {}
            for update in updates:
                if bool(update.priority) is is_progress:
                    by_name.setdefault(budgets.UPDATES + update.workspace_id, []).append(update)
            wants = {name: len(mine) for name, mine in by_name.items()}
            granted = await budgets.spend_each(session, wants, ceiling=ceiling) if wants else {}
            for name, mine in by_name.items():
                allowed += mine[: granted[name]]
                for late in mine[granted[name] :]:
                    self.metrics.updates_denied.inc()
                    await sending.settle(
                        session,
                        late,
                        owner=_lease(late),
                        state=DeliveryState.PENDING,
                        due_at=database_now(2),
                    )
        return allowed

    async def send(self, delivery: Delivery) -> None:
        """Send one leased delivery and settle it."""
        occasion = Occasion(*await self._known(delivery))
        try:
            try:
                if tells_of_leads(delivery, occasion.run):
                    audience = await self.audiences.of(occasion.workspace, delivery.channel_id)
                    occasion = replace(occasion, audience=audience)
                rendered = await self._render(delivery, occasion)
                if rendered is None:
                    await self._drop(delivery, "nothing_to_say")
                    return
                ts = await self._put(delivery, rendered)
            except DeliveryError as error:
                await self._failed(delivery, occasion, error)
            else:
                if ts is None:
                    await self._hold(delivery, occasion)
                else:
                    await self._stands(delivery, rendered, ts)
        except LeaseLostError:
            log.warning("delivery.lease_lost", delivery=delivery.id, run=delivery.run_id)

    async def _known(self, delivery: Delivery) -> tuple[Workspace, Run]:
        known = self.known.pop(delivery.id, None)
        if known is None:
            async with self.db.read() as session:
                known = (await deliveries.occasions(session, [delivery]))[delivery.id]
        return known

    async def _render(self, delivery: Delivery, occasion: Occasion) -> Rendered | None:
        """The message as it should read now; the lease begins anew, or is found to be lost."""
        reader = await self._reader(occasion.workspace, delivery.recipient_id or occasion.run.requester_id)
        async with self.db.write() as session:
            await sending.renew(session, delivery, lease_seconds=LEASE_SECONDS)
            return await render(
                session, delivery, now=self.clock(), reader=reader, audience=occasion.audience
            )

    async def _reader(self, workspace: Workspace, user_id: str) -> Reader:
        try:
            return await self.readers(await self.clients(workspace), workspace.team_id, user_id)
        except TokenDeadError:
            return ANYBODY  # nobody will read it: the app is gone from the workspace

    async def _put(self, delivery: Delivery, rendered: Rendered) -> str | None:
        """Bring a message to Slack; returns its ``ts``, or None where its channel may not see it.

        Raises a DeliveryError, and LeaseLostError.
        """
        client = await self.clients(rendered.workspace)
        if delivery.kind == DeliveryKind.NOTICE:
            await self._tell(client, delivery, rendered)
            return ""
        thread_ts = rendered.thread.thread_ts
        if is_direct(delivery):
            thread_ts = await turn_to_requester(client, delivery, rendered)
        if delivery.ts is None and delivery.uncertain:
            found = await look_for(client, delivery, thread_ts)
            delivery.uncertain = False
            if found is not None:
                # It stands in Slack as it was then; how it should read now is owed as an update.
                delivery.revision, delivery.shown = 0, None
                return found
            async with self.db.write() as session:
                await sending.renew(session, delivery, lease_seconds=LEASE_SECONDS)
        if rendered.withheld and delivery.kind != DeliveryKind.OPENING:
            # What stands there since before the channel was shared is left as it is.
            return delivery.ts
        shown, delivery.shown = delivery.shown, rendered.message.fingerprint
        if delivery.ts is not None:
            # What changed may not show, or a rep would wait for an update behind one that changes nothing.
            if shown != delivery.shown:
                await slack.update(client, delivery.channel_id, delivery.ts, rendered.message)
            return delivery.ts
        where = slack.Post(delivery.channel_id, thread_ts, delivery.token, rendered.broadcast)
        try:
            return await slack.post(client, where, rendered.message)
        except CannotPostError as error:
            if error.code != "not_in_channel" or not await slack.join(client, delivery.channel_id):
                raise
            return await slack.post(client, where, rendered.message)

    async def _tell(self, client: AsyncWebClient, delivery: Delivery, rendered: Rendered) -> None:
        user, message = delivery.recipient_id or rendered.run.requester_id, rendered.message
        url, elsewhere = delivery.payload.get("response_url"), delivery.payload.get("elsewhere")
        directly = elsewhere or delivery.subject.partition(":")[0] in TOLD_DIRECTLY
        if url and not delivery.attempts:
            await slack.respond(self.http, url, None if elsewhere else rendered.thread.thread_ts, message)
        elif directly or delivery.attempts:
            await slack.direct_message(client, user, delivery.token, message)
        else:
            await slack.whisper(client, delivery.channel_id, rendered.thread.thread_ts, user, message)

    async def _stands(self, delivery: Delivery, rendered: Rendered, ts: str) -> None:
        posted, attempts = delivery.posted_at is None, delivery.attempts
        async with self.at_once.write() as session:
            await runs.hold(session, delivery.run_id)
            await sending.sent(session, delivery, owner=_lease(delivery), ts=ts, shown=delivery.shown)
            if posted and delivery.kind == DeliveryKind.OPENING:
                await self.consequences.opening_posted(session, delivery, ts)
            if posted and delivery.kind == DeliveryKind.ANSWER and delivery.sequence == 0:
                await self._owe_the_rest(session, delivery, rendered)
                await watches.owe_preview(session, new_id=self.new_id, run_id=delivery.run_id)
        if delivery.kind in (DeliveryKind.OPENING, DeliveryKind.ANSWER) and not is_direct(delivery):
            client = await self.clients(rendered.workspace)
            self.sessions.show(client, rendered, delivery.channel_id, rendered.thread.thread_ts or ts)
        self.metrics.deliveries.labels(delivery.kind, "posted" if posted else "updated").inc()
        if posted:
            age = (self.clock() - delivery.created_at).total_seconds()
            self.metrics.delivery_age.labels(delivery.kind).observe(max(0.0, age))
            log.info(
                "delivery.sent",
                team=rendered.workspace.team_id,
                thread=rendered.thread.id,
                run=delivery.run_id,
                kind=delivery.kind,
                sequence=delivery.sequence,
                attempts=attempts,
            )
            self.wake("submit")
            self.wake("deliver")
        elif attempts:
            log.info("delivery.recovered", run=delivery.run_id, delivery=delivery.id, attempts=attempts)

    async def _owe_the_rest(self, session: AsyncSession, delivery: Delivery, rendered: Rendered) -> None:
        for sequence in range(1, rendered.parts):
            await deliveries.owe(
                session,
                token=self.new_id(),
                workspace_id=delivery.workspace_id,
                run_id=delivery.run_id,
                kind=DeliveryKind.ANSWER,
                subject=delivery.subject,
                sequence=sequence,
                channel_id=delivery.channel_id,
                recipient_id=delivery.recipient_id,
            )

    async def _hold(self, delivery: Delivery, occasion: Occasion) -> None:
        """Give its requester alone what their channel may not see yet, and let them decide about that."""
        async with self.db.write() as session:
            await put_by(session, delivery, occasion, lease=_lease(delivery), new_id=self.new_id)
        log.info("delivery.held", team=occasion.workspace.team_id, run=delivery.run_id, kind=delivery.kind)
        self.wake("deliver")

    async def _failed(self, delivery: Delivery, occasion: Occasion, error: DeliveryError) -> None:
        self.metrics.delivery_failures.labels(delivery.kind, type(error).__name__).inc()
        if not delivery.attempts:
            log.warning(
                "delivery.failing",
                team=occasion.workspace.team_id,
                run=delivery.run_id,
                delivery=delivery.id,
                kind=delivery.kind,
                decision=type(error).__name__,
                error=error.code,
                slack_request=error.request_id,
            )
        given_up = delivery.kind == DeliveryKind.NOTICE and delivery.attempts + 1 >= MOST_NOTICE_ATTEMPTS
        passing = isinstance(error, UncertainError | NotSentError | RateLimitedError) or (
            isinstance(error, TokenDeadError) and delivery.attempts + 1 < MOST_TOKEN_ATTEMPTS
        )
        notice_by_another_road = delivery.kind == DeliveryKind.NOTICE and not delivery.attempts
        if (passing or notice_by_another_road) and not given_up:
            await self._later(delivery, error)
        else:
            await self._drop(delivery, error.code, occasion, gone=isinstance(error, TokenDeadError))

    async def _later(self, delivery: Delivery, error: DeliveryError) -> None:
        attempts = delivery.attempts + 1
        seconds = self.backoff(attempts) if error.retry_after is None else error.retry_after
        posting = delivery.ts is None
        async with self.db.write() as session:
            await sending.settle(
                session,
                delivery,
                owner=_lease(delivery),
                state=DeliveryState.PENDING,
                attempts=attempts,
                due_at=database_now(seconds),
                uncertain=delivery.uncertain or (posting and isinstance(error, UncertainError)),
                ts=delivery.ts,
                shown=None,
            )

    async def _drop(
        self, delivery: Delivery, why: str, occasion: Occasion | None = None, *, gone: bool = False
    ) -> None:
        """Close a delivery that Slack will never take; the rep hears of it another way, once."""
        posting = delivery.ts is None
        async with self.db.write() as session:
            await runs.hold(session, delivery.run_id)
            await sending.settle(
                session,
                delivery,
                owner=_lease(delivery),
                state=DeliveryState.DROPPED,
                dropped_reason=why[:255],
            )
            if posting and delivery.kind == DeliveryKind.OPENING:
                await self.consequences.opening_refused(session, delivery, why, token=self.new_id())
            elif not posting or delivery.kind != DeliveryKind.ANSWER or occasion is None or gone:
                pass
            elif is_direct(delivery):
                await cannot_tell(session, occasion.run, why, token=self.new_id())
            else:
                await deliveries.owe(
                    session,
                    token=self.new_id(),
                    workspace_id=delivery.workspace_id,
                    run_id=delivery.run_id,
                    kind=DeliveryKind.NOTICE,
                    subject="cannot_post",
                    channel_id=delivery.channel_id,
                    recipient_id=occasion.run.requester_id,
                    payload={
                        "code": "cannot_post",
                        "error": why,
                        "channel_id": delivery.channel_id,
                        "ended": True,
                    },
                )
        self.metrics.deliveries.labels(delivery.kind, "dropped").inc()
        log.info("delivery.dropped", run=delivery.run_id, delivery=delivery.id, kind=delivery.kind, why=why)
        self.wake("deliver")


def _lease(delivery: Delivery) -> str:
    assert delivery.lease_owner is not None
    return delivery.lease_owner
