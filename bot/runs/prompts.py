"""The words that a follow-up run is started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUESTION_LIMIT = 500
"""A restated question is cut here: Origami knows its own words, and the prompt has 10,000 characters."""

CONTINUE = "Continue where you stopped."


ROOM = 9_000
"""UTF-16 units for gathered answers, of the 10,000 that Origami takes; words beside them need some too."""


def answers_prompt(questions: Sequence[str], answers: Mapping[int, str]) -> str:
    """One prompt from the answers to all pending questions.

    Origami has a single text channel for answers: with several questions each one is restated,
    so that it cannot take one answer for another's. Answers that are too long together are cut, each
    to the same length.
    """
    if len(questions) == 1 and 0 in answers:
        return answers[0].strip()
    longest = max((_units(answer) for answer in answers.values()), default=0)
    prompt = _restated(questions, answers, longest)
    while _units(prompt) > ROOM and longest > 1:
        longest = longest * 3 // 4
        prompt = _restated(questions, answers, longest)
    return prompt


def taken_up_prompt(label: str, words: str, names: Sequence[str]) -> str:
    """A next action with what it asked for: an answer in words, or files and a note about them."""
    words = words.strip()
    if not names:
        return f"{label}\nAnswer: {words}"
    return "\n".join(filter(None, [label, attached_prompt(names), words]))


def attached_prompt(names: Sequence[str]) -> str:
    """What files say for themselves, where nobody says anything beside them."""
    return f"Use the attached {'file' if len(names) == 1 else 'files'}: {', '.join(names)}"


def _restated(questions: Sequence[str], answers: Mapping[int, str], longest: int) -> str:
    return "\n\n".join(
        f"{number}. {_clip(' '.join(question.split()), QUESTION_LIMIT)}\n"
        f"Answer: {_clip(answers[index].strip(), longest)}"
        for number, (index, question) in enumerate(enumerate(questions), start=1)
        if index in answers
    )


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _units(text: str) -> int:
    """The length as JavaScript counts it."""
    return len(text.encode("utf-16-le")) // 2
