"""What a channel that other companies see may not show: to the requester alone, until they say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.deliveries.errors import decide
from storage import deliveries, discretion, runs
from storage.records import DeliveryKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.deliveries.audience import Audience
    from bot.deliveries.rendering import Rendered
    from storage.records import Delivery, Run, Workspace


class Audiences(Protocol):
    """What is known of who sees a channel."""

    async def of(self, workspace: Workspace, channel_id: str) -> Audience:
        """Who sees it. Raises a DeliveryError when Slack does not tell just now."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a message is about, and who sees it where that makes a difference."""

    workspace: Workspace
    run: Run
    audience: Audience | None = None


async def turn_to_requester(client: AsyncWebClient, delivery: Delivery, rendered: Rendered) -> str | None:
    """Address a message to the requester's conversation with the app; returns the thread there, if any.

    Raises a DeliveryError.
    """
    if rendered.directly is not None:
        delivery.channel_id, root = rendered.directly
        return root
    try:
        opened = await client.conversations_open(users=rendered.run.requester_id)
    except Exception as raised:
        raise decide(raised) from raised
    delivery.channel_id = str(opened["channel"]["id"])
    return None


async def put_by(
    session: AsyncSession, delivery: Delivery, occasion: Occasion, *, lease: str, new_id: Callable[[], str]
) -> None:
    """Owe its requester alone what their channel may not see yet, and the question whether it may.

    Raises LeaseLostError.
    """
    run = await runs.lock(session, delivery.run_id, delivery.workspace_id)
    if run is not None and run.shown_at is not None:
        # Its requester has let everybody see it since it was claimed.
        await discretion.owe_openly(session, delivery, owner=lease)
        return
    await discretion.hold(session, delivery, owner=lease)
    await discretion.owe_directly(session, delivery, occasion.run, token=new_id())
    if delivery.kind == DeliveryKind.ANSWER and delivery.sequence == 0 and occasion.audience:
        asked = {"companies": occasion.audience.companies, "known": occasion.audience.known}
        await discretion.ask(session, delivery, token=new_id(), payload=asked)


async def cannot_tell(session: AsyncSession, run: Run, why: str, *, token: str) -> None:
    """Owe the requester a few words in the thread: what was for them alone could not be sent to them."""
    await deliveries.owe_notice(
        session,
        run,
        token=token,
        subject="cannot_tell",
        recipient_id=run.requester_id,
        payload={"code": "cannot_tell", "error": why},
    )
