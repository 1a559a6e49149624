"""What the doctor says: one line for each thing that was looked at."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

CHECK_SECONDS = 25.0
"""The longest that one group of checks may take."""


class Verdict(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WARN = "warn"
    """It works, and somebody should look at it."""
    FAIL = "fail"
    SKIP = "skip"
    """There is nothing to look at, or it cannot be seen from here."""


NAMES = (
    "settings",
    "slack.token",
    "slack.scopes",
    "slack.app_token",
    "slack.socket_mode",
    "slack.events",
    "slack.signing_secret",
    "slack.request_url",
    "clock",
    "database",
    "database.schema",
    "database.write",
    "database.server",
    "encryption_keys",
    "workspaces",
    "origami.key",
    "origami.plan",
    "origami.slots",
    "origami.credits",
    "metrics_port",
)
"""Every line, in the order in which they are told; ``docs/doctor.md`` explains each."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was looked at (one of NAMES), how it stands, and what to do where it is not well; no secrets."""

    name: str
    verdict: Verdict
    words: str
    to_do: str = ""


def ok(name: str, words: str) -> Line:
    """All is well."""
    return Line(name, Verdict.OK, words)


def warn(name: str, words: str, to_do: str) -> Line:
    """It works, but not as it should, or not for long."""
    return Line(name, Verdict.WARN, words, to_do)


def fail(name: str, words: str, to_do: str) -> Line:
    """The bot cannot work like this."""
    return Line(name, Verdict.FAIL, words, to_do)


def skip(name: str, words: str, to_do: str = "") -> Line:
    """Nothing was looked at."""
    return Line(name, Verdict.SKIP, words, to_do)


async def in_time(name: str, checks: Awaitable[Sequence[Line]]) -> Sequence[Line]:
    """The lines of some checks; one that says so where they do not come to an end."""
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await checks
    except TimeoutError:
        return [fail(name, f"No answer within {CHECK_SECONDS:.0f} s.", "Check the network and try again.")]
    except Exception as error:  # noqa: BLE001  (one check that breaks must not hide what the others found)
        return [fail(name, f"The check itself failed ({type(error).__name__}).", "Run the doctor again.")]
