"""The messages in the thread when a run has ended with a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.views.blocks import Block, actions, context, section
from bot.views.changes import change_blocks, table_buttons
from bot.views.choices import Offer, chosen_line, in_state, offer_blocks
from bot.views.details import details_button
from bot.views.exports import export_buttons
from bot.views.feedback import feedback_block
from bot.views.headline import headline, next_step, status_of, took
from bot.views.last_seen import LastSeen, leads, outcome_of
from bot.views.message import Message
from bot.views.next_actions import next_action_blocks
from bot.views.pages import fits
from bot.views.prose import prose_blocks
from bot.views.questions import question_pieces
from bot.views.times import ANYBODY, Reader
from bot.views.words import name, person
from storage.records import ChoiceKind, ChoiceState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.origami import Outcome
    from bot.origami import Run as Result
    from storage.records import Choice, Run, Thread

_FAILED = frozenset({"errored", "timed_out"})


def answer(
    run: Run,
    *,
    thread: Thread,  # noqa: ARG001  (every view of a run is called alike)
    result: Result,
    choices: Sequence[Choice],
    seen: LastSeen | None = None,
    mention: bool = True,
    reader: Reader = ANYBODY,
    heading: Sequence[Block] = (),
) -> list[Message]:
    """Tell the requester what came of a run; the first message mentions them unless ``mention`` is off.

    ``heading`` stands above it where it is read elsewhere than in its thread.

    How many messages there are, and what each holds, depends on the run, its result and which choices
    there are, never on what became of these or of the table, or on who reads: the messages are counted once
    and rendered again after clicks and readings, and Slack may tell of the reader then what it did not tell
    before.
    """
    now = [Offer.of(choice) for choice in choices]
    untouched = [offer.unclicked() for offer in now if not offer.typed]
    text = result.response.text if result.response else None
    first = _First(prose_blocks(text or ""), heading, mention=mention)
    pieces = iter(_pieces(run, result, now, seen, reader, first=first))
    return [
        Message.of(block for _ in range(size) for block in next(pieces))
        for size in _sizes(_pieces(run, result, untouched, None, ANYBODY, first=first))
    ]


@dataclass(frozen=True, slots=True)
class _First:
    """What an answer begins with, whoever reads it and whatever became of it."""

    prose: list[list[Block]]
    heading: Sequence[Block]
    mention: bool = field(kw_only=True)


def _sizes(pieces: Sequence[list[Block]]) -> list[int]:
    """Count how many pieces go into each message."""
    sizes: list[int] = []
    held: list[Block] = []
    for piece in pieces:
        if sizes and fits(held, *piece):
            sizes[-1] += 1
            held = [*held, *piece]
        else:
            sizes.append(1)
            held = list(piece)
    return sizes


def _pieces(
    run: Run,
    result: Result,
    offers: Sequence[Offer],
    seen: LastSeen | None,
    reader: Reader,
    *,
    first: _First,
) -> list[list[Block]]:
    """List what is told, piece by piece; a piece is never torn apart.

    Their number depends on the result alone; the last is never empty.
    """
    outcome = outcome_of(result, seen)
    details = details_button(run.id)
    return [
        [*first.heading, section(_first_words(run, result, outcome, reader, mention=first.mention))],
        *first.prose,
        [
            *change_blocks(result, outcome, reader, seen),
            *_tables(outcome, result, reader, [*export_buttons(run.id), details]),
        ],
        *question_pieces(run.id, outcome.questions, offers, reader),
        [
            *_follow_ups(run, offers, outcome, reader),
            *([] if outcome.main_table else actions([details])),
            *_feedback(run, result),
            context(_footer(run, result, outcome, reader)),
        ],
    ]


def _tables(outcome: Outcome, result: Result, reader: Reader, beside: Sequence[Block]) -> list[Block]:
    """Link the tables with more to click beside them; without any, there is nothing of either."""
    return table_buttons(outcome, reader, result.left_out.tables, *beside) if outcome.main_table else []


def _first_words(run: Run, result: Result, outcome: Outcome, reader: Reader, *, mention: bool) -> str:
    line = f"{person(run.requester_id)} " if mention else ""
    line += headline(run, result, outcome, reader)
    return "\n".join(filter(None, [line, next_step(run, result, outcome, reader)]))


def _follow_ups(run: Run, offers: Sequence[Offer], outcome: Outcome, reader: Reader) -> list[Block]:
    others = [offer for offer in offers if offer.kind != ChoiceKind.ANSWER]
    go_on = [offer for offer in others if offer.kind != ChoiceKind.NEXT_ACTION]
    suggested = [offer for offer in others if offer.kind == ChoiceKind.NEXT_ACTION]
    return [
        *(chosen_line(offer) for offer in in_state(others, ChoiceState.CHOSEN)[:3]),
        *offer_blocks(in_state(go_on, ChoiceState.OPEN), "Choose how to go on"),
        *next_action_blocks(run.id, suggested, outcome, reader),
    ]


def _feedback(run: Run, result: Result) -> list[Block]:
    return [feedback_block(run.id)] if result.response and result.response.text else []


def _footer(run: Run, result: Result, outcome: Outcome, reader: Reader) -> str:
    has_content = bool(outcome.main_table or (result.response and result.response.text))
    facts = [
        "AI-generated: check it before you use it" if has_content else "",
        took(run, result),
        leads(outcome, reader) if outcome.main_table else "",
        name(result.model, otherwise=""),
        f"Origami run {name(result.id)}" if status_of(run, result) in _FAILED else "",
    ]
    return " · ".join(filter(None, facts)) or "Origami"
