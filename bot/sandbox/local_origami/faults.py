"""What can go wrong with a request, on demand."""

import asyncio
import random
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.sandbox.local_origami.refusals import Json

Kind = Literal[
    "delay", "error", "answer", "html", "reset", "hang", "truncated", "cut_short", "vanished", "retry_after"
]


class Fault(BaseModel):
    """Something that goes wrong with a request.

    `seconds` is an hour unless given, past any client's time-out; `status` 500, for html 502.

    | kind | what happens | uses |
    |---|---|---|
    | delay | the request is carried out after `seconds` | |
    | error | Origami answers `status`, INTERNAL_ERROR; never stored under an idempotency key | `after_work` |
    | answer | exactly `status`, `body` and `headers`, and nothing is carried out | |
    | html | a proxy answers `status` with a page; what Origami did is stored | `after_work` |
    | reset | the connection is reset; what Origami did is stored | `after_work` |
    | hang | no answer for `seconds`, then the true one | `after_work` |
    | truncated | half of the JSON, as if it were all | |
    | cut_short | half of the body, then the connection closes | |
    | vanished | 404, as if the agent, run or table did not exist | |
    | retry_after | the Retry-After becomes `value`; None removes it, "date" makes it an HTTP date | |
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    after_work: bool = False
    seconds: Annotated[float, Field(ge=0)] = 3_600.0
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    body: Json | None = None
    headers: dict[str, str] = {}
    value: str | None = None


def rate_limited(retry_after: str | None = None) -> Fault:
    """A 429 RATE_LIMITED; without `Retry-After` unless one is given."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    body = {"error": "Too many requests", "code": "RATE_LIMITED"}
    return Fault(kind="answer", status=429, body=body, headers=headers)


class Rule(BaseModel):
    """Which requests a fault befalls.

    `on` is "METHOD /path" below /api/v2; * stands for any method or one part of a path, ** for the rest of
    it. The first `skip` matching requests are spared, then each is hit with `probability` until `count`
    were (None: without end).
    """

    model_config = ConfigDict(extra="forbid")

    fault: Fault
    on: Annotated[str, Field(pattern=r"^[A-Z*]+ (/\S*|\*\*)$")] = "* **"
    count: Annotated[int, Field(ge=1)] | None = 1
    probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    skip: Annotated[int, Field(ge=0)] = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule is about this request."""
        wanted, pattern = self.on.split(" ", 1)
        parts = re.split(r"(\*\*|\*)", pattern)
        regex = "".join({"**": ".*", "*": "[^/]+"}.get(part, re.escape(part)) for part in parts)
        return wanted in ("*", method) and re.fullmatch(regex, path) is not None


class Faults:
    """The plan of faults: each request meets the first rule that matches and takes effect."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rules: list[Rule] = []
        self._released = asyncio.Event()

    def add(self, fault: Fault, **rule: Any) -> Rule:  # noqa: ANN401 - the fields of Rule, which checks them
        """Plan a fault: `on`, `count`, `probability`, `skip` as in Rule."""
        return self.add_rule(Rule(fault=fault, **rule))

    def add_rule(self, rule: Rule) -> Rule:
        """Plan a fault."""
        self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget the plan, and let go of the requests that hang."""
        self._rules.clear()
        self.release()
        self._released = asyncio.Event()

    def rules(self) -> list[Rule]:
        """What is still to come."""
        return list(self._rules)

    def release(self) -> None:
        """Let go of the requests that hang."""
        self._released.set()

    async def hold(self, seconds: float) -> None:
        """Wait for `seconds`, or until the faults are cleared."""
        try:
            await asyncio.wait_for(self._released.wait(), seconds)
        except TimeoutError:
            return

    def befalling(self, method: str, path: str) -> Fault | None:
        """The fault that this request meets; uses it up."""
        for rule in list(self._rules):
            if not rule.matches(method, path):
                continue
            if rule.skip:
                rule.skip -= 1
            elif self._rng.random() < rule.probability:
                if rule.count is not None:
                    rule.count -= 1
                    if rule.count == 0:
                        self._rules.remove(rule)
                return rule.fault
        return None
