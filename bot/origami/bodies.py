"""The bodies of the two requests that start runs: pure, and the same bytes for the same arguments.

The exact body is stored beside its idempotency key, because Origami compares it when a request is repeated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import orjson

from bot.origami import _reading as reading

PROMPT_LIMIT = 10_000
"""Origami: 10,000. It does not say of what, so UTF-16 units, which are never fewer than code points."""
NAME_LIMIT = 80
FOCUS_TABLES_LIMIT = 50
ATTACHMENTS_LIMIT = 20


class EmptyPrompt(ValueError):
    """The prompt has nothing in it."""


class PromptTooLong(ValueError):
    """The prompt exceeds what Origami takes; `length` and `limit` are in UTF-16 units."""

    def __init__(self, length: int) -> None:
        self.length = length
        self.limit = PROMPT_LIMIT
        super().__init__(f"The prompt has {length:,} characters; Origami takes {PROMPT_LIMIT:,}.")


@dataclass(frozen=True)
class Attachment:
    """A document or a table for the agent to look at."""

    kind: Literal["document", "table"]
    id: str


def agent_body(
    prompt: str,
    *,
    name: str | None = None,
    workspace_id: str | None = None,
    model: str | None = None,
    focus_table_ids: Iterable[str] = (),
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """The body of POST /agents; `name` is cut to Origami's 80 characters.

    The agent sees what was uploaded to `workspace_id`.

    Raises EmptyPrompt, PromptTooLong, and ValueError for more than 50 focus tables or 20 attachments.
    """
    body = _run(prompt, model, focus_table_ids, attachments)
    label = _cut(reading.line(name), NAME_LIMIT)
    optional = {"name": label, "workspaceId": workspace_id}
    return _bytes({**body, **{key: value for key, value in optional.items() if value}})


def run_body(
    prompt: str,
    *,
    model: str | None = None,
    focus_table_ids: Iterable[str] = (),
    attachments: Iterable[Attachment] = (),
) -> bytes:
    """The body of POST /agents/{id}/runs; raises as `agent_body` does."""
    return _bytes(_run(prompt, model, focus_table_ids, attachments))


def _run(
    prompt: str, model: str | None, focus_table_ids: Iterable[str], attachments: Iterable[Attachment]
) -> dict[str, object]:
    prompt = reading.text(prompt).strip()
    if not prompt:
        raise EmptyPrompt("The prompt is empty.")
    length = _utf16_units(prompt)
    if length > PROMPT_LIMIT:
        raise PromptTooLong(length)
    focus = list(dict.fromkeys(focus_table_ids))
    if len(focus) > FOCUS_TABLES_LIMIT:
        raise ValueError(f"{len(focus)} focus tables; Origami takes {FOCUS_TABLES_LIMIT}.")
    attached = [{"kind": item.kind, f"{item.kind}Id": item.id} for item in attachments]
    if len(attached) > ATTACHMENTS_LIMIT:
        raise ValueError(f"{len(attached)} attachments; Origami takes {ATTACHMENTS_LIMIT}.")
    optional = {"model": model, "focusTableIds": focus, "attachments": attached}
    return {"prompt": prompt, **{key: value for key, value in optional.items() if value}}


def _bytes(body: dict[str, object]) -> bytes:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def _utf16_units(content: str) -> int:
    return len(content.encode("utf-16-le")) // 2


def _cut(content: str, units: int) -> str:
    return content.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore").rstrip()
