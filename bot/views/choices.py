"""What can be clicked under a result: answers to questions, next actions, continue, try again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.origami import ActionType, reaches_people
from bot.views import ids
from bot.views.blocks import (
    LABEL_LIMIT,
    SECTION_LIMIT,
    Block,
    actions,
    button,
    context,
    menu,
    option,
    section,
)
from bot.views.escape import clip, mrkdwn, one_line
from bot.views.words import bold, name, person
from storage.records import ChoiceKind, ChoiceState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from storage.records import Choice

BUTTONS_IN_A_ROW = 5
"""More than five buttons are harder to read than a menu."""


_OWN_BUTTON = frozenset(ActionType)
"""Types whose button does more than a menu can: it asks, confirms, or leads elsewhere."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A choice as it is shown now."""

    id: str
    kind: str
    question_index: int | None
    position: int
    label: str
    state: str = ChoiceState.OPEN
    chosen_by: str | None = None
    action_type: str | None = None
    table_slug: str | None = None

    @classmethod
    def of(cls, choice: Choice) -> Offer:
        """Read what is shown of a record."""
        return cls(
            choice.id,
            choice.kind,
            choice.question_index,
            choice.position,
            one_line(choice.label) or "…",
            choice.state,
            choice.chosen_by,
            choice.action_type,
            choice.table_slug,
        )

    @property
    def typed(self) -> bool:
        """Whether somebody answered in their own words: such a choice never was a button."""
        return self.position < 0

    @property
    def fits_a_menu(self) -> bool:
        """Whether choosing it is all there is to it."""
        return self.action_type not in _OWN_BUTTON and not reaches_people(self.action_type)

    def unclicked(self) -> Offer:
        """Show it as it was before anybody clicked."""
        return replace(self, state=ChoiceState.OPEN, chosen_by=None)


def in_state(offers: Iterable[Offer], state: ChoiceState) -> list[Offer]:
    """Keep the offers of one state, in their order."""
    return sorted((offer for offer in offers if offer.state == state), key=lambda offer: offer.position)


def chosen_line(offer: Offer) -> Block:
    """Say who chose or answered what."""
    verb = "answered" if offer.typed else "chose"
    return context(f"{person(offer.chosen_by)} {verb} {bold(name(offer.label, limit=LABEL_LIMIT))}")


def choose_button(offer: Offer, label: str) -> Block:
    """Make the button by which an offer is chosen."""
    primary = offer.kind in {ChoiceKind.CONTINUE, ChoiceKind.RETRY}
    return button(label, ids.choose(offer.id), offer.id, primary=primary)


def offer_blocks(
    offers: Sequence[Offer],
    placeholder: str,
    *extra: Block,
    as_button: Callable[[Offer, str], Block] = choose_button,
) -> list[Block]:
    """Show offers: labels too long for a button in full, then buttons or a menu, then ``extra``.

    With more than five that fit a menu, these are one; the others stay buttons.
    """
    long = any(len(offer.label) > LABEL_LIMIT for offer in offers)
    shown = [f"{number}. {offer.label}" if long else offer.label for number, offer in enumerate(offers, 1)]
    labelled = list(zip(shown, offers, strict=True))
    options = [option(label, offer.id) for label, offer in labelled if offer.fits_a_menu]
    clickable = []
    if len(options) > BUTTONS_IN_A_ROW:
        clickable.append(menu(placeholder, ids.CHOOSE_SELECT, options))
        labelled = [(label, offer) for label, offer in labelled if not offer.fits_a_menu]
    clickable += [as_button(offer, label) for label, offer in labelled]
    room = SECTION_LIMIT // max(len(shown), 1) - 1
    in_full = section("\n".join(clip(mrkdwn(label), room) for label in shown)) if long else None
    return [*([in_full] if in_full else []), *actions([*clickable, *extra])]
