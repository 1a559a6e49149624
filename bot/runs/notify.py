"""A few words to one person about a run, owed in the transaction of what they are about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.runs.guard import Who
from storage import deliveries

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.context import Context
    from bot.runs.start import Team
    from storage.records import Run


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, where, and through which of Slack's requests."""

    key: str
    team: Team
    user_id: str
    response_url: str | None = field(default=None, repr=False)
    who: Who = field(default_factory=Who, repr=False)
    channel_id: str = ""
    """Where they clicked; empty for what is in no conversation."""


async def tell(
    context: Context,
    session: AsyncSession,
    run: Run,
    actor: Actor,
    code: str,
    **details: Any,  # noqa: ANN401
) -> None:
    """Owe the actor the words for ``code``; once per request of theirs."""
    await deliveries.owe_notice(
        session,
        run,
        token=context.new_id(),
        subject=actor.key,
        recipient_id=actor.user_id,
        acted_in=actor.channel_id,
        payload={"code": code, "response_url": actor.response_url, **details},
    )
