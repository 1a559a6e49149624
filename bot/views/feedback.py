"""What a reader thinks of a result, in one click."""

from __future__ import annotations

from bot.views import ids
from bot.views.blocks import Block, plain_text, section
from bot.views.message import Message

_VERDICTS = {"good": "Helpful", "bad": "Not helpful"}


def feedback_block(run_id: str) -> Block:
    """Make the feedback buttons for a run's result; messages only, and each reader may change their mind."""
    positive, negative = ({**_half(verdict), "value": f"{verdict}:{run_id}"} for verdict in _VERDICTS)
    return {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": ids.FEEDBACK,
                "positive_button": positive,
                "negative_button": negative,
            }
        ],
    }


def _half(verdict: str) -> Block:
    label = _VERDICTS[verdict]
    return {"text": plain_text(label, 75), "accessibility_label": f"This result is {label.lower()}"}


def read_feedback(value: str) -> tuple[str, str]:
    """Read a feedback button's value: the verdict, ``good`` or ``bad``, and our run id."""
    verdict, _, run_id = value.partition(":")
    return verdict, run_id


def feedback_thanks(verdict: str) -> Message:
    """Thank for a verdict, and say what to do about a bad one."""
    if verdict == "good":
        return Message.of([section("Thanks, noted as helpful.")])
    told = "Thanks, noted. Reply in the thread with what is missing or wrong, and Origami goes on from there."
    return Message.of([section(told)])
