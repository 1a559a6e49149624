"""What goes wrong in a chaos run, and when: all of it from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.sandbox.local_origami import Fault, rate_limited
from bot.sandbox.local_slack import Fault as SlackFault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.sandbox.local_origami import LocalOrigami
    from bot.sandbox.local_slack import LocalSlack
    from bot.sandbox.local_slack.faults import FaultKind

SHARE = 0.1
"""Of all calls to a service, so many fail."""
HANG_SECONDS = 4.0
"""Longer than the bot waits in a chaos run."""

SLACK: tuple[FaultKind, ...] = (
    "error_before",
    "error_after",
    "reset_before",
    "reset_after",
    "lost",
    "html",
    "ratelimited",
)
ORIGAMI = (
    Fault(kind="error", status=503),
    Fault(kind="error", status=500, after_work=True),
    Fault(kind="html"),
    Fault(kind="html", after_work=True),
    Fault(kind="reset"),
    Fault(kind="reset", after_work=True),
    Fault(kind="hang", seconds=HANG_SECONDS),
    Fault(kind="hang", seconds=HANG_SECONDS, after_work=True),
    Fault(kind="truncated"),
    Fault(kind="cut_short"),
    rate_limited("1"),
    rate_limited(),
)


def break_slack(slack: LocalSlack, seed: int, share: float = SHARE) -> None:
    """A share of the Web API's calls fails, in each of the ways; some deliveries come twice."""
    slack.faults._chance = random.Random(f"{seed}:slack").random
    for kind in SLACK:
        slack.faults.add(SlackFault(kind=kind, times=None, probability=share / len(SLACK)))
    for delivery in ("delivery:slash_commands", "delivery:interactive"):
        slack.faults.add(SlackFault(kind="duplicate", method=delivery, times=None, probability=share))


def break_origami(origami: LocalOrigami, seed: int, share: float = SHARE) -> None:
    """A share of the API's calls fails, in each of the ways."""
    origami.faults._rng = random.Random(f"{seed}:origami")
    left = share
    for fault in ORIGAMI:
        each = share / len(ORIGAMI)
        # The rules are asked one after the other, each about what those before it let through.
        origami.faults.add(fault, on="* **", count=None, probability=each / (1 - (share - left)))
        left -= each


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL for one process, so many seconds after the one before."""

    after: float
    victim: int


def kills(seed: int, processes: int, *, every: float) -> Iterator[Kill]:
    """An endless plan of kills."""
    rng = random.Random(f"{seed}:kills")
    while True:
        yield Kill(rng.uniform(0.5, 1.5) * every, rng.randrange(processes))


def choices(seed: int, **options: tuple[Any, ...]) -> Iterator[dict[str, Any]]:
    """An endless plan of one choice from each of the options."""
    rng = random.Random(f"{seed}:briefs")
    while True:
        yield {name: rng.choice(values) for name, values in options.items()}
