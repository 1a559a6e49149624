"""The words that a follow-up run is started with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

QUESTION_LIMIT = 500
"""A restated question is cut here: Origami knows its own words, and the prompt has 10,000 characters."""

CONTINUE = "Continue where you stopped."


def answers_prompt(questions: Sequence[str], answers: Mapping[int, str]) -> str:
    """One prompt from the answers to all pending questions.

    Origami has a single text channel for answers: with several questions each one is restated,
    so that it cannot take one answer for another's.
    """
    if len(questions) == 1 and 0 in answers:
        return answers[0].strip()
    return "\n\n".join(
        f"{number}. {_clip(question)}\nAnswer: {answers[index].strip()}"
        for number, (index, question) in enumerate(enumerate(questions), start=1)
        if index in answers
    )


def _clip(question: str) -> str:
    one_line = " ".join(question.split())
    return one_line if len(one_line) <= QUESTION_LIMIT else one_line[: QUESTION_LIMIT - 1] + "…"
