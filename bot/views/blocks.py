"""Block Kit pieces with Slack's limits built in.

Text handed to ``mrkdwn`` pieces is escaped already; text handed to ``plain_text`` pieces is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views import ids
from bot.views.escape import clip, one_line, pieces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Block = dict[str, Any]

SECTION_LIMIT = 3_000
"""Slack: 3,000 characters per section."""
LABEL_LIMIT = 75
"""Slack: 75 characters per button or option."""
BUTTONS_LIMIT = 25
"""Slack: 25 elements per actions block."""


def mrkdwn_text(escaped: str, limit: int = SECTION_LIMIT) -> Block:
    """Wrap escaped text; ``verbatim`` keeps Slack from making links of what looks like one."""
    return {"type": "mrkdwn", "text": clip(escaped, limit) or " ", "verbatim": True}


def plain_text(text: str, limit: int) -> Block:
    """Wrap text in which nothing is interpreted, on one line."""
    return {"type": "plain_text", "text": clip(one_line(text), limit) or " ", "emoji": False}


def section(escaped: str) -> Block:
    """Make a paragraph of mrkdwn."""
    return {"type": "section", "text": mrkdwn_text(escaped)}


def sections(escaped: str) -> list[Block]:
    """Make as many sections as the text needs, split at line ends where there are any."""
    return [section(piece) for piece in pieces(escaped, SECTION_LIMIT) if piece.strip()]


def context(escaped: str) -> Block:
    """Make a small grey line of mrkdwn."""
    return {"type": "context", "elements": [mrkdwn_text(escaped)]}


def actions(elements: Iterable[Block]) -> list[Block]:
    """Make one actions block, or none where there is nothing to click."""
    shown = list(elements)[:BUTTONS_LIMIT]
    return [{"type": "actions", "elements": shown}] if shown else []


def button(label: str, action_id: str, value: str, *, primary: bool = False) -> Block:
    """Make a button that tells us its value (Slack: 2,000 characters)."""
    made: Block = {
        "type": "button",
        "text": plain_text(label, LABEL_LIMIT),
        "action_id": action_id,
        "value": value,
    }
    return made | {"style": "primary"} if primary else made


def link_button(label: str, url: str, action_id: str = ids.OPEN_LINK, *, spoken: str = "") -> Block:
    """Make a button that opens an https URL; ``spoken`` is what a screen reader says instead."""
    made: Block = {
        "type": "button",
        "text": plain_text(label, LABEL_LIMIT),
        "action_id": action_id,
        "url": url,
    }
    return made | {"accessibility_label": clip(one_line(spoken), LABEL_LIMIT)} if spoken else made


def option(label: str, value: str) -> Block:
    """Make one entry of a menu (Slack: 75 characters of text, 150 of value)."""
    return {"text": plain_text(label, LABEL_LIMIT), "value": value}


def menu(
    placeholder: str, action_id: str, options: Sequence[Block], *, initial: Block | None = None
) -> Block:
    """Make a select menu (Slack: 1 to 100 options)."""
    made: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder, 150),
        "options": list(options)[:100],
    }
    return made | {"initial_option": initial} if initial else made


def weight(value: object) -> int:
    """Count the characters that a block shows or links to, as Slack's limit on a message does."""
    if isinstance(value, dict):
        return sum(
            len(part) if key in {"text", "url"} and isinstance(part, str) else weight(part)
            for key, part in value.items()
        )
    return sum(weight(part) for part in value) if isinstance(value, (list, tuple)) else 0
