"""What Origami can answer instead of what was asked: one class for each decision that a caller must make.

OrigamiError
├── Unavailable            5xx, no answer, no JSON: it may have happened; reconcile before sending again
│   ├── Unreachable        no connection: it has not happened; send again later
│   └── MalformedAnswer    2xx that cannot be read: it happened; what exactly must be found out
├── KeyRefused             401, 403: stop using this key, tell the admin
├── PaymentRequired        402: a person must act
│   ├── SubscriptionRequired   the plan has no API
│   ├── InsufficientCredits    top up
│   ├── BudgetExceeded         raise a budget; topping up does not help
│   └── AccountBlocked         settle the bill
├── InvalidRequest         400, 413, 422: this body will never do
│   ├── ModelNotAvailable      pick another model
│   └── UploadFailed           the file cannot be read; `problems` say why
├── NotFound               404
│   ├── AgentNotFound          start a new agent
│   ├── RunNotFound            the run is lost
│   └── TableNotFound          the table is gone
├── Conflict               409
│   ├── AgentBusy              wait for its current run
│   └── IdempotencyConflict    still in flight, or the key was used for another body
├── Throttled              429: wait
│   ├── NoFreeSlot             for a run to end
│   └── TooManyRequests        for the minute to pass
└── Refused                any other 4xx
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from bot.origami import _reading as reading
from bot.origami import retry_after as retry_after_header

MESSAGE_CHARACTERS = 300

_BY_STATUS: dict[int, type["OrigamiError"]] = {}
_BY_CODE: dict[tuple[int, str], type["OrigamiError"]] = {}

_SPEAK_WITHOUT_BODY = frozenset({401, 408, 413, 429})
"""Statuses that decide by themselves. Any other 4xx without a JSON object comes from a proxy."""


@dataclass(frozen=True)
class Handoff:
    """A link that a person can open to fix the problem; `url` is https."""

    kind: str
    url: str
    label: str


@dataclass(frozen=True)
class Issue:
    """One thing wrong with a request body."""

    path: str
    message: str


@dataclass(frozen=True)
class ActiveSession:
    """Who holds a slot; a colleague in the Origami app as well as one of our runs."""

    agent_id: str
    name: str
    started_at: datetime | None


class OrigamiError(Exception):
    """Origami did not do what was asked.

    `status` is None when there was no answer; `message` is Origami's own text, one line of at most 300
    characters; `retry_after` is in seconds; `body` is the answer's JSON object, from which a class reads the
    fields of its own.
    """

    statuses: ClassVar[tuple[int, ...]] = ()

    def __init_subclass__(cls, *, statuses: Iterable[int] = (), codes: Iterable[str] = ()) -> None:
        """Register the class for the statuses, or for the codes within the statuses of its parent."""
        super().__init_subclass__()
        if statuses:
            cls.statuses = tuple(statuses)
            _BY_STATUS.update(dict.fromkeys(cls.statuses, cls))
        _BY_CODE.update({(status, code): cls for status in cls.statuses for code in codes})

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        handoff: Handoff | None = None,
        retry_after: float | None = None,
        body: Mapping[str, object] | None = None,
    ) -> None:
        self.message = reading.line(message)[:MESSAGE_CHARACTERS]
        self.status = status
        self.code = code
        self.request_id = request_id
        self.handoff = handoff
        self.retry_after = retry_after
        super().__init__(self.message)
        self._read(body or {})

    def _read(self, body: Mapping[str, object]) -> None:
        """Take the fields that only this class has."""

    def __str__(self) -> str:
        known = [str(self.status or ""), self.code or "", self.message]
        return " ".join(filter(None, known)) or type(self).__name__


class Unavailable(OrigamiError, statuses=(408,)):
    """No answer that can be relied on; `uncertain`: the request may have been carried out all the same."""

    uncertain: ClassVar[bool] = True


class Unreachable(Unavailable):
    """No connection came about (refused, DNS, TLS, connect timeout), so nothing was sent."""

    uncertain: ClassVar[bool] = False


class MalformedAnswer(Unavailable):
    """Origami said yes in a form that cannot be read: what was asked has probably been done."""


class KeyRefused(OrigamiError, statuses=(401, 403)):
    """The key is missing, wrong, revoked, or may not do this."""


class PaymentRequired(OrigamiError, statuses=(402,)):
    """Someone must pay, or allow to pay."""


class SubscriptionRequired(PaymentRequired, codes=("SUBSCRIPTION_REQUIRED",)):
    """The plan has no API access."""


class InsufficientCredits(PaymentRequired, codes=("INSUFFICIENT_CREDITS",)):
    """The wallet is below what a run needs to start; amounts in credits, with fractions."""

    credits_required: float | None
    credits_available: float | None
    top_up_url: str | None

    def _read(self, body: Mapping[str, object]) -> None:
        self.credits_required = reading.number(body.get("creditsRequired"))
        self.credits_available = reading.number(body.get("creditsAvailable"))
        self.top_up_url = reading.https_url(body.get("topUpUrl"))


class BudgetExceeded(PaymentRequired, codes=("BUDGET_EXCEEDED",)):
    """A hard budget of the organisation or the project is used up."""

    blocked_by_budgets: tuple[str, ...]

    def _read(self, body: Mapping[str, object]) -> None:
        self.blocked_by_budgets = reading.lines(body.get("blockedByBudgets"))


class AccountBlocked(PaymentRequired, codes=("ACCOUNT_BLOCKED",)):
    """Billing is blocked; `reason` is payment_failed, spend_limit_reached, settlement_pending or new."""

    reason: str | None

    def _read(self, body: Mapping[str, object]) -> None:
        self.reason = reading.line_or_none(body.get("reason"))


class InvalidRequest(OrigamiError, statuses=(400, 413, 422)):
    """The body breaks a rule of Origami's."""

    issues: tuple[Issue, ...]

    def _read(self, body: Mapping[str, object]) -> None:
        self.issues = reading.each(_issue)(body.get("issues"))


