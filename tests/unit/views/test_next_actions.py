"""Next actions by type, the forms of those that ask for something, and the files that a run came with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import ActionType, SavedView, Table, reaches_people
from bot.runs.attachments import SharedFile, kept
from bot.sandbox.local_slack.validation import validate_view
from bot.views import ids
from bot.views.answer import answer
from bot.views.attached import attached_blocks
from bot.views.forms import FIELD
from bot.views.last_seen import LastSeen
from bot.views.message import Message
from bot.views.opening import opening
from bot.views.take_up import FILE_BLOCK, WORDS_BLOCK, file_error, read_take_up, take_up_modal
from storage.records import Choice, ChoiceKind
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import (
    NOW,
    a_finished_run,
    a_run,
    a_table,
    a_thread,
    choices_of,
    founders,
    payload,
)
from tests.unit.views.strategies import NAME, TABLES

quick = settings(max_examples=60, deadline=None)
EACH = [
    {"label": "Leave out our customers", "type": "upload_csv"},
    {"label": "Find 20 more", "type": "find_more_leads", "tableSlug": "austin-seed-founders"},
    {"label": "Export as CSV", "type": "export_csv"},
    {"label": "Who is your best customer?", "type": "input_required"},
    {"label": "Send the first messages", "type": "send_messages", "tableSlug": "scratch"},
    {"label": "Repeat this every Monday", "type": "schedule_play"},
    {"label": "Only Series A and later"},
    {"label": "Think again", "type": "think_again"},
]
PRICED = Table.read(a_table(stats={"findMoreEstimatedCredits": 39.2}))
TYPES = st.none() | st.sampled_from([*ActionType, "launch_campaign", "think_again", "<!channel>"]) | NAME
ACTIONS = st.lists(
    st.builds(lambda label, kind, slug: {"label": label, "type": kind, "tableSlug": slug}, NAME, TYPES, NAME),
    max_size=14,
)


def answered(result, watched=None, **clicked):
    seen = LastSeen(watched, SavedView(matching=watched.lead_count), "complete") if watched else None
    run = a_finished_run()
    found = choices_of(run, result, **clicked)
    return answer(run, thread=a_thread(), result=result, choices=found, seen=seen)


def buttons(messages):
    blocks = [block for message in messages for block in message.blocks if block["type"] == "actions"]
    return {
        element["text"]["text"]: element
        for block in blocks
        for element in block["elements"]
        if "text" in element
    }


def test_each_type_looks_as_it_did():
    (message,) = answered(founders(next_actions=EACH), PRICED)
    assert_golden("next_action_each", payload(message))


def test_what_nobody_wins_stays_when_something_was_chosen():
    shown = buttons(answered(founders(next_actions=EACH), chosen=[6], expired=[0, 1, 2, 3, 4, 5, 7]))
    assert {"Export as CSV", "Send the first messages", "Repeat this every Monday"} <= set(shown)
    assert not set(shown) & {"Find 20 more", "Leave out our customers", "Think again"}


def test_messages_to_people_lead_to_the_named_table_in_origami_and_are_never_ours_to_send():
    shown = buttons(answered(founders(next_actions=EACH)))
    assert "78&view=1" in shown["Send the first messages"]["url"]
    assert "value" not in shown["Send the first messages"]
    unsafe = founders(next_actions=EACH, tables=[a_table(url="http://origami.chat/t")])
    (message,) = answered(unsafe)
    assert "Send the first messages" not in buttons([message])
    assert "sent in Origami, never from Slack" in message.text
    assert reaches_people("launch_campaign")
    assert reaches_people("bulk-send")
    assert not any(map(reaches_people, [None, "find_more_leads", "resend_nothing"[2:5], "schedule_play"]))


@pytest.mark.parametrize(
    ("watched", "words"),
    [
        (PRICED, "about 40 credits"),
        (None, "spends credits."),
        (Table.read(a_table(stats={"findMoreEstimatedCredits": 0.3})), "about 1 credit."),
        (Table.read(a_table(stats={"findMoreEstimatedCredits": -1})), "spends credits."),
        (Table.read(a_table(stats={"findMoreEstimatedCredits": 1e300})), "spends credits."),
    ],
)
def test_more_leads_are_confirmed_with_their_price_where_it_is_known(watched, words):
    confirm = buttons(answered(founders(next_actions=EACH), watched))["Find 20 more"]["confirm"]
    assert words in confirm["text"]["text"]
    assert "Austin Seed Founders" in confirm["text"]["text"]


def test_more_than_five_plain_ones_become_a_menu_beside_the_others():
    plain = [{"label": f"Idea {number}"} for number in range(6)]
    (message,) = answered(founders(next_actions=[*plain, EACH[1], EACH[0]]))
    [menu] = [one for block in message.blocks for one in block.get("elements", []) if one.get("options")]
    assert len(menu["options"]) == 6
    assert {"Find 20 more", "Leave out our customers"} <= set(buttons([message]))


@quick
@given(ACTIONS, TABLES, st.data())
def test_whatever_is_suggested_slack_takes_it_and_clicks_change_no_number(actions, tables, data):
    places = st.lists(st.integers(0, 14), max_size=6)
    result = founders(next_actions=actions, tables=tables)
    before = answered(result, PRICED)
    after = answered(result, chosen=data.draw(places), expired=data.draw(places))
    assert len(before) == len(after)
    for message in [*before, *after]:
        assert_sound(message)
    for message in before:
        for block in message.blocks:
            names = [element.get("action_id") for element in block.get("elements", [])]
            assert block["type"] != "actions" or len(names) == len(set(names))
    for element in buttons(before).values():
        assert not element["action_id"].startswith(ids.CHOOSE) or element["value"] in element["action_id"]


def a_choice(label="Leave out our customers", kind="upload_csv"):
    return Choice(
        id="c1", workspace_id="w1", run_id="run-1", kind=ChoiceKind.NEXT_ACTION, label=label, action_type=kind
    )


@pytest.mark.parametrize("kind", ["upload_csv", "input_required"])
def test_a_form_looks_as_it_did(kind):
    view = take_up_modal(a_choice(kind=kind))
    assert view["private_metadata"] == "c1"
    assert_golden(f"next_action_form_{kind}", view)


@quick
@given(NAME, st.sampled_from(["upload_csv", "input_required"]))
def test_any_label_fits_into_its_form(label, kind):
    view = take_up_modal(a_choice(label[:2_000] or "x", kind))
    assert validate_view(view, "modal") == []
    assert_sound(Message.of(view["blocks"][:1]))


def test_what_was_handed_in_is_read_and_what_is_missing_is_nothing():
    file = {"id": "F1", "name": "a.csv"}
    values = {FILE_BLOCK: {FIELD: {"files": [file]}}, WORDS_BLOCK: {FIELD: {"value": "they pay"}}}
    assert read_take_up(values) == ("they pay", [file])
    assert read_take_up({FILE_BLOCK: {FIELD: {"files": None}}}) == ("", [])
    assert {file_error(why) for why in ("type", "size", "new")}


FILES = st.lists(
    st.builds(
        SharedFile, st.just("F1"), NAME | st.sampled_from(["a.csv", "b.png"]), NAME, st.integers(0, 2**25)
    ),
    max_size=12,
)


@quick
@given(FILES)
def test_any_files_are_named_in_an_opening_that_slack_takes(files):
    run = a_run(attachments=kept(files))
    assert_sound(opening(run, thread=a_thread(), result=None, place=None, now=NOW))
    assert bool(attached_blocks(run)) == bool(files)


def test_an_opening_names_its_files_and_what_is_left_out():
    files = [
        SharedFile("F1", "customers.csv"),
        SharedFile("F2", "all *of* them.pdf", size=2**24),
        SharedFile("F3", "photo.png"),
    ]
    message = opening(a_run(attachments=kept(files)), thread=a_thread(), result=None, place=None, now=NOW)
    assert_golden("next_action_files", payload(message))
