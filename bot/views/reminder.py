"""The one reminder of a question that waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.blocks import section
from bot.views.escape import clip, mrkdwn, one_line
from bot.views.message import Message
from bot.views.times import ANYBODY, Reader, number
from bot.views.words import person

if TYPE_CHECKING:
    from bot.origami import Run as Result
    from storage.records import Run

QUESTION_LIMIT = 300


def reminder(run: Run, *, result: Result, reader: Reader = ANYBODY) -> Message:
    """Remind the requester of what Origami waits for, and say how to answer."""
    questions = result.todo.pending_questions
    asked = f" “{mrkdwn(clip(one_line(questions[0].question), QUESTION_LIMIT))}”" if questions else ""
    more = f" and {number(len(questions) - 1, reader)} more" if len(questions) > 1 else ""
    return Message.of(
        [
            section(
                f"{person(run.requester_id)} Origami still waits for your answer:{asked}{more}. "
                "Pick one above, or just reply here. This is the only reminder."
            )
        ]
    )
