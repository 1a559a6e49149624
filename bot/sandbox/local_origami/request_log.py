"""Every request as the local Origami saw it."""

from collections import deque
from dataclasses import dataclass


@dataclass
class RequestRecord:
    """One request as the local Origami saw it.

    `time` is Unix seconds; `org` the name of the key's organisation; `body` the text as it came; `status`
    what Origami answered, None as long as there is no answer, even where a fault kept the client from
    seeing it; `fault` the kind of fault that the request met.
    """

    time: float
    method: str
    path: str
    query: str
    idempotency_key: str | None
    body: str
    request_id: str
    org: str | None = None
    status: int | None = None
    replay: bool = False
    fault: str | None = None


class RequestLog:
    """The last requests, oldest first; bounded, so that a long session does not fill the memory."""

    def __init__(self, size: int) -> None:
        self._records: deque[RequestRecord] = deque(maxlen=size)

    def add(self, record: RequestRecord) -> None:
        """Remember a request."""
        self._records.append(record)

    def all(self) -> list[RequestRecord]:
        """What is remembered."""
        return list(self._records)
