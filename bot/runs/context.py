"""What every step in the life of a run needs, wired once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from bot.metrics import Metrics
from bot.origami.budget import POLLS_A_MINUTE
from bot.tasks import Lots

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from bot.origami import Origami
    from bot.runs.attachments import Files
    from storage.database import Database
    from storage.records import Workspace


class Connections(Protocol):
    """Origami in the name of a workspace."""

    def client(self, workspace: Workspace) -> Origami | None:
        """A client with the workspace's key; None while nobody has connected it."""

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted: never the key itself."""


class Admins(Protocol):
    """Who manages a workspace in Slack."""

    async def __call__(self, workspace: Workspace) -> Sequence[str] | None:
        """Some of its admins' user ids; None when Slack does not tell just now."""


async def nobody(workspace: Workspace) -> None:
    """Know of no admins."""
    del workspace


class Wake(Protocol):
    """Tells a tick that there is work for it, so that nobody waits for the next second."""

    def __call__(self, tick: str) -> None:
        """Wake the named tick, such as ``submit`` or ``deliver``."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take, in seconds; tests and the sandbox shorten it."""

    tick: float = 1.0
    """How often due work is looked for, where nothing in this process tells of it."""
    lease: float = 60.0
    """Longer than the slowest batch: one Origami call with its time-out, and what follows."""
    first_poll: float = 15.0
    """Origami's documented Retry-After, where an answer carries none."""
    polls_a_minute: float = POLLS_A_MINUTE
    """What all open runs of one key may spend on polls together; beyond it their polls are stretched."""
    stop_poll: float = 2.0
    """A stopped run is asked about more often: somebody is watching."""
    slot_retry: float = 30.0
    """The longest wait between two tries for a slot, which a colleague may free at any time."""
    refused_key_retry: float = 300.0
    backoff_base: float = 1.0
    backoff_cap: float = 60.0
    slack_call: float = 15.0
    """The time-out of one call to Slack."""
    posts_apart: float = 1.0
    """Slack: about one message a second in a channel."""
    dead_token: float = 15.0
    """From a refused token to the end of what goes on in its workspace: a new one may be on its way."""
    progress_apart: float = 5.0
    """Slack advises at most one update of a message in 3 seconds."""
    share_shows: float = 5.0
    """Slack takes a file, and shows it in the thread a moment later."""
    minute: float = 60.0
    """How long a minute of a setting takes."""
    watch_first: float = 20.0
    """A table that still fills is read again after so long, and then ever more slowly."""
    watch_slowest: float = 60.0
    watch_limit: float = 600.0
    """A table that fills for longer is read no more."""
    silence_limit: float = 3600.0
    """A run without an answer, or without an end, for this long is lost."""


@dataclass(frozen=True, slots=True)
class Context:
    """The tools of ``bot.runs``: storage, Origami, the clock, chance, and the bell for the ticks."""

    db: Database
    origami: Connections
    files: Files
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    jitter: Callable[[], float]
    """A number from 0 to 1, evenly spread."""
    wake: Wake
    owner: str
    """This process, in every lease that it takes."""
    pace: Pace
    admins: Admins = nobody
    """Who can connect a workspace."""
    wakes_later: Wake | None = None
    """The same for what nobody waits for at once; None where it makes no difference."""
    metrics: Metrics = field(default_factory=Metrics.create)
    lots: Lots[Any, Any] = field(default_factory=Lots)
    """Where briefs meet that arrive together, and clicks."""

    def wake_soon(self, tick: str) -> None:
        """Wake a tick for what may wait a moment, until there is more of it."""
        (self.wakes_later or self.wake)(tick)

    def backoff(self, attempts: int) -> float:
        """Seconds until the next try: exponential with full jitter, capped, never nothing."""
        return max(
            0.1, min(self.pace.backoff_cap, self.pace.backoff_base * 2.0 ** min(attempts, 16)) * self.jitter()
        )
