"""The forms for settings show what holds, and are read as they were filled in."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.validation import validate_message, validate_view
from bot.views.feedback import feedback_block, feedback_thanks, read_feedback
from bot.views.settings import (
    admins_only_modal,
    my_settings_modal,
    read_my_settings,
    read_shared_settings,
    shared_settings_modal,
)
from storage.preferences import MOST_REMIND_MINUTES, Preferences
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import payload

ALL = {"notify": "both", "broadcast": True, "model": "origami-lite"}
SHARED = {"replies": "anyone", "remind_minutes": 240, "who_may_stop": "admins", "model": None}
FORMS = {
    "mine": my_settings_modal(Preferences(), {}, is_admin=False),
    "mine_set": my_settings_modal(Preferences(**ALL), ALL, channel_id="C0LEADS", is_admin=True),
    "workspace": shared_settings_modal(Preferences(), {}, channel_id=""),
    "channel": shared_settings_modal(Preferences(**SHARED), SHARED, channel_id="C0LEADS"),
    "channel_unset": shared_settings_modal(Preferences(**SHARED), {}, channel_id="C0LEADS"),
    "admins_only": admins_only_modal(),
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_looks_as_it_did(name):
    assert validate_view(FORMS[name], "modal") == []
    assert_golden(f"settings_{name}", FORMS[name])


def as_shown(view):
    """What Slack sends back when somebody submits a form without touching it."""
    values = {}
    for block in view["blocks"]:
        if block["type"] == "input":
            element = block["element"]
            many, single = element.get("initial_options", []), element.get("initial_option")
            chosen = (
                {"selected_options": many} if element["type"] == "checkboxes" else {"selected_option": single}
            )
            values[block["block_id"]] = {element["action_id"]: chosen}
    return values


def test_saving_what_is_shown_changes_nothing():
    assert read_my_settings(as_shown(FORMS["mine_set"])) == ALL
    assert read_my_settings(as_shown(FORMS["mine"])) == {"notify": "mention", "broadcast": False}
    assert read_shared_settings(as_shown(FORMS["channel"])) == SHARED
    assert read_shared_settings(as_shown(FORMS["channel_unset"])) == {}


def test_the_workspace_always_says_something():
    assert Preferences.of(read_shared_settings(as_shown(FORMS["workspace"]))) == Preferences()


def test_only_admins_of_a_channel_find_the_door_to_its_settings():
    assert "This channel" not in str(my_settings_modal(Preferences(), {}, channel_id="C1", is_admin=False))
    assert "This channel" in str(my_settings_modal(Preferences(), {}, channel_id="C1", is_admin=True))
    assert "This channel" not in str(my_settings_modal(Preferences(), {}, channel_id="D1", is_admin=True))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, MOST_REMIND_MINUTES),
    st.none() | st.text(min_size=1, max_size=64),
    st.sampled_from(["", "C1"]),
)
def test_whatever_was_kept_can_be_shown(minutes, model, channel_id):
    holds = Preferences(remind_minutes=minutes, model=model)
    own = {"remind_minutes": minutes, "model": model}
    shared = shared_settings_modal(holds, own, channel_id=channel_id)
    assert validate_view(shared, "modal") == []
    assert validate_view(my_settings_modal(holds, own, is_admin=True), "modal") == []
    assert read_shared_settings(as_shown(shared))["remind_minutes"] == minutes


def test_feedback_buttons_are_taken_and_read_back():
    block = feedback_block("run-1")
    assert validate_message({"text": "x", "blocks": [block]}) == []
    [buttons] = block["elements"]
    values = [buttons[side]["value"] for side in ("positive_button", "negative_button")]
    assert [read_feedback(value) for value in values] == [("good", "run-1"), ("bad", "run-1")]
    assert_golden("feedback_block", block)


@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_a_verdict_is_thanked_for(verdict):
    assert_sound(feedback_thanks(verdict))
    assert_golden(f"feedback_thanks_{verdict}", payload(feedback_thanks(verdict)))
