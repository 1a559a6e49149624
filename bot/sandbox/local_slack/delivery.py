"""What Slack sends to the app: one attempt for interactions, retries for events."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from bot.sandbox.local_slack.changes import ChangeFeed
from bot.sandbox.local_slack.errors import NoAckError
from bot.sandbox.local_slack.faults import Faults, first

Json = dict[str, Any]
Kind = Literal["slash_commands", "interactive", "events_api"]
# Slack: docs.slack.dev/apis/events-api; the first retry comes nearly at once.
RETRY_DELAYS_SECONDS: Final = (0.0, 60.0, 300.0)
ACK_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True)
class Ack:
    """The app's acknowledgement: JSON, text or nothing."""

    body: Any = None
    status: int | None = None


@dataclass(kw_only=True, eq=False)
class Delivery:
    """One attempt to hand the app a payload; `latency` in seconds, None while it is under way."""

    kind: Kind
    payload: Json
    at: float
    attempt: int = 0
    retry_reason: str = ""
    ok: bool = False
    latency: float | None = None
    body: Any = None
    status: int | None = None
    error: str = ""

    def as_json(self) -> Json:
        """The delivery for the log."""
        return dict(vars(self))


class Transport(Protocol):
    """A way to the app."""

    async def send(self, delivery: Delivery) -> Ack:
        """Deliver and wait for the ack; NoAckError when there is none."""
        ...


@dataclass(kw_only=True, eq=False)
class Dispatcher:
    """Delivers through `transport`; `speed` divides the waits between retries."""

    feed: ChangeFeed
    faults: Faults
    now: Callable[[], float]
    transport: Transport
    ack_seconds: float = ACK_SECONDS
    speed: float = 1.0
    log: list[Delivery] = field(default_factory=list)
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)

    async def interact(self, kind: Kind, payload: Json) -> Delivery:
        """One attempt, as for commands and clicks: after three seconds the person is told."""
        faults = self.faults.take(f"delivery:{kind}")
        if fault := first(faults, "delay"):
            await asyncio.sleep(fault.seconds)
        delivery = Delivery(kind=kind, payload=payload, at=self.now())
        if first(faults, "lost"):
            delivery.error = "http_timeout"
            self.log.append(delivery)
            return delivery
        if first(faults, "duplicate"):
            self.spawn(self._attempt(Delivery(kind=kind, payload=payload, at=self.now())))
        return await self._attempt(delivery)

    def event(self, payload: Json) -> None:
        """Deliver an event in the background, with Slack's retries."""
        faults = self.faults.take("delivery:events_api")
        if first(faults, "lost"):
            return
        delay = first(faults, "delay")
        for _ in range(2 if first(faults, "duplicate") else 1):
            self.spawn(self._with_retries(payload, delay.seconds if delay else 0.0))

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run in the background until the server stops."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
        if self.idle:
            self.feed.publish("idle")

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way or waiting for a retry."""
        return not self._tasks

    async def close(self) -> None:
        """Stop all deliveries."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _with_retries(self, payload: Json, delay: float) -> None:
        if delay:
            await asyncio.sleep(delay)
        reason = ""
        for attempt in range(len(RETRY_DELAYS_SECONDS) + 1):
            if attempt:
                await asyncio.sleep(RETRY_DELAYS_SECONDS[attempt - 1] / self.speed)
            delivery = Delivery(
                kind="events_api", payload=payload, at=self.now(), attempt=attempt, retry_reason=reason
            )
            await self._attempt(delivery)
            if delivery.ok or delivery.error == "no_retry":
                return
            reason = delivery.error

    async def _attempt(self, delivery: Delivery) -> Delivery:
        self.log.append(delivery)
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            async with asyncio.timeout(self.ack_seconds):
                ack = await self.transport.send(delivery)
            delivery.ok, delivery.body, delivery.status = True, ack.body, ack.status
        except TimeoutError:
            delivery.error = "http_timeout"
        except NoAckError as error:
            delivery.error = error.reason if error.retry else "no_retry"
            delivery.status = error.status
        delivery.latency = clock() - started
        self.feed.publish("delivery", **delivery.as_json())
        return delivery
