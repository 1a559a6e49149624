"""What sending needs, wired once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from bot.metrics import Metrics

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
    from storage.records import Delivery


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
class Tools:
    """Storage, Slack, the clock, chance, and the bell for the ticks."""

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


def lease_of(delivery: Delivery) -> str:
    """Under whose name a claimed delivery is leased."""
    assert delivery.lease_owner is not None
    return delivery.lease_owner
