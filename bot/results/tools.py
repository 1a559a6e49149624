"""What the work on a finished run's results takes, wired by the composition root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from bot.metrics import Metrics
    from bot.origami import Origami
    from storage.database import Database
    from storage.records import Workspace


class Connections(Protocol):
    """Origami in the name of a workspace."""

    def client(self, workspace: Workspace) -> Origami | None:
        """A client with the workspace's key; None while nobody has connected it."""

    def budget_name(self, workspace: Workspace) -> str:
        """Under which name the key's requests are counted."""


class Pace(Protocol):
    """How long things take, in seconds."""

    @property
    def tick(self) -> float:
        """How often it is looked for what has become possible."""

    @property
    def lease(self) -> float:
        """How long a claim holds, unless it is renewed."""

    @property
    def share_shows(self) -> float:
        """How long Slack may take to show a file that it has taken."""

    @property
    def progress_apart(self) -> float:
        """How far apart a message's updates are that nobody waits for."""

    @property
    def watch_first(self) -> float:
        """After how long a table that still fills is read again at first."""

    @property
    def watch_slowest(self) -> float:
        """After how long it is read again at most."""

    @property
    def watch_limit(self) -> float:
        """For how long it is read in all."""


class Tools(Protocol):
    """Storage, Origami, ids, time and chance, the bell for the ticks, and how long things take."""

    @property
    def db(self) -> Database:
        """Our database."""

    @property
    def origami(self) -> Connections:
        """Origami in the name of a workspace."""

    @property
    def owner(self) -> str:
        """This process, in every lease that it takes."""

    @property
    def pace(self) -> Pace:
        """How long things take."""

    @property
    def metrics(self) -> Metrics:
        """What Prometheus is told."""

    def clock(self) -> datetime:
        """Now, aware."""

    def jitter(self) -> float:
        """A number from 0 to 1, evenly spread."""

    def new_id(self) -> str:
        """A fresh opaque id."""

    def wake(self, tick: str) -> None:
        """Tell a tick that there is work for it."""

    def wake_soon(self, tick: str) -> None:
        """Wake it for what may wait a moment, until there is more of it."""

    def backoff(self, attempts: int) -> float:
        """Seconds until the next try."""
