"""Rebuild converted Markdown from what is known to be harmless.

The library that converts Markdown follows Slack's mention syntax, links of any scheme and images.
Nothing of a block passes here that is not rebuilt by name: an allow-list, not a search for what is bad.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bot.views.escape import is_https, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.views.blocks import Block

HEADER_LIMIT = 150
"""Slack: 150 characters per header."""
INDENT_LIMIT = 8
"""Slack: lists are indented by 0 to 8 steps."""

_LIVE = re.compile(r"<(?=[!@#])")
_STYLES = ("bold", "italic", "strike", "code")
_LITERAL = {
    "broadcast": ("@", "range"),
    "user": ("@", "user_id"),
    "usergroup": ("@", "usergroup_id"),
    "team": ("@", "team_id"),
    "channel": ("#", "channel_id"),
    "color": ("", "value"),
    "date": ("", "timestamp"),
}


class UnknownBlock(ValueError):
    """The converter made something that this module cannot vouch for."""


def disarm(blocks: Iterable[Block]) -> list[Block]:
    """Rebuild blocks without mentions, images, and links that are not https.

    Raises UnknownBlock for a block or element of a kind that it does not know.
    """
    return [safe for block in blocks for safe in _block(block)]


def _block(block: Block) -> list[Block]:
    match block["type"]:
        case "divider":
            return [{"type": "divider"}]
        case "header":
            text = " ".join(literal(block["text"]["text"]).split())[:HEADER_LIMIT]
            return (
                [{"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}]
                if text
                else []
            )
        case "image":
            inline = _link(block["image_url"], block["alt_text"], {})
            return _rich_text([{"type": "rich_text_section", "elements": inline}])
        case "rich_text":
            return _rich_text(safe for element in block["elements"] for safe in _element(element))
        case "table":
            return [{"type": "table", "rows": [[_cell(cell) for cell in row] for row in block["rows"]]}]
    raise UnknownBlock(block["type"])


def _rich_text(elements: Iterable[Block]) -> list[Block]:
    """Put each paragraph into a block of its own: neighbours in one block run together."""
    made: list[Block] = []
    for element in elements:
        follows_paragraph = bool(made) and made[-1]["elements"][-1]["type"] == element["type"]
        if made and not (follows_paragraph and element["type"] == "rich_text_section"):
            made[-1]["elements"].append(element)
        else:
            made.append({"type": "rich_text", "elements": [element]})
    return made


def _element(element: Block) -> list[Block]:
    kind = element["type"]
    if kind == "rich_text_list":
        entries = [safe for entry in element["elements"] for safe in _element(entry)]
        if not entries:
            return []
        made: Block = {
            "type": kind,
            "style": "ordered" if element["style"] == "ordered" else "bullet",
            "indent": min(int(element.get("indent", 0)), INDENT_LIMIT),
            "elements": entries,
        }
        return [made | {key: int(element[key]) for key in ("offset", "border") if element.get(key)}]
    if kind not in {"rich_text_section", "rich_text_quote", "rich_text_preformatted"}:
        raise UnknownBlock(kind)
    inline = _merged(safe for part in element["elements"] for safe in _inline(part))
    if not any(part["text"].strip() for part in inline):
        return []
    return [{"type": kind, "elements": inline}]


def _cell(cell: Block) -> Block:
    inline = _merged(
        safe for element in cell["elements"] for part in element["elements"] for safe in _inline(part)
    )
    if not any(part["text"].strip() for part in inline):
        return {"type": "raw_text", "text": " "}  # Slack: a cell needs at least one character
    if inline == [{"type": "text", "text": inline[0]["text"]}]:
        return {"type": "raw_text", "text": inline[0]["text"]}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inline}]}


def _inline(part: dict[str, Any]) -> list[Block]:
    kind = part["type"]
    style = {key: True for key in _STYLES if (part.get("style") or {}).get(key)}
    if kind == "link":
        return _link(part["url"], part.get("text") or part["url"], style)
    if kind == "text":
        return _styled(part["text"], style)
    if kind == "emoji":
        return _styled(f":{part['name']}:", style)
    if kind in _LITERAL:
        mark, key = _LITERAL[kind]
        return _styled(f"{mark}{part[key]}", style)
    raise UnknownBlock(kind)


def _merged(parts: Iterable[Block]) -> list[Block]:
    """Join neighbours of one style, which the converter leaves apart around what it takes for a mention."""
    made: list[Block] = []
    for part in parts:
        before = made[-1] if made else {}
        if part["type"] == "text" == before.get("type") and part.get("style") == before.get("style"):
            made[-1] = before | {"text": before["text"] + part["text"]}
        else:
            made.append(part)
    return made


def _link(url: str, label: str, style: dict[str, bool]) -> list[Block]:
    """Make a link of an https URL alone, and show its host wherever the label does not."""
    if is_https(url):
        host = urlsplit(url).hostname or ""
        text = literal(label).strip() or url
        link: Block = {"type": "link", "url": url, "text": text} | ({"style": style} if style else {})
        return [link, *(_styled(f" ({host})", {}) if host not in text.lower() else [])]
    address = url.removeprefix("mailto:")
    shown = address if re.match(r"https?:|mailto:", url) else ""
    return _styled(f"{label} ({shown})" if shown and shown not in label else label, style)


def _styled(text: str, style: dict[str, bool]) -> list[Block]:
    safe = literal(text)
    return [{"type": "text", "text": safe} | ({"style": style} if style else {})] if safe else []


def literal(text: str) -> str:
    """Clean text for rich text and table cells, where nothing is interpreted."""
    # Rich text is literal, yet what is copied out of it, or bridged to another system, may not stay so.
    return _LIVE.sub("‹", plain(text))  # noqa: RUF001  (the look-alike is the point)
