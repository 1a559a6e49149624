"""What an app wants to post: read from its arguments, checked, and completed as Slack does."""

import json
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.local_slack.elements import completed
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.mrkdwn import posted_text
from bot.sandbox.local_slack.validation import validate_message
from bot.sandbox.local_slack.validation.limits import MARKDOWN_CHARACTERS
from bot.sandbox.local_slack.validation.walk import places

Json = dict[str, Any]
# Slack refuses metadata above an unpublished size (`metadata_too_large`); this is our reading of it.
METADATA_BYTES: Final = 16_000
FALLBACK_CHARACTERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Content:
    """A checked message body; `metadata` is None where none was sent."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json | None


def content_from(args: Json, ids: Ids) -> Content:
    """The content of a `chat.*` call or a response_url post.

    Raises SlackError `no_text`, `invalid_blocks`, `invalid_blocks_format`, `msg_blocks_too_long`,
    `msg_too_long`, `invalid_attachments`, `markdown_text_conflict` or a metadata error, saying why.
    """
    blocks = decoded(args.get("blocks"), "invalid_blocks_format")
    attachments = decoded(args.get("attachments"), "invalid_attachments")
    text = "" if args.get("text") is None else str(args["text"])
    if args.get("markdown_text"):
        blocks = markdown_blocks(str(args["markdown_text"]), text, blocks)
    if not (text.strip() or blocks or attachments):
        raise SlackError("no_text")
    refuse_problems({"blocks": blocks, "attachments": attachments})
    return Content(
        text=posted_text(text) or fallback(blocks or []),
        blocks=completed(blocks or [], ids),
        attachments=[
            {"id": i + 1, "fallback": "[no preview available]", **a} for i, a in enumerate(attachments or [])
        ],
        metadata=metadata_from(decoded(args.get("metadata"), "invalid_metadata_format")),
    )


def decoded(value: object, error: str) -> Any:  # noqa: ANN401 - JSON of any kind, checked by the caller
    """A JSON argument: as sent in a JSON body, or a JSON string in a form."""
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError as reason:
        raise SlackError(error) from reason


def markdown_blocks(markdown: str, text: str, blocks: object) -> list[Json]:
    """`markdown_text` stands alone and is shown as a markdown block."""
    if text or blocks:
        raise SlackError("markdown_text_conflict")
    if len(markdown) > MARKDOWN_CHARACTERS:
        raise SlackError("msg_too_long")
    return [{"type": "markdown", "text": markdown}]


def refuse_problems(payload: Json) -> None:
    """Answer as Slack does when it will not show the blocks."""
    problems = validate_message(payload)
    if problems:
        special = [p.code for p in problems if p.code != "invalid_blocks"]
        code = special[0] if special else "invalid_blocks"
        raise SlackError(
            code,
            errors=[f"{p.message} [json-pointer:{p.pointer}]" for p in problems],
            response_metadata={"messages": [str(p) for p in problems]},
        )


def metadata_from(metadata: object) -> Json | None:
    """Message metadata: an event type and a payload of plain values."""
    if metadata is None or metadata == {}:
        return None if metadata is None else {}
    if not isinstance(metadata, dict) or not isinstance(metadata.get("event_type"), str):
        raise SlackError("invalid_metadata_format")
    if not isinstance(metadata.get("event_payload"), dict):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": metadata["event_payload"]}


def fallback(blocks: list[Json]) -> str:
    """The text that Slack builds from the blocks where the app sent none."""
    found = [
        place.value["text"]
        for place in places(blocks)
        if place.kind in {"plain_text", "mrkdwn", "markdown", "text"}
        and isinstance(place.value.get("text"), str)
    ]
    return posted_text(" ".join(found))[:FALLBACK_CHARACTERS]
