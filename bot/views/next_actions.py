"""The next steps that the agent suggests, each as its type asks: sent, confirmed, handed in, or elsewhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bot.origami import ActionType, reaches_people
from bot.views import ids
from bot.views.blocks import Block, button, context, link_button, plain_text
from bot.views.choices import choose_button, offer_blocks
from bot.views.escape import is_https
from bot.views.times import counted
from storage.records import ChoiceState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import Outcome, Table
    from bot.views.choices import Offer
    from bot.views.times import Reader

_TOOLS: dict[str | None, str] = {
    ActionType.EXPORT_CSV: f"{ids.EXPORT}:csv",
    ActionType.SCHEDULE_PLAY: f"{ids.SCHEDULE}:from_run",
}
"""Not won by anybody: they are there for everyone, whatever else was chosen. Their value is our run id."""
_ASKING = frozenset({ActionType.UPLOAD_CSV, ActionType.INPUT_REQUIRED})
_CREDITS_SHOWN = 1e9


def next_action_blocks(run_id: str, offers: Sequence[Offer], outcome: Outcome, reader: Reader) -> list[Block]:
    """Show next actions: the open ones, and what stays useful when one of them was chosen."""
    shown = [offer for offer in _once(offers) if _is_shown(offer, outcome)]

    def as_button(offer: Offer, label: str) -> Block:
        made = _button(run_id, offer, label, outcome)
        if offer.action_type == ActionType.FIND_MORE_LEADS:
            made["confirm"] = _price(outcome.table_called(offer.table_slug), reader)
        return made

    sends = any(reaches_people(offer.action_type) for offer in offers)
    return [
        *([context("What next?")] if shown else []),
        *offer_blocks(shown, "Choose a next step", as_button=as_button),
        *([context("Messages to people are sent in Origami, never from Slack.")] if sends else []),
    ]


def _once(offers: Sequence[Offer]) -> list[Offer]:
    """Each tool once: two buttons of one message cannot be the same."""
    tools: set[str] = set()
    kept = []
    for offer in sorted(offers, key=lambda offer: offer.position):
        if offer.action_type in _TOOLS and offer.action_type in tools:
            continue
        tools.add(offer.action_type or "")
        kept.append(offer)
    return kept


def _is_shown(offer: Offer, outcome: Outcome) -> bool:
    if reaches_people(offer.action_type):
        return _address(offer, outcome) is not None
    if offer.action_type == ActionType.EXPORT_CSV:
        return outcome.main_table is not None
    return offer.action_type == ActionType.SCHEDULE_PLAY or offer.state == ChoiceState.OPEN


def _button(run_id: str, offer: Offer, label: str, outcome: Outcome) -> Block:
    address = _address(offer, outcome) if reaches_people(offer.action_type) else None
    if address is not None:
        return link_button(label, address, f"{ids.OPEN_LINK}:{offer.id}")
    if offer.action_type in _ASKING:
        return button(label, ids.take_up(offer.id), offer.id)
    tool = _TOOLS.get(offer.action_type)
    return button(label, tool, run_id) if tool else choose_button(offer, label)


def _address(offer: Offer, outcome: Outcome) -> str | None:
    table = outcome.table_called(offer.table_slug)
    return table.url if table and is_https(table.url) else None


def _price(table: Table | None, reader: Reader) -> Block:
    """Ask before credits are spent (Slack: title 100 characters, text 300, buttons 30)."""
    # Only a table that was read after the run has its economics.
    stats = table.stats if table else None
    credits_ = stats.find_more_estimated_credits if stats else None
    known = credits_ is not None and 0 < credits_ < _CREDITS_SHOWN
    price = f"about {counted(math.ceil(credits_), 'credit', reader)}" if known and credits_ else "credits"
    where = f" in “{table.name}”" if table and table.name else ""
    return {
        "title": plain_text("Find more leads?", 100),
        "text": plain_text(f"Origami looks for more leads{where[:150]}. This spends {price}.", 300),
        "confirm": plain_text("Find more", 30),
        "deny": plain_text("Not now", 30),
    }
