"""The real application in a process that can be killed at any of its points.

``python -m tests.crash.bot_process all|web|worker``, with the product's settings in the environment, and
CRASH_LOG and CRASH_AT as in ``tests.crash.points``.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bot import app, logs
from bot.app import Role
from bot.deliveries import claiming
from bot.origami import budget
from bot.runs.context import Pace
from bot.settings import Need, Settings
from bot.workspaces import connection
from tests.crash.points import Points
from tests.crash.weaving import weave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from multiprocessing.connection import Connection

RoleName = Literal["all", "web", "worker"]

ROLES: dict[RoleName, tuple[Role, Need, bool | None]] = {
    "all": (Role.RECEIVE | Role.WORK, Need.RECEIVE, None),
    "web": (Role.RECEIVE, Need.RECEIVE_HTTP, True),
    "worker": (Role.WORK, Need.SEND, None),
}

QUICK = Pace(
    tick=0.25,
    posts_apart=0.02,
    first_poll=0.1,
    polls_a_minute=1_000_000,
    stop_poll=0.05,
    slot_retry=0.2,
    backoff_base=0.05,
    backoff_cap=0.5,
    progress_apart=0.1,
    share_shows=0.2,
)
"""Impatient, but with the product's own leases: what a dead process held is freed by ``Stage.bury``."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What is different from production: how long things take, in seconds, and how much a minute allows."""

    pace: Pace = QUICK
    delivery_lease: float = claiming.LEASE_SECONDS
    origami_call: float = connection.CALL_SECONDS
    allowances: int = 1_000
    """Factor to the requests and updates that a minute allows."""

    def apply(self) -> None:
        """Hold from now on in this process."""
        claiming.LEASE_SECONDS = self.delivery_lease
        connection.CALL_SECONDS = self.origami_call
        claiming.UPDATES_A_MINUTE *= self.allowances
        claiming.PROGRESS_UPDATES_A_MINUTE *= self.allowances
        budget._CEILINGS.update({level: most * self.allowances for level, most in budget._CEILINGS.items()})


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is started with; ``log`` is the file that gets its output."""

    role: RoleName
    environ: Mapping[str, str] = field(repr=False)
    points: Points
    log: str
    conditions: Conditions = Conditions()


@dataclass(frozen=True, slots=True)
class Born:
    """What a process says when it is ready."""

    owner: str
    url: str | None


def live(orders: Orders, born: Connection) -> None:
    """A child's whole life: exits 0 after SIGTERM."""
    output = os.open(orders.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    orders.conditions.apply()
    weave(orders.points.reach)
    asyncio.run(serve(orders.environ, orders.role, orders.conditions.pace, born.send))


async def serve(environ: Mapping[str, str], name: RoleName, pace: Pace, tell: Callable[[Born], Any]) -> None:
    """Run the application until SIGTERM, or until it cannot go on, as the product's own commands do."""
    role, need, over_http = ROLES[name]
    settings = Settings.load(environ, need=need)
    logs.configure(settings)
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with app.running(settings, role, over_http=over_http, pace=pace) as running:
        tell(Born(running.context.owner, running.url))
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(ended.wait()), running.failure}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if running.failure.done():
            running.failure.result()


def main(name: RoleName) -> None:
    """One process by hand."""
    Conditions().apply()
    weave(Points.load(os.environ).reach)
    asyncio.run(serve(os.environ, name, QUICK, lambda born: sys.stdout.write(f"{born}\n")))


if __name__ == "__main__":
    main(sys.argv[1])  # type: ignore[arg-type]
