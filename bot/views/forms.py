"""What every form is made of, and how its values are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.views.blocks import Block, plain_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

View = dict[str, Any]
Values = dict[str, dict[str, dict[str, Any]]]

FIELD = "field"
"""The action id of the one element in each input."""
BEST = "best"
MODELS = {BEST: "Best my plan has", "origami-lite": "origami-lite", "origami-max": "origami-max"}
"""Origami's models, and no model at all."""
AS_SET = "as-set"
"""Instead of a model: the one that is set for whoever fills the form in, where it is sent to."""


def labelled(block_id: str, label: str, element: Block) -> Block:
    """Make an input with its label (Slack: 2,000 characters)."""
    return {"type": "input", "block_id": block_id, "label": plain_text(label, 2_000), "element": element}


def modal(
    callback_id: str, title: str, submit: str | None, blocks: Sequence[Block], metadata: str = ""
) -> View:
    """Make a modal; without ``submit`` it can only be closed."""
    made: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain_text(title, 24),
        "close": plain_text("Cancel" if submit else "Close", 24),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }
    return made | {"submit": plain_text(submit, 24)} if submit else made


def value(values: Mapping[str, Any], block_id: str, *path: str) -> str | None:
    """Read one field of ``state.values``; None where it is not there or no text."""
    found: Any = values
    for key in (block_id, FIELD, *path):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
