"""Which buttons the end of a run offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from storage.records import ChoiceKind, OurStatus

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot import origami

MOST_QUESTIONS = 10
"""Questions that get buttons; the answer form shows the others too."""
MOST_ANSWERS = 25
MOST_NEXT_ACTIONS = 10
LABEL_LIMIT = 2_000
"""Characters kept of a label; it becomes the follow-up's prompt."""
TYPED = -1
"""Position of an answer in somebody's own words, which was never a button."""

CONTINUABLE = frozenset({"incomplete", "step_cap_hit", "timed_out"})
REPEATABLE = frozenset({"errored", OurStatus.REJECTED, OurStatus.LOST})
HOPELESS = frozenset(
    {
        "VALIDATION_ERROR",
        "EMPTY_PROMPT",
        "PROMPT_TOO_LONG",
        "CANNOT_POST",
        "INVALID_ATTACHMENT",
        "FILE_GONE",
        "FILE_REFUSED",
        "FILE_TOO_LARGE",
    }
)
"""Refusals that the same brief would meet again."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A button to be: a choice without its id."""

    kind: ChoiceKind
    label: str
    position: int = 0
    question_index: int | None = None
    action_type: str | None = None
    table_slug: str | None = None


def offers(status: str, result: origami.Run | None, reason: dict[str, Any] | None) -> list[Offer]:
    """A button per suggested answer (on whatever status a question comes), per next action, and a way on."""
    found = list(_from_result(result)) if result else []
    if status in CONTINUABLE:
        found.append(Offer(ChoiceKind.CONTINUE, "Continue"))
    if status in REPEATABLE and (reason or {}).get("code") not in HOPELESS:
        found.append(Offer(ChoiceKind.RETRY, "Try again"))
    return found


def _from_result(result: origami.Run) -> Iterator[Offer]:
    for index, question in enumerate(result.todo.pending_questions[:MOST_QUESTIONS]):
        for position, answer in enumerate(_answers(question)[:MOST_ANSWERS]):
            yield Offer(ChoiceKind.ANSWER, answer, position, question_index=index)
    offered = [(label, action) for action in result.todo.next_actions if (label := _label(action.label))]
    for position, (label, action) in enumerate(offered[:MOST_NEXT_ACTIONS]):
        yield Offer(
            ChoiceKind.NEXT_ACTION, label, position, action_type=action.type, table_slug=action.table_slug
        )


def _answers(question: origami.PendingQuestion) -> list[str]:
    """A question's suggested answers, each once; one of type confirm can always be confirmed."""
    suggested = dict.fromkeys(label for answer in question.suggested_answers if (label := _label(answer)))
    return list(suggested) or (["Confirm"] if question.type == "confirm" else [])


def _label(text: str) -> str:
    return " ".join(text.split())[:LABEL_LIMIT]
