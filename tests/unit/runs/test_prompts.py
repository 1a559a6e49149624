"""The words that a follow-up is started with."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.runs.prompts import answers_prompt

WORDS = st.text(alphabet="abc \n", min_size=1).filter(lambda text: text.strip())


def test_a_single_answer_is_sent_as_it_is() -> None:
    assert answers_prompt(["Private only?"], {0: " Yes "}) == "Yes"


@given(st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=8))
def test_several_answers_each_stand_under_their_question(pairs: list[tuple[str, str]]) -> None:
    questions = [question for question, _ in pairs]
    prompt = answers_prompt(questions, dict(enumerate(answer for _, answer in pairs)))
    blocks = prompt.split("\nAnswer: ")
    assert len(blocks) >= len(pairs) + 1
    for number, (question, answer) in enumerate(pairs, start=1):
        assert f"{number}. {' '.join(question.split())[:400]}" in prompt
        assert answer.strip() in prompt


@given(st.lists(st.tuples(st.text(max_size=600), st.text(max_size=6_000)), min_size=2, max_size=10))
def test_gathered_answers_always_fit_into_a_prompt(pairs: list[tuple[str, str]]) -> None:
    prompt = answers_prompt(
        [question for question, _ in pairs], dict(enumerate(answer for _, answer in pairs))
    )
    assert len(prompt.encode("utf-16-le")) // 2 <= 10_000
