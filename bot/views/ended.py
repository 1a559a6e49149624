"""The thread message for a run that ended without a result from Origami."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.blocks import section
from bot.views.choices import Offer, chosen_line, in_state, offer_blocks
from bot.views.message import Message
from bot.views.opening import ending_words, is_private
from bot.views.times import ANYBODY, Reader
from bot.views.words import person
from storage.records import ChoiceState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.views.blocks import Block
    from storage.records import Choice, Run, Thread


def ending(
    run: Run,
    *,
    thread: Thread,
    choices: Sequence[Choice],
    reader: Reader = ANYBODY,
    mention: bool = True,
    heading: Sequence[Block] = (),
) -> list[Message]:
    """Tell the requester why there is no result, and the way out: always one message.

    A ``heading`` says of what is told the requester alone.
    """
    told, link = ending_words(run, reader, private=bool(heading) or is_private(thread))
    offers = [Offer.of(choice) for choice in choices]
    blocks = [
        *heading,
        section(f"{person(run.requester_id)} {told}" if mention else told),
        *link,
        *offer_blocks(in_state(offers, ChoiceState.OPEN), "Choose a next step"),
        *(chosen_line(offer) for offer in in_state(offers, ChoiceState.CHOSEN)[:3]),
    ]
    return [Message.of(blocks)]
