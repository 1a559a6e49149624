"""One reason why Slack would refuse a payload."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and where.

    `pointer` is an RFC 6901 JSON pointer into the payload, `code` the error that Slack answers with.
    """

    pointer: str
    message: str
    code: str = "invalid_blocks"

    def __str__(self) -> str:
        """Slack's own wording in `response_metadata.messages`."""
        return f"[ERROR] {self.message} [json-pointer:{self.pointer}]"
