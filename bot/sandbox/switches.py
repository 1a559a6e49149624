"""Switches that make the local Slack and the local Origami misbehave, and the speed of time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from bot.sandbox.local_origami import Fault as OrigamiFault
from bot.sandbox.local_slack import Fault as SlackFault

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.local_origami import LocalOrigami
    from bot.sandbox.local_slack import LocalSlack

SPEEDS: Final = (1, 10, 60)
STEP_SECONDS: Final = 20.0
"""One scripted step at speed 1: a short run then takes two minutes, as a real one may."""
RETRY_AFTER_SECONDS: Final = 15.0
"""Origami's own wait between polls, divided by the speed and never under a second: the bot may ask 80 times
a minute."""

NO_CREDITS: Final = "no_credits"
NO_SLOTS: Final = "no_slots"
FEW_CREDITS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Switch:
    """One way to misbehave: what the page calls it, and the faults that do it."""

    name: str
    side: Literal["Origami", "Slack"]
    label: str
    explains: str
    on_origami: tuple[tuple[OrigamiFault, dict[str, Any]], ...] = ()
    on_slack: tuple[dict[str, Any], ...] = ()


SWITCHES: Final = (
    Switch(
        "slow_origami",
        "Origami",
        "Slow answers",
        "Every request takes three seconds.",
        on_origami=((OrigamiFault(kind="delay", seconds=3.0), {}),),
    ),
    Switch(
        "failing_origami",
        "Origami",
        "Server errors",
        "Two of three requests get a 503.",
        on_origami=((OrigamiFault(kind="error", status=503), {"probability": 0.67}),),
    ),
    Switch(
        "lost_starts",
        "Origami",
        "Lost starts",
        "The run starts, but the answer is lost: the bot must find it, not start another.",
        on_origami=(
            (OrigamiFault(kind="reset", after_work=True), {"on": "POST /agents", "probability": 0.67}),
        ),
    ),
    Switch(NO_CREDITS, "Origami", "No credits left", "Nothing can be started."),
    Switch(
        NO_SLOTS, "Origami", "All slots taken", "Colleagues hold every slot in Origami's app: runs queue."
    ),
    Switch(
        "lost_posts",
        "Slack",
        "Lost posts",
        "Half of the messages stand in Slack, but the bot is never told.",
        on_slack=({"kind": "reset_after", "method": "chat.postMessage", "probability": 0.5},),
    ),
    Switch(
        "rate_limits",
        "Slack",
        "Rate limits",
        "Half of the posts and updates get a 429: try again in two seconds.",
        on_slack=tuple(
            {"kind": "ratelimited", "method": method, "probability": 0.5, "seconds": 2.0}
            for method in ("chat.postMessage", "chat.update")
        ),
    ),
    Switch(
        "twice",
        "Slack",
        "Everything twice",
        "Commands, clicks and events are each delivered twice.",
        on_slack=tuple(
            {"kind": "duplicate", "method": f"delivery:{kind}"}
            for kind in ("slash_commands", "interactive", "events_api")
        ),
    ),
)


class Switchboard:
    """Which switches are on, and how fast time goes; `changed` is called after each change."""

    def __init__(
        self, slack: LocalSlack, origami: LocalOrigami, speed: float, changed: Callable[[], object]
    ) -> None:
        self._slack, self._origami, self._changed = slack, origami, changed
        self._slack_faults: list[SlackFault] = []
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._credits = origami.orgs["local"].credits
        self.on: set[str] = set()
        self.speed = speed
        self.set_speed(speed)

    def set(self, name: str, *, on: bool, seconds: float | None = None) -> None:
        """Turn a switch on or off; with `seconds` it goes off by itself. KeyError for an unknown one."""
        if name not in {switch.name for switch in SWITCHES}:
            raise KeyError(name)
        timer = self._timers.pop(name, None)
        if timer is not None:
            timer.cancel()
        if on and seconds is not None:
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(seconds, lambda: self.set(name, on=False))
        if on != (name in self.on):
            self.on ^= {name}
            self._apply(name, on=on)
        self._changed()

    def set_speed(self, speed: float) -> None:
        """Let Origami's work and its waits pass `speed` times as fast. ValueError unless it is above 0."""
        self._origami.clock.set_speed(speed)
        self._origami.set_retry_after(max(1.0, RETRY_AFTER_SECONDS / speed))
        self.speed = speed
        self._changed()

    def close(self) -> None:
        """Forget what was to be turned off later."""
        for timer in self._timers.values():
            timer.cancel()

    def as_json(self) -> dict[str, Any]:
        """The switches and the speed, for the page."""
        shown = [
            {
                "name": s.name,
                "side": s.side,
                "label": s.label,
                "explains": s.explains,
                "on": s.name in self.on,
            }
            for s in SWITCHES
        ]
        return {"switches": shown, "speed": self.speed, "speeds": SPEEDS}

    def _apply(self, name: str, *, on: bool) -> None:
        if name == NO_CREDITS:
            org = self._origami.orgs["local"]
            if on:
                self._credits = org.credits
            org.credits = min(self._credits, FEW_CREDITS) if on else self._credits
        elif name == NO_SLOTS:
            slots = self._origami.orgs["local"].slots or 0
            self._origami.hold_slots(slots if on else 0)
        else:
            self._apply_faults()

    def _apply_faults(self) -> None:
        switches = [switch for switch in SWITCHES if switch.name in self.on]
        self._origami.faults.clear()
        for switch in switches:
            for fault, rule in switch.on_origami:
                self._origami.faults.add(fault, **{"count": None, **rule})
        for old in self._slack_faults:
            self._slack.faults.active.remove(old)
        self._slack_faults = [
            self._slack.faults.add(SlackFault(times=None, **fault)) for s in switches for fault in s.on_slack
        ]
