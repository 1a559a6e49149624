"""The modals fit into Slack and are read as they were filled in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.validation import validate_view
from bot.views.forms import AS_SET
from bot.views.modals import BriefForm, answer_modal, brief_modal, gone_modal, read_answers, read_brief
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.samples import BRIEF, a_finished_run, a_question, a_result, choices_of
from tests.unit.views.strategies import QUESTIONS, TEXT

QUESTION_LIST = [
    a_question("Private clinics only?", "Private only", "NHS and private"),
    a_question("Which city?"),
]


def modal_for(result, **clicked):
    run = a_finished_run("needs_input")
    return answer_modal(run, result, choices_of(run, result, **clicked))


def asking(*questions):
    return a_result("needs_input", questions=questions)


def inputs(view):
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def filled(view, **by_label):
    """What Slack sends back when somebody types into a modal."""
    return {
        block["block_id"]: {block["element"]["action_id"]: {"type": "plain_text_input", "value": value}}
        for block in view["blocks"]
        for label, value in by_label.items()
        if block["type"] == "input" and block["label"]["text"].startswith(label)
    }


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("brief_modal", brief_modal(channel_id=None, model=None)),
        ("brief_modal_filled", brief_modal(prompt=BRIEF, channel_id="C0LEADS", model="origami-lite")),
        ("answer_modal", modal_for(asking(*QUESTION_LIST))),
        ("gone_modal", gone_modal()),
        ("answer_modal_done", modal_for(asking(QUESTION_LIST[0]), chosen=[0], expired=[1])),
    ],
)
def test_a_modal_looks_as_it_did(name, view):
    assert validate_view(view, "modal") == []
    assert_golden(name, view)


@settings(max_examples=60, deadline=None)
@given(TEXT, st.none() | st.text(max_size=20))
def test_any_prompt_can_be_put_into_the_brief_modal(prompt, model):
    assert validate_view(brief_modal(prompt=prompt, channel_id="C0LEADS", model=model), "modal") == []


@settings(max_examples=60, deadline=None)
@given(QUESTIONS)
def test_any_questions_can_be_answered_in_the_modal(questions):
    assert validate_view(modal_for(asking(*questions)), "modal") == []


def test_a_flood_of_questions_fits_into_a_modal():
    flood = [a_question("Which? " * 400, *["An answer " * 20] * 100) for _ in range(50)]
    view = modal_for(asking(*flood))
    assert validate_view(view, "modal") == []
    assert len(inputs(view)) == 40
    assert "10 more questions" in view["blocks"][-1]["text"]["text"]


def test_the_brief_is_read_as_it_was_typed():
    values = {
        "brief": {"field": {"type": "plain_text_input", "value": "  50 founders\nin Austin "}},
        "model": {"field": {"type": "static_select", "selected_option": {"value": "origami-max"}}},
        "channel": {"field": {"type": "conversations_select", "selected_conversation": "C0LEADS"}},
    }
    assert read_brief(values) == BriefForm("50 founders\nin Austin", "origami-max", "C0LEADS")


def test_the_best_model_is_no_model_and_what_was_not_chosen_is_as_set():
    best = {"model": {"field": {"selected_option": {"value": "best"}}}, "brief": {"field": {"value": None}}}
    assert read_brief(best) == BriefForm("", None, None)
    assert read_brief({}) == BriefForm("", AS_SET, None)


@pytest.mark.parametrize(
    ("model", "told"),
    [(None, "Best my plan has"), ("origami-lite", "origami-lite"), ("origami-new", "origami-new")],
)
def test_the_form_shows_the_model_that_is_set_and_leaves_it_at_that(model, told):
    view = brief_modal(channel_id=None, model=model)
    (menu,) = (block["element"] for block in view["blocks"] if block["block_id"] == "model")
    assert menu["initial_option"]["text"]["text"] == f"As set: {told}"
    left_alone = {"model": {"field": {"selected_option": menu["initial_option"]}}}
    assert read_brief(left_alone).model == AS_SET


def test_answers_are_read_by_question_and_blank_ones_left_out():
    view = modal_for(asking(*QUESTION_LIST, a_question("How many?")))
    values = filled(view, Private=" Private only ", Which=None, How="  ")
    assert read_answers(values) == {0: "Private only"}


def test_values_that_are_no_answers_are_ignored():
    assert read_answers(
        {"answer-x": {}, "other": {"field": {"value": "a"}}, "answer-7": {"field": {"value": "b"}}}
    ) == {7: "b"}


def test_only_open_questions_are_asked():
    view = modal_for(asking(*QUESTION_LIST), chosen=[0], expired=[1])
    assert inputs(view) == ["answer-1"]
    assert view["private_metadata"] == "run-1"


def test_one_question_must_be_answered_and_several_may_be_answered_in_part():
    assert [block["optional"] for block in modal_for(asking(QUESTION_LIST[0]))["blocks"]] == [False]
    assert [block["optional"] for block in modal_for(asking(*QUESTION_LIST))["blocks"]] == [True, True]
