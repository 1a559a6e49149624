"""Slack's own sign that an agent works in a thread, waits for an answer, or is done.

A courtesy: every call may fail and nothing depends on it. Where a workspace does not know agent
sessions, the older status line stands in; where it knows neither, there is none.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from bot.deliveries.errors import NotSentError, RateLimitedError, UncertainError, decide
from bot.features import SESSIONS
from bot.grants import may
from storage.records import RunState

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.rendering import Rendered
    from bot.tasks import Tasks

log = structlog.get_logger(__name__)

RENEW_SECONDS = 30 * 60.0
"""Slack drops ``processing`` after an hour."""
RENEW_OLD_SECONDS = 90.0
"""Slack drops the older status line after two minutes."""
FORGET_SECONDS = 24 * 3600.0
"""A workspace's plan may change: after a day what it refused is tried again."""
MOST_THREADS = 10_000

PROCESSING, SUSPENDED, ACTIVE = "processing", "suspended", "active"
OLD_WORDS = {PROCESSING: "is looking for leads…", SUSPENDED: "", ACTIVE: ""}


@dataclass(slots=True)
class Sessions:
    """What each thread's session was last said to be, in this process."""

    tasks: Tasks
    _shown: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)
    _refused: dict[tuple[str, str], float] = field(default_factory=dict)

    def show(self, client: AsyncWebClient, rendered: Rendered, channel: str, thread_ts: str) -> None:
        """Show where the thread's run stands, in a task of its own; what is shown already is left alone."""
        if not may(client, SESSIONS):
            return
        status, now = _status(rendered), time.monotonic()
        old = self._is_refused(rendered.workspace.id, "new", now)
        if old and self._is_refused(rendered.workspace.id, "old", now):
            return
        last, at = self._shown.get((channel, thread_ts), ("", 0.0))
        renew = RENEW_OLD_SECONDS if old else RENEW_SECONDS
        if last == status and (status != PROCESSING or now - at < renew):
            return
        if len(self._shown) >= MOST_THREADS:
            self._shown.clear()
        self._shown[channel, thread_ts] = (status, now)
        self.tasks.hold(self._say(client, rendered, channel, thread_ts, status), what="agent session")

    async def _say(
        self, client: AsyncWebClient, rendered: Rendered, channel: str, thread_ts: str, status: str
    ) -> None:
        workspace = rendered.workspace.id
        if not self._is_refused(workspace, "new", time.monotonic()):
            try:
                await client.agents_sessions_setStatus(
                    channel_id=channel,
                    thread_ts=thread_ts,
                    status=status,
                    initiator_user_id=rendered.run.requester_id,
                )
            except Exception as error:  # noqa: BLE001  (decide() raises what is not Slack's)
                self._note(workspace, "new", error)
            else:
                return
        try:
            await client.assistant_threads_setStatus(
                channel_id=channel, thread_ts=thread_ts, status=OLD_WORDS[status]
            )
        except Exception as error:  # noqa: BLE001
            self._note(workspace, "old", error)

    def _note(self, workspace_id: str, way: str, error: Exception) -> None:
        decision = decide(error)
        if isinstance(decision, UncertainError | NotSentError | RateLimitedError):
            return
        if (workspace_id, way) not in self._refused:
            log.warning("session.refused", workspace=workspace_id, way=way, error=decision.code)
        self._refused[workspace_id, way] = time.monotonic()

    def _is_refused(self, workspace_id: str, way: str, now: float) -> bool:
        since = self._refused.get((workspace_id, way))
        return since is not None and now - since < FORGET_SECONDS


def _status(rendered: Rendered) -> str:
    if rendered.run.state != RunState.FINISHED:
        return PROCESSING
    return SUSPENDED if rendered.run.status == "needs_input" and rendered.question_waits else ACTIVE
