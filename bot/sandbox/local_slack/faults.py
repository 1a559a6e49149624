"""Misbehaviour on demand, matched by method or delivery."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal

FaultKind = Literal[
    "delay",  # wait `seconds` first
    "error_before",  # HTTP `status` without doing the work
    "error_after",  # do the work, then HTTP `status`
    "reset_before",  # cut the connection without doing the work
    "reset_after",  # do the work, then cut the connection
    "lost",  # do the work, never answer; for a delivery: never send it
    "ratelimited",  # HTTP 429 with `seconds` as Retry-After
    "html",  # HTTP `status` with a page instead of JSON
    "skew",  # the answer's Date is `seconds` away from ours
    "refuse",  # `{"ok": false, "error": error}`
    "duplicate",  # deliver twice (deliveries only)
]
ANY: Final = "*"


@dataclass(kw_only=True, eq=False)
class Fault:
    """One kind of misbehaviour.

    `method` is a Web API method, `response_url`, `upload`, or `delivery:` and `slash_commands`, `interactive`
    or `events_api`; `*` matches every Web API method. It strikes `times` times (None: for ever) after `skip`
    matching calls, each time with `probability`.
    """

    kind: FaultKind
    method: str = ANY
    times: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seconds: float = 1.0
    status: int = 503
    error: str = "internal_error"
    struck: int = 0

    def matches(self, method: str) -> bool:
        """Whether it concerns this method."""
        return self.method == method or (self.method == ANY and not method.startswith("delivery:"))


class Faults:
    """The faults in force; `chance` gives a number in [0, 1)."""

    def __init__(self, chance: Callable[[], float] = random.random) -> None:
        self._chance = chance
        self.active: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Put it in force."""
        self.active.append(fault)
        return fault

    def clear(self) -> None:
        """Behave again."""
        self.active.clear()

    def take(self, method: str) -> list[Fault]:
        """The faults that strike this call; each counts as used."""
        striking = []
        for fault in [f for f in self.active if f.matches(method)]:
            if fault.skip > 0:
                fault.skip -= 1
            elif (fault.times is None or fault.struck < fault.times) and self._chance() < fault.probability:
                fault.struck += 1
                striking.append(fault)
        return striking


def first(faults: Iterable[Fault], *kinds: FaultKind) -> Fault | None:
    """The first fault of one of these kinds."""
    return next((fault for fault in faults if fault.kind in kinds), None)
