import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Attachment, EmptyPrompt, PromptTooLong, agent_body, run_body
from bot.origami.bodies import NAME_LIMIT, PROMPT_LIMIT

anything = st.text(st.characters(), max_size=300)


def test_a_body_has_origamis_fields_and_no_empty_ones():
    body = agent_body(
        "  find clinics \n",
        name="Clinics #a1",
        model="origami-lite",
        focus_table_ids=["t1", "t2", "t1"],
        attachments=[Attachment("document", "d1"), Attachment("table", "t3")],
    )
    assert orjson.loads(body) == {
        "prompt": "find clinics",
        "name": "Clinics #a1",
        "model": "origami-lite",
        "focusTableIds": ["t1", "t2"],
        "attachments": [{"kind": "document", "documentId": "d1"}, {"kind": "table", "tableId": "t3"}],
    }
    assert orjson.loads(run_body("more")) == {"prompt": "more"}


def test_the_same_arguments_make_the_same_bytes():
    expected = b'{"focusTableIds":["b","a"],"model":"origami-max","prompt":"x"}'
    assert run_body("x", model="origami-max", focus_table_ids=iter(["b", "a"])) == expected
    assert run_body("x", focus_table_ids=("b", "a"), model="origami-max") == expected


@pytest.mark.parametrize("prompt", ["", " \n\t", "\x00 \x00"])
def test_a_prompt_without_content_is_refused(prompt):
    with pytest.raises(EmptyPrompt):
        run_body(prompt)


def test_the_longest_prompt_passes_and_one_more_is_refused_in_clear_words():
    assert orjson.loads(run_body("x" * PROMPT_LIMIT + "  "))["prompt"] == "x" * PROMPT_LIMIT
    with pytest.raises(
        PromptTooLong, match="The prompt has 10,001 characters; Origami takes 10,000"
    ) as refused:
        run_body("x" * (PROMPT_LIMIT + 1))
    assert (refused.value.length, refused.value.limit) == (10_001, 10_000)


def test_an_emoji_counts_twice_because_origami_may_count_utf16():
    run_body("😀" * 5_000)
    with pytest.raises(PromptTooLong):
        run_body("😀" * 5_001)


def test_a_name_is_cut_to_80_without_splitting_an_emoji():
    name = orjson.loads(agent_body("x", name="a" * 79 + "😀"))["name"]
    assert name == "a" * 79


def test_more_than_origami_takes_is_refused_rather_than_cut():
    with pytest.raises(ValueError, match="51 focus tables"):
        run_body("x", focus_table_ids=map(str, range(51)))
    with pytest.raises(ValueError, match="21 attachments"):
        run_body("x", attachments=[Attachment("table", "t")] * 21)


@settings(max_examples=100, deadline=None)
@given(anything, anything)
def test_any_text_makes_a_valid_body_or_is_empty(prompt, name):
    try:
        body = orjson.loads(agent_body(prompt, name=name))
    except EmptyPrompt:
        assert not prompt.replace("\x00", "").strip()
    else:
        assert 0 < len(body["prompt"]) <= PROMPT_LIMIT
        assert len(body.get("name", "").encode("utf-16-le")) // 2 <= NAME_LIMIT
