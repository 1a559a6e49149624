"""What the local Slack refuses to show, and where it says the mistake is."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack import validate_message, validate_view
from tests.integration.local_slack.block_samples import (
    BAD,
    GOOD,
    Json,
    button,
    cell,
    modal,
    mrkdwn,
    plain,
    section,
    table,
    text_input,
)


@pytest.mark.parametrize("name", GOOD)
def test_a_documented_message_is_accepted(name: str) -> None:
    assert validate_message({"text": "gist", "blocks": GOOD[name]}) == []


@pytest.mark.parametrize("name", BAD)
def test_a_message_that_slack_refuses_is_refused_at_the_right_place(name: str) -> None:
    blocks, pointer = BAD[name]
    problems = validate_message({"text": "gist", "blocks": blocks})
    assert pointer in [problem.pointer for problem in problems], problems


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([section(text=mrkdwn("x" * 2900))] * 5, "msg_blocks_too_long"),
        ([{"type": "markdown", "text": "x" * 6001}] * 2, "msg_too_long"),
        ([table([cell("a")])] * 2, "invalid_attachments"),
        ("hello", "invalid_blocks_format"),
    ],
)
def test_sums_have_their_own_error_codes(blocks: Any, code: str) -> None:
    assert code in {problem.code for problem in validate_message({"blocks": blocks})}


def test_blocks_inside_attachments_obey_the_same_rules() -> None:
    problems = validate_message({"attachments": [{"blocks": [{"type": "marquee"}]}]})
    assert [problem.pointer for problem in problems] == ["/attachments/0/blocks/0/type"]


def test_a_validation_leaves_the_payload_as_it_was() -> None:
    for blocks in GOOD.values():
        before = copy.deepcopy(blocks)
        validate_message({"blocks": blocks})
        assert blocks == before


@pytest.mark.parametrize(
    "view",
    [
        modal(text_input(), private_metadata="x" * 3000, callback_id="c"),
        modal({"type": "alert", "text": mrkdwn("careful"), "level": "warning"}),
        modal(text_input(), notify_on_close=True, clear_on_close=False, external_id="e"),
        modal({"type": "input", "label": plain("F"), "element": {"type": "file_input", "action_id": "f"}}),
        {"type": "modal", "title": plain("T"), "blocks": [section()]},
    ],
)
def test_a_documented_modal_is_accepted(view: Json) -> None:
    assert validate_view(view, "modal") == []


def test_a_documented_home_view_is_accepted() -> None:
    card = {"type": "card", "title": mrkdwn("C"), "actions": [button()]}
    assert validate_view({"type": "home", "blocks": [section(), card]}, "home") == []


@pytest.mark.parametrize(
    ("view", "kind", "pointer"),
    [
        (modal(section(), title=plain("x" * 25)), "modal", "/title/text"),
        (modal(section(), submit=plain("x" * 25)), "modal", "/submit/text"),
        ({"type": "modal", "blocks": [section()]}, "modal", ""),
        (modal(text_input(), submit=None), "modal", "/submit"),
        (modal(section(), private_metadata="x" * 3001), "modal", "/private_metadata"),
        (modal(section(), callback_id="x" * 256), "modal", "/callback_id"),
        (modal(*[section()] * 101), "modal", "/blocks"),
        (modal({"type": "markdown", "text": "m"}), "modal", "/blocks/0/type"),
        (modal(text_input(focus_on_load=True), text_input(focus_on_load=True)), "modal", "/blocks"),
        ({"type": "home", "blocks": [table([cell("a")])]}, "home", "/blocks/0/type"),
        ({"type": "home", "blocks": [section()], "submit": plain("S")}, "home", ""),
        (modal(section(), titel="typo"), "modal", "/titel"),
        ({"type": "home", "blocks": [section()]}, "modal", "/type"),
        (modal(), "home", "/type"),
    ],
)
def test_a_view_that_slack_refuses_is_refused_at_the_right_place(view: Json, kind: str, pointer: str) -> None:
    assert pointer in [problem.pointer for problem in validate_view(view, kind)]


def test_a_view_above_250_kilobytes_is_too_large() -> None:
    # A view within every other limit cannot be that large, so the size is put where no other rule looks.
    view = modal(section(), state={"filler": "x" * 250_001})
    assert "view_too_large" in {problem.code for problem in validate_view(view, "modal")}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
KEYS = st.sampled_from(
    [
        "accessory",
        "action_id",
        "block_id",
        "blocks",
        "chart",
        "child_blocks",
        "confirm",
        "element",
        "elements",
        "fields",
        "initial_option",
        "label",
        "options",
        "rows",
        "tasks",
        "text",
        "title",
        "type",
        "url",
        "value",
    ]
)
WORDS = st.sampled_from(
    [
        "actions",
        "button",
        "card",
        "carousel",
        "container",
        "context",
        "data_table",
        "data_visualization",
        "image",
        "input",
        "mrkdwn",
        "plain_text",
        "plan",
        "rich_text",
        "section",
        "static_select",
        "table",
    ]
)
ANY_JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=6)
    ),
    max_leaves=25,
)
BLOCK = st.fixed_dictionaries({"type": WORDS}, optional=dict.fromkeys(("text", "elements", "rows"), ANY_JSON))


@settings(max_examples=150, deadline=None)
@given(blocks=ANY_JSON | st.lists(BLOCK, max_size=4), attachments=ANY_JSON)
def test_no_json_makes_the_message_rules_raise(blocks: Any, attachments: Any) -> None:
    for problem in validate_message({"blocks": blocks, "attachments": attachments}):
        assert str(problem).startswith("[ERROR] ")


@settings(max_examples=100, deadline=None)
@given(view=st.dictionaries(KEYS, ANY_JSON), blocks=ANY_JSON, kind=st.sampled_from(["modal", "home"]))
def test_no_json_makes_the_view_rules_raise(view: Json, blocks: Any, kind: str) -> None:
    validate_view({**view, "type": kind, "blocks": blocks}, kind)


def test_json_nested_beyond_reason_is_refused_rather_than_followed() -> None:
    nested: Any = []
    for _ in range(5000):
        nested = [nested]
    assert validate_message({"blocks": nested})


@settings(max_examples=60, deadline=None)
@given(length=st.integers(min_value=2990, max_value=3010))
def test_the_length_of_a_section_is_decided_at_3000_characters(length: int) -> None:
    refused = validate_message({"blocks": [section(text=mrkdwn("é" * length))]})
    assert bool(refused) == (length > 3000)
