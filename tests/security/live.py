"""What is live in what we send to Slack: mentions, links, and characters that deceive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.sandbox.local_slack.core import ApiCall

MARKUP = re.compile(r"<([^>]*)>")
DECEIVING = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200b\x00-\x08\x0b-\x1f\x7f]")


def texts(part: Any, *, marked: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text in a part of a message or view, and whether Slack looks for markup in it."""
    if isinstance(part, dict):
        own = marked or part.get("type") in {"mrkdwn", "markdown"}
        for name, value in part.items():
            if isinstance(value, str) and name in {"text", "fallback", "alt_text", "title"}:
                yield value, own and name == "text"
            elif not isinstance(value, str):
                yield from texts(value)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from texts(item)


def parts(part: Any) -> Iterator[dict[str, Any]]:
    """Every object within a part."""
    if isinstance(part, dict):
        yield part
    values: Iterable[Any] = part.values() if isinstance(part, dict) else part
    for value in values:
        if isinstance(value, dict | list | tuple):
            yield from parts(value)


def wrong_in(call: ApiCall, *, people: set[str], hosts: tuple[str, ...]) -> list[str]:
    """What is live in a call and should not be: only ``people`` may be mentioned, only https is linked."""
    shown = {name: call.args[name] for name in ("blocks", "view", "attachments") if name in call.args}
    marked = [text for text, is_marked in texts(shown) if is_marked]
    if isinstance(top := call.args.get("text"), str):
        marked.append(top)
    found = [
        f"markup <{inner}>" for text in marked for inner in MARKUP.findall(text) if _is_wrong(inner, people)
    ]
    for part in parts(shown):
        kind = part.get("type")
        if kind in {"broadcast", "usergroup"} or (kind == "user" and part["user_id"] not in people):
            found.append(f"element {part}")
        url = part.get("url")
        if isinstance(url, str) and not url.startswith(("https://", *hosts)):
            found.append(f"link {url}")
    every = [*(text for text, _ in texts(shown)), *marked]
    found += [f"character {match!r}" for text in every for match in DECEIVING.findall(text)]
    return found


def _is_wrong(inner: str, people: set[str]) -> bool:
    if inner.startswith("@"):
        return inner[1:] not in people
    if inner.startswith("!"):
        return not inner.startswith("!date^")
    if inner.startswith("#"):
        return True
    return not inner.startswith("https://")
