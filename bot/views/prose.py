"""Origami's prose, untrusted Markdown, as blocks."""

from __future__ import annotations

import re

from markdown_to_slack_blocks import markdown_to_blocks  # type: ignore[import-untyped]

from bot.views.blocks import Block, context, sections
from bot.views.disarm import disarm
from bot.views.escape import clip, mrkdwn, plain
from bot.views.message import TEXT_LIMIT
from bot.views.pages import TABLE_COLUMNS, pages
from bot.views.spoken import said

MARKDOWN_LIMIT = 60_000
"""Characters that are read at all; the parser takes about 0.4 s for the worst 40,000."""
PAGES_LIMIT = 6
"""Messages that prose may fill: at one message a second more would hold up the channel."""
BEGINNING = 12_000
"""Characters of a long text that are tried first: with a few tables they already fill all messages."""

_WORD = re.compile(r"\w{3,}")
_ADDRESS = re.compile(r"\]\([^)\s]*|&#?\w+;|^\s*[`~]{3,}.*$", re.MULTILINE)
_LEFT_OUT = context("_The answer goes on; it is too long to show here in full._")


def prose_blocks(markdown: str) -> list[list[Block]]:
    """Turn untrusted Markdown into blocks, one list per message; empty for blank text.

    A message holds at most 9,000 characters, 41 blocks, one table (Slack: 100 rows, 20 columns).
    There are at most 6; where more is left out, the last says so. Never raises.
    """
    source = plain(markdown[:MARKDOWN_LIMIT]).strip()
    if not source:
        return []
    made = _pages(source)
    if len(made) > PAGES_LIMIT or len(markdown) > MARKDOWN_LIMIT:
        made = made[:PAGES_LIMIT]
        made[-1] = [*made[-1], _LEFT_OUT]
    return made


def gist(markdown: str, limit: int = TEXT_LIMIT) -> str:
    """Turn untrusted Markdown into escaped text of at most ``limit`` characters, without formatting."""
    return clip("\n".join(said(page) for page in prose_blocks(markdown)), limit)


def _pages(source: str) -> list[list[Block]]:
    """As many messages as are shown, and one more where there is more."""
    end = source.rfind("\n\n", 0, BEGINNING) if len(source) > 2 * BEGINNING else 0
    if end > 0:
        made = pages(_converted(source[:end]), enough=PAGES_LIMIT + 1)
        if len(made) > PAGES_LIMIT:
            return made
    return pages(_converted(source), enough=PAGES_LIMIT + 1)


def _converted(source: str) -> list[Block]:
    try:
        # Rich text is literal by construction; sections would have to be escaped and searched.
        options = {"prefer_section_blocks": False, "table_block_type": "table"}
        blocks = disarm(markdown_to_blocks(source, options))
    except Exception:  # noqa: BLE001  (whatever a parser does with hostile text, the answer must arrive)
        blocks = []
    if not blocks or _loses_words(source, blocks):
        return sections(mrkdwn(source))
    return [part for block in blocks for part in _with_note(block)]


def _loses_words(source: str, blocks: list[Block]) -> bool:
    """Whether more went missing than the markup itself: the parser drops what is nested too deeply."""
    words = set(_WORD.findall(_ADDRESS.sub("", source)))
    lost = words - set(_WORD.findall(said(blocks)))
    return len(lost) > max(3, len(words) // 10)


def _with_note(block: Block) -> list[Block]:
    hidden = max(map(len, block["rows"]), default=0) - TABLE_COLUMNS if block["type"] == "table" else 0
    if hidden <= 0:
        return [block]
    return [block, context(f"_{hidden} more columns are not shown here._")]
