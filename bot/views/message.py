"""A message as Slack takes it: blocks for the eye, text for screen readers and notifications."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import orjson

from bot.views.blocks import Block, sections
from bot.views.escape import clip
from bot.views.spoken import said

if TYPE_CHECKING:
    from collections.abc import Iterable

TEXT_LIMIT = 4_000
"""Slack: chat.update refuses a ``text`` of more than 4,000 characters."""
PLAIN_LIMIT = 9_000
"""A message is refused near 13,200 characters of block text; one report says 11,341."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: escaped ``text`` of up to 4,000 characters that carries the full gist, and its blocks."""

    text: str
    blocks: tuple[Block, ...]

    @classmethod
    def of(cls, blocks: Iterable[Block]) -> Message:
        """Make a message whose text says what its blocks show."""
        shown = tuple(blocks)
        return cls(text=clip(said(shown), TEXT_LIMIT) or " ", blocks=shown)

    @property
    def fingerprint(self) -> str:
        """The same for messages that read the same: 64 hex digits."""
        return sha256(orjson.dumps([self.text, self.blocks])).hexdigest()

    def plain(self) -> Message:
        """Say the same in simple sections, for when Slack refuses the blocks; only links stay clickable."""
        whole = clip(said(self.blocks), PLAIN_LIMIT) if self.blocks else ""
        return Message(text=self.text, blocks=tuple(sections(whole or self.text)))
