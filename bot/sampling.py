"""Figures that nobody's work passes by: taken now and then, and only where somebody reads them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from bot import web
from storage.lengths import lengths

if TYPE_CHECKING:
    import contextlib
    from collections.abc import Awaitable, Callable

    from bot.health import Health
    from bot.metrics import Metrics
    from bot.scheduler import Ticks
    from bot.settings import Settings
    from storage.database import Database

log = structlog.get_logger(__name__)

LOOP_SECONDS = 0.5
QUEUE_SECONDS = 15.0


async def serve_figures(
    stack: contextlib.AsyncExitStack, settings: Settings, health: Health, sampling: Sampling
) -> str | None:
    """Sample, and serve what Prometheus reads beside the health pages, until the stack unwinds.

    The port is one of its own, so that what is public need not show it. None where METRICS_PORT is not set.
    """
    if settings.metrics_port is None:
        return None
    sampler = asyncio.create_task(sampling.run())
    sampler.add_done_callback(_ended)
    stack.callback(sampler.cancel)
    site = web.operators_pages(health, sampling.metrics)
    return await web.serve(stack, site, host=settings.host, port=settings.metrics_port)


def _ended(sampler: asyncio.Task[None]) -> None:
    if not sampler.cancelled() and (error := sampler.exception()):
        log.error("sampling.failed", exc_info=error)


@dataclass(slots=True)
class Sampling:
    """Samples the loop, the ticks and the connection often, and the queues with two queries now and then.

    ``ailment`` says what is wrong with the Socket Mode connection; None where there is none to be.
    """

    metrics: Metrics
    db: Database
    ticks: Ticks
    ailment: Callable[[], Awaitable[str | None]] | None
    _failing: bool = False

    async def run(self) -> None:
        """Sample until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._often())
            group.create_task(self._now_and_then())

    async def _often(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            await asyncio.sleep(LOOP_SECONDS)
            self.metrics.loop_lag.observe(max(0.0, loop.time() - began - LOOP_SECONDS))
            for tick, age in self.ticks.claim_ages().items():
                self.metrics.claim_age.labels(tick).set(age)
            if self.ailment is not None:
                self.metrics.socket_mode.set(await self.ailment() is None)

    async def _now_and_then(self) -> None:
        while True:
            await self._queues()
            await asyncio.sleep(QUEUE_SECONDS)

    async def _queues(self) -> None:
        try:
            async with self.db.read() as session:
                found = await lengths(session)
        except Exception as error:  # noqa: BLE001  (what keeps the database away must not end the sampling)
            if not self._failing:
                log.warning("sampling.failing", error=type(error).__name__)
            self._failing = True
            return
        if self._failing:
            log.info("sampling.recovered")
        self._failing = False
        for state, count in found.runs.items():
            self.metrics.runs.labels(state).set(count)
        self.metrics.deliveries_owed.set(found.owed)
        self.metrics.deliveries_overdue.set(found.overdue)