class ModelNotAvailable(InvalidRequest, codes=("MODEL_NOT_AVAILABLE",)):
    """The plan does not unlock the model."""


class UploadFailed(InvalidRequest, codes=("UPLOAD_FAILED",)):
    """Origami could not read what was uploaded; `problems` are its own words, one for each file."""

    problems: tuple[str, ...]

    def _read(self, body: Mapping[str, object]) -> None:
        super()._read(body)
        self.problems = reading.lines(
            [reading.mapping(one).get("error") for one in reading.sequence(body.get("results"))]
        )


class NotFound(OrigamiError, statuses=(404,)):
    """What was named does not exist, or not for this key."""


class AgentNotFound(NotFound, codes=("AGENT_NOT_FOUND",)):
    """No such agent."""


class RunNotFound(NotFound, codes=("RUN_NOT_FOUND",)):
    """No such run."""


class TableNotFound(NotFound, codes=("TABLE_NOT_FOUND",)):
    """No such table."""


class Conflict(OrigamiError, statuses=(409,)):
    """Something else stands in the way."""


class AgentBusy(Conflict, codes=("AGENT_BUSY",)):
    """The agent works on another run, `current_run`: ours from an uncertain start, or somebody else's."""

    current_run: str | None
    started_at: datetime | None

    def _read(self, body: Mapping[str, object]) -> None:
        current = reading.mapping(body.get("currentRun"))
        self.current_run = reading.line_or_none(current.get("id"))
        self.started_at = reading.moment(current.get("startedAt"))


class IdempotencyConflict(Conflict, codes=("IDEMPOTENCY_ERROR",)):
    """The key belongs to a request that is still in flight, or to another body."""


class Throttled(OrigamiError, statuses=(429,)):
    """Later; `wait_seconds` is what Origami asks for, or a minute where it does not say."""

    @property
    def wait_seconds(self) -> float:
        """The seconds to wait."""
        return 60.0 if self.retry_after is None else self.retry_after


class TooManyRequests(Throttled, statuses=(429,)):
    """The organisation's requests of this minute are spent."""


class NoFreeSlot(Throttled, codes=("CONCURRENT_LIMIT_EXCEEDED",)):
    """All the plan's concurrent runs are taken; `limit` is their number."""

    limit: int | None
    active_sessions: tuple[ActiveSession, ...]
    can_upgrade: bool

    def _read(self, body: Mapping[str, object]) -> None:
        self.limit = reading.count_or_none(body.get("limit"))
        self.active_sessions = reading.each(_session)(body.get("activeSessions"))
        self.can_upgrade = body.get("canUpgrade") is True


class Refused(OrigamiError):
    """A 4xx that no other class stands for."""


# The one 403 that is not about the key; refusing the key for it would stop every poll.
_BY_CODE[403, "WORKSPACE_LIMIT_REACHED"] = Refused


def from_answer(status: int, headers: Mapping[str, str], content: bytes, *, now: datetime) -> OrigamiError:
    """The error in an answer that is not 2xx; `headers` must be case-insensitive, `now` aware."""
    try:
        parsed = reading.parse_json(content)
    except ValueError:
        parsed = None
    body = reading.mapping(parsed)
    nested = reading.mapping(body.get("error"))
    code = reading.line_or_none(body.get("code") or nested.get("code"))
    message = reading.line(body.get("error")) or reading.line(body.get("message") or nested.get("message"))
    return _class_for(status, code, spoke=isinstance(parsed, dict))(
        message or f"HTTP {status}",
        status=status,
        code=code,
        request_id=reading.line_or_none(headers.get("x-request-id")),
        handoff=_handoff(body.get("handoff")),
        retry_after=retry_after_header.parse(headers.get("retry-after"), now=now),
        body={**reading.mapping(body.get("details")), **body},
    )


def _class_for(status: int, code: str | None, *, spoke: bool) -> type[OrigamiError]:
    if not 400 <= status < 500 or not (spoke or status in _SPEAK_WITHOUT_BODY):
        return Unavailable
    return _BY_CODE.get((status, code or "")) or _BY_STATUS.get(status, Refused)


def _handoff(value: object) -> Handoff | None:
    found = reading.mapping(value)
    url = reading.https_url(found.get("url"))
    return Handoff(reading.line(found.get("kind")), url, reading.line(found.get("label"))) if url else None


def _issue(value: object) -> Issue | None:
    found = reading.mapping(value)
    path = found.get("path")
    joined = ".".join(map(reading.line, path)) if isinstance(path, list) else reading.line(path)
    message = reading.line(found.get("message"))
    return Issue(joined, message) if message else None


def _session(value: object) -> ActiveSession | None:
    if not isinstance(value, dict):
        return None
    agent_id, name = reading.line(value.get("agentId")), reading.line(value.get("name"))
    return ActiveSession(agent_id, name, reading.moment(value.get("startedAt")))
