"""The modal behind the Details button: what is around its pages, and what stands there in their place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bot.views import ids, refusals
from bot.views.blocks import Block, actions, button, link_button, section
from bot.views.forms import View, modal

if TYPE_CHECKING:
    from collections.abc import Sequence

STATS, TRANSCRIPT = "stats", "transcript"


@dataclass(frozen=True, slots=True)
class Page:
    """Which page of which part of a run's details is shown."""

    run_id: str
    part: str = STATS
    number: int = 0

    @property
    def value(self) -> str:
        """How a button says it."""
        return f"{self.part}:{self.number}:{self.run_id}"

    @classmethod
    def read(cls, value: str) -> Page:
        """What a button says; anything else is a page of a run that nobody has."""
        part, _, rest = value.partition(":")
        number, _, run_id = rest.partition(":")
        # Slack hands back what we sent: a number of a few digits.
        known = number.isascii() and number.isdecimal() and len(number) < 7
        return cls(run_id, TRANSCRIPT if part == TRANSCRIPT else STATS, int(number) if known else 0)


def details_button(run_id: str) -> Block:
    """Make the button that opens the modal."""
    return button("Details", ids.DETAILS, run_id)


def page_button(label: str, name: str, page: Page) -> Block:
    """Make a button that shows another page in place of this one."""
    return button(label, f"{ids.DETAILS_PAGE}:{name}", page.value)


def details_modal(title: str, blocks: Sequence[Block]) -> View:
    """Put blocks into the modal (Slack: 100 of them, 24 characters of title)."""
    return modal(ids.DETAILS_MODAL, title, None, blocks)


def loading_modal() -> View:
    """Say that what was asked for is being read."""
    return details_modal("Details", [section("Asking Origami…")])


_WHY = {
    "gone": "This is no longer there: it may have been removed.",
    "lost": "Origami no longer knows this run. What it built may still be there: open the table in Origami.",
    "later": "Origami has been asked a lot just now. Ask again in a minute.",
    "no_answer": "Origami did not answer. Ask again in a moment.",
}


def untold_modal(page: Page, why: str, reason: dict[str, Any] | None = None) -> View:
    """Say why there is nothing to show: a word such as ``later``, or a reason as runs keep it."""
    title = "Transcript" if page.part == TRANSCRIPT else "Details"
    again = page_button("Ask again", "again", page)
    if why in _WHY:
        return details_modal(title, [section(_WHY[why]), *actions([again] if why != "gone" else [])])
    refusal = refusals.words(reason)
    link = [link_button(refusal.link_label or "Open Origami", refusal.link)] if refusal.link else []
    told = section(f"{refusal.what} {refusal.next_step}")
    return details_modal(title, [told, *actions([*link, again])])


def turned(page: Page, by: int) -> Page:
    """Find the page so many pages on."""
    return replace(page, number=page.number + by)
