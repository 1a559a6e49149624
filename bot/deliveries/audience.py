"""Who sees a channel: this company alone, or people of others too (Slack Connect)."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from bot.deliveries.errors import (
    CannotPostError,
    NotSentError,
    RateLimitedError,
    TokenDeadError,
    UncertainError,
    decide,
)
from bot.tasks import Asking
from bot.views.opening import ASKED_ELSEWHERE
from storage.records import DIRECT, DeliveryKind, RunState

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.deliveries.slack import Clients
    from storage.records import Delivery, Run, Workspace

log = structlog.get_logger(__name__)

KEEP_SECONDS = 30.0
"""A channel that is shared just now may get, for so long, what could be shown there before."""
MOST_CHANNELS = 5_000

WITH_LEADS = frozenset({DeliveryKind.ANSWER, DeliveryKind.PREVIEW, DeliveryKind.REMINDER})


@dataclass(frozen=True, slots=True)
class Audience:
    """Whether people of other companies see a channel, or may, and of how many as far as Slack tells."""

    outsiders: bool
    companies: int = 0
    known: bool = True
    """False where Slack does not let the app know: then nothing is shown unasked."""


OURS = Audience(outsiders=False)
UNKNOWN = Audience(outsiders=True, known=False)


@dataclass(slots=True)
class Audiences:
    """Asks Slack who sees a channel, and remembers for a short while what it said."""

    clients: Clients
    clock: Callable[[], float] = time.monotonic
    _known: OrderedDict[tuple[str, str], tuple[float, Audience]] = field(default_factory=OrderedDict)
    _asking: Asking[Audience] = field(default_factory=Asking)

    async def of(self, workspace: Workspace, channel_id: str) -> Audience:
        """Who sees a channel. Raises a DeliveryError when Slack does not tell just now."""
        if channel_id.startswith("D"):
            return OURS
        key = (workspace.id, channel_id)
        kept = self._known.get(key)
        if kept and self.clock() - kept[0] < KEEP_SECONDS:
            return kept[1]
        try:
            audience = await self._asking(key, partial(self._ask, workspace, channel_id))
        except CannotPostError:
            # Where the app may not look it cannot post either: whoever tries hears why.
            return OURS
        self._known[key] = (self.clock(), audience)
        self._known.move_to_end(key)
        while len(self._known) > MOST_CHANNELS:
            self._known.popitem(last=False)
        return audience

    async def _ask(self, workspace: Workspace, channel_id: str) -> Audience:
        client = await self.clients(workspace)
        try:
            answer = await client.conversations_info(channel=channel_id)
        except Exception as raised:
            error = decide(raised)
            if isinstance(error, UncertainError):
                # Nothing is posted by a question.
                raise NotSentError(error.code) from raised
            if isinstance(error, NotSentError | RateLimitedError | TokenDeadError | CannotPostError):
                raise error from raised
            log.warning("audience.unknown", team=workspace.team_id, channel=channel_id, error=error.code)
            return UNKNOWN
        return audience_of(answer["channel"], workspace.team_id)


def audience_of(channel: dict[str, Any], team_id: str) -> Audience:
    """Read Slack's channel object; workspaces of one organisation (``is_org_shared``) are one company."""
    if not (channel.get("is_ext_shared") or channel.get("is_pending_ext_shared")):
        return OURS
    teams = channel.get("connected_team_ids") or channel.get("shared_team_ids") or []
    internal = {team_id, *(channel.get("internal_team_ids") or [])}
    return Audience(outsiders=True, companies=len(set(teams) - internal))


def tells_of_leads(delivery: Delivery, run: Run) -> bool:
    """Whether a message holds what other companies may only see with its requester's word."""
    if run.shown_at is not None or delivery.channel_id.startswith("D"):
        return False
    if delivery.kind == DeliveryKind.OPENING:
        reason = run.reason or {}
        # Who holds the account's slots, or why Origami does not take its key, is nothing for others.
        tells_why = bool(reason.get("holders")) or (run.state == RunState.RUNNING and bool(reason))
        return run.state == RunState.FINISHED or run.source in ASKED_ELSEWHERE or tells_why
    return delivery.kind in WITH_LEADS and delivery.subject != DIRECT
