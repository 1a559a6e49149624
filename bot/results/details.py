"""What a run cost and what was said in it, read from Origami when somebody asks."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot import origami
from bot.origami import Priority, ceiling
from storage import budgets, runs
from storage.records import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.results.tools import Connections
    from storage.database import Database
    from storage.records import Workspace

KEEP_SECONDS = 60.0
"""So that turning a page asks nobody: a transcript comes whole."""
MOST_KEPT = 32
MESSAGES = 200
MESSAGE_CHARACTERS = 10_000
CHARACTERS = 300_000
"""Ours: what is kept of a transcript, some 35 pages of it."""


class Part(StrEnum):
    """What can be asked for; Origami's own words for it."""

    STATS = "stats"
    TRANSCRIPT = "transcript"


class Why(StrEnum):
    """Why there is nothing to tell."""

    GONE = "gone"
    """This workspace has no such run."""
    LOST = "lost"
    """Origami no longer knows it."""
    NO_KEY = "no_key"
    LATER = "later"
    """The minute's requests are spent."""
    NO_ANSWER = "no_answer"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """A run as Origami shows it now, with the part that was asked for."""

    run: origami.Run
    rise: tuple[str, float] | None = None
    """A table's id, and how many credits its total has risen by since before the run."""
    left_out: int = 0
    """Messages of the transcript beyond those kept."""


@dataclass(frozen=True, slots=True)
class Untold:
    """Nothing to tell."""

    why: Why
    error: origami.OrigamiError | None = None
    """What Origami said, where it refused."""


@dataclass(slots=True)
class Details:
    """Asks Origami about finished runs, at most once a minute for each part of each."""

    db: Database
    origami: Connections
    clock: Callable[[], float] = time.monotonic
    _kept: OrderedDict[tuple[str, str, Part], tuple[float, Told]] = field(default_factory=OrderedDict)

    async def ask(self, workspace: Workspace, run_id: str, part: Part) -> Told | Untold:
        """What is known, or what Origami says now. Raises nothing that Origami does."""
        key = (workspace.id, run_id, part)
        kept = self._kept.get(key)
        if kept and self.clock() - kept[0] < KEEP_SECONDS:
            return kept[1]
        told = await self._ask(workspace, run_id, part)
        if isinstance(told, Told):
            self._kept[key] = (self.clock(), told)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return told

    async def _ask(self, workspace: Workspace, run_id: str, part: Part) -> Told | Untold:
        async with self.db.read() as session:
            run = await runs.of_workspace(session, run_id, workspace.id)
            watch = await session.get(Watch, run.id) if run else None
        if run is None or not (run.agent_id and run.origami_run_id):
            return Untold(Why.GONE)
        client = self.origami.client(workspace)
        if client is None:
            return Untold(Why.NO_KEY)
        async with self.db.write() as session:
            name = self.origami.budget_name(workspace)
            granted = await budgets.spend(session, name, want=1, ceiling=ceiling(Priority.READ))
        if not granted:
            return Untold(Why.LATER)
        try:
            polled = await client.run(run.agent_id, run.origami_run_id, include=(part,))
        except origami.OrigamiError as error:
            return Untold(_why(error), error)
        if part is Part.TRANSCRIPT:
            return _trimmed(polled.run)
        return Told(polled.run.bounded(), rise=_rise(polled.run, watch))


def _why(error: origami.OrigamiError) -> Why:
    match error:
        case origami.Unavailable():
            return Why.NO_ANSWER
        case origami.Throttled():
            return Why.LATER
        case origami.NotFound():
            return Why.LOST
        case _:
            return Why.REFUSED


def _rise(run: origami.Run, watch: Watch | None) -> tuple[str, float] | None:
    """Compare the watched table's credits with those before the run; None where either is not known."""
    if watch is None or watch.credits_before is None or run.response is None:
        return None
    for table in run.response.tables:
        if table.id == watch.table_id and table.credits.lifetime_used >= watch.credits_before:
            return table.id, table.credits.lifetime_used - watch.credits_before
    return None


def _trimmed(run: origami.Run) -> Told:
    """Keep the transcript alone, cut to what anybody reads."""
    if run.response is None:
        return Told(run)
    whole, kept, room = run.response.transcript, [], CHARACTERS
    for message in map(_cut, whole[:MESSAGES]):
        room -= len(message.content) + len(message.result or "")
        if room < 0:
            break
        kept.append(message)
    response = origami.Response(
        transcript=tuple(kept), transcript_truncated=run.response.transcript_truncated
    )
    return Told(run.model_copy(update={"response": response}), left_out=len(whole) - len(kept))


def _cut(message: origami.TranscriptMessage) -> origami.TranscriptMessage:
    texts = (message.content, message.result or "")
    if max(map(len, texts)) <= MESSAGE_CHARACTERS:
        return message
    content, result = (text[:MESSAGE_CHARACTERS] for text in texts)
    return message.model_copy(update={"content": content, "result": result, "truncated": True})
