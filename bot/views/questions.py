"""The agent's questions, with their answers as buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views import ids
from bot.views.blocks import Block, actions, button, context, section
from bot.views.choices import Offer, chosen_line, in_state, offer_blocks
from bot.views.escape import clip, mrkdwn
from bot.views.times import Reader, counted
from bot.views.words import bold
from storage.records import ChoiceKind, ChoiceState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import PendingQuestion

QUESTIONS_LIMIT = 10
"""Questions shown under a result; the answer modal shows the others too."""
QUESTION_LIMIT = 1_200
"""Characters of a question under a result; the answer modal shows 2,000."""


def question_pieces(
    run_id: str, questions: Sequence[PendingQuestion], offers: Sequence[Offer], reader: Reader
) -> list[list[Block]]:
    """Show each question as a piece of its own, then how to answer in one's own words.

    How many pieces there are depends on the questions alone, never on what was clicked.
    """
    shown = questions[:QUESTIONS_LIMIT]
    own_words = button("Answer in my own words", ids.OWN_WORDS, run_id)
    if len(questions) == 1:
        extra = [own_words] if is_open(0, offers) else []
        return [_question(0, 1, shown[0], offers, *extra)]
    pieces = [_question(index, len(questions), question, offers) for index, question in enumerate(shown)]
    if not pieces:
        return []
    return [*pieces, _all_of_them(len(questions), offers, reader, own_words)]


def is_open(index: int, offers: Sequence[Offer]) -> bool:
    """Whether a question still waits for its answer.

    One without suggested answers stays open until the conversation moves on past the result.
    """
    own = [offer for offer in offers if offer.kind == ChoiceKind.ANSWER and offer.question_index == index]
    if own:
        return any(offer.state == ChoiceState.OPEN for offer in own) and not in_state(own, ChoiceState.CHOSEN)
    taken_up = any(offer.kind != ChoiceKind.ANSWER and offer.state != ChoiceState.OPEN for offer in offers)
    all_expired = bool(offers) and all(offer.state == ChoiceState.EXPIRED for offer in offers)
    return not taken_up and not all_expired


def _question(
    index: int, total: int, question: PendingQuestion, offers: Sequence[Offer], *extra: Block
) -> list[Block]:
    label = "Question:" if total == 1 else f"Question {index + 1} of {total}:"
    asked = section(f"{bold(label)} {clip(mrkdwn(question.question.strip()), QUESTION_LIMIT)}")
    own = [offer for offer in offers if offer.kind == ChoiceKind.ANSWER and offer.question_index == index]
    if chosen := in_state(own, ChoiceState.CHOSEN):
        return [asked, chosen_line(chosen[0])]
    if is_open(index, offers):
        return [asked, *offer_blocks(in_state(own, ChoiceState.OPEN), "Choose an answer", *extra)]
    return [asked, context("No longer open: the conversation has moved on.")]


def _all_of_them(total: int, offers: Sequence[Offer], reader: Reader, own_words: Block) -> list[Block]:
    still_open = [index for index in range(total) if is_open(index, offers)]
    answered = sum(
        1 for offer in offers if offer.kind == ChoiceKind.ANSWER and offer.state == ChoiceState.CHOSEN
    )
    if not still_open:
        return [context("No answer is missing.")]
    hidden = (
        f" {counted(total - QUESTIONS_LIMIT, 'more question', reader)} in the form."
        if total > QUESTIONS_LIMIT
        else ""
    )
    remain = (
        f"{answered} of {total} answered, {len(still_open)} to go."
        if answered
        else f"{total} answers to give."
    )
    return [context(f"{remain}{hidden} Origami goes on when it has them all."), *actions([own_words])]
