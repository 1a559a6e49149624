"""The messages in the thread when a run has ended."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Run as Result
from bot.origami import SavedView, Table
from bot.runs.offers import TYPED
from bot.views import ids
from bot.views.answer import answer
from bot.views.last_seen import LastSeen
from bot.views.pages import PAGE_LIMIT
from bot.views.times import ANYBODY, Reader
from storage.records import Choice, ChoiceKind, ChoiceState, WatchEnd
from tests.unit.views.rules import assert_sound, shown
from tests.unit.views.samples import (
    COLLEAGUE,
    a_finished_run,
    a_question,
    a_result,
    a_table,
    a_thread,
    an_action,
    choices_of,
    founders,
)
from tests.unit.views.strategies import RESULTS

quick = settings(max_examples=60, deadline=None)


def answered(result, run=None, choices=None, seen=None, reader=ANYBODY, **clicked):
    run = run or a_finished_run(result.status)
    rows = choices_of(run, result, **clicked) if choices is None else choices
    return answer(run, thread=a_thread(), result=result, choices=rows, seen=seen, reader=reader)


def elements(messages):
    """All that can be clicked but Details, which stands under every result."""
    blocks = [block for message in messages for block in message.blocks]
    found = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    return [element for element in found if element["action_id"] != ids.DETAILS]


def last_seen(matching=10, leads=150, running=0, errored=0, ended="complete"):
    table = Table.read(a_table(leads=leads, running=running, errored=errored))
    return LastSeen(table, SavedView(matching=matching), ended)


def labels(messages):
    return [element["text"]["text"] for element in elements(messages) if element["type"] == "button"]


def huge(status="incomplete"):
    return Result.read(
        json.loads(
            a_result(
                status,
                text="# Heading <!channel>\n\n" + "many words " * 20_000,
                actions=[
                    an_action(table_id=f"t{n}", tableName="T" * 300, leadCount=n) for n in range(10_000)
                ],
                tables=[a_table(f"Table {n} <!here>", n, f"t{n}") for n in range(500)],
                questions=[a_question("Which? " * 300, *["An answer, " * 30] * 100) for _ in range(50)],
                next_actions=[{"label": f"Go on with {n}"} for n in range(200)],
            ).to_json()
        )
    )


def test_a_hostile_result_stays_within_bounds_and_counts_what_is_not_shown():
    messages = answered(huge())
    assert len(messages) < 25
    for message in messages:
        assert_sound(message)
    text = "\n".join(shown(message.blocks) for message in messages)
    assert "and 495 more tables in Origami" in text
    assert "and 9,995 more changes" in text
    assert "40 more questions in the form" in text


def test_what_a_trimmed_result_left_out_is_counted_too():
    text = "\n".join(shown(message.blocks) for message in answered(huge().bounded()))
    assert "and 495 more tables in Origami" in text
    assert "and 9,995 more changes" in text


@quick
@given(
    RESULTS,
    st.builds(
        last_seen,
        st.none() | st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.integers(0, 10**9),
        st.sampled_from([None, *WatchEnd]),
    ),
)
def test_no_reading_of_the_table_changes_how_many_messages_there_are(result, seen):
    before, after = answered(result), answered(result, seen=seen)
    assert len(before) == len(after)
    for message in after:
        assert_sound(message)


@quick
@given(RESULTS, st.data())
def test_any_result_gives_sound_messages_whose_number_no_click_and_no_reader_changes(result, data):
    places = st.lists(st.integers(0, 40), max_size=8)
    reader = Reader(data.draw(st.sampled_from(["de-DE", "en-IN", "fr-FR", "sv-SE", "nobody's"])))
    before = answered(result)
    after = answered(result, reader=reader, chosen=data.draw(places), expired=data.draw(places))
    assert len(before) == len(after)
    for message in [*before, *after]:
        assert message.blocks
        assert_sound(message)


def test_no_click_changes_what_each_of_many_messages_holds():
    result = huge()
    before, after = answered(result), answered(result, chosen=range(0, 300, 3), expired=range(1, 300, 3))
    gone = answered(result, expired=range(300))
    assert len(before) == len(after) == len(gone)
    for one, two, three in zip(before, after, gone, strict=True):
        assert one.text[:40] == two.text[:40] == three.text[:40]
        assert max(len(str(version.text)) for version in (two, three)) <= PAGE_LIMIT
        assert_sound(two)
        assert_sound(three)


def test_no_reader_changes_what_each_of_many_messages_holds():
    # These numbers are longer in one locale than in another, and the prose leaves just room for them.
    actions = [an_action(table_id=f"t{n}", tableName="T", leadCount=10_000_000) for n in range(5)]
    tables = [a_table("T", 10_000_000, f"t{n}") for n in range(5)]
    for length in range(8_340, 8_360, 2):
        result = a_result(text="x" * length, actions=actions, tables=tables)
        american, indian = (answered(result, reader=Reader(locale)) for locale in ("en-US", "en-IN"))
        assert [len(message.blocks) for message in american] == [len(message.blocks) for message in indian]


def test_every_number_is_written_the_readers_way():
    german = Reader("de-DE")
    actions = [an_action("leads_added", leadCount=1_204)]
    result = founders(actions=actions, tables=[a_table(leads=2_500, running=1_000, errored=1_001)])
    (message,) = answered(result, reader=german)
    for told in ("1.204 leads added", "(2.500 rows)", "1.000 cells", "1.001 cells", "2.500 candidates"):
        assert told in message.text
    (seen,) = answered(result, reader=german, seen=last_seen(1_500, 2_500))
    for told in ("1.500 match of 2.500 candidates", "(1.500 of 2.500 match)"):
        assert told in seen.text
    assert "2.500 in all" in answered(result, reader=german, seen=last_seen(2_500, 2_500))[0].text
    assert "," not in "".join(message.text.split(", "))
    capped = a_result("step_cap_hit", steps={"completed": 1_500, "max": 1_500})
    assert "all 1.500 steps" in answered(capped, reader=german)[0].text


def test_a_short_answer_is_one_message():
    assert len(answered(founders())) == 1


def test_buttons_carry_the_choice_id_and_nothing_else():
    for element in elements(answered(founders())):
        if element["action_id"].startswith(ids.CHOOSE):
            assert element["action_id"] == f"choose:{element['value']}"
            assert set(element) - {"confirm"} == {"type", "text", "action_id", "value"}


def test_a_table_button_carries_origamis_address_unchanged_and_reads_well():
    table = a_table()
    button = next(
        element for element in elements(answered(founders())) if element["action_id"] == "open_table:0"
    )
    assert button["url"] == table["url"]
    assert button["accessibility_label"] == "Open Austin Seed Founders (18 rows) in Origami"


def test_a_table_without_a_safe_address_is_named_without_a_link():
    result = founders(tables=[a_table(url="http://origami.chat/t")])
    (message,) = answered(result)
    assert "Find in Origami: Austin Seed Founders (18 rows)" in message.text
    assert not any("url" in element for element in elements([message]))


def test_more_than_five_answers_become_a_menu():
    few = a_result("needs_input", questions=[a_question("Where?", *"ABCDE")])
    many = a_result("needs_input", questions=[a_question("Where?", *"ABCDEF")])
    assert labels(answered(few)) == [*"ABCDE", "Answer in my own words"]
    menu, own_words = elements(answered(many))
    assert menu["action_id"] == ids.CHOOSE_SELECT
    assert [option["value"] for option in menu["options"]] == [f"answer-0-{n}" for n in range(6)]
    assert (own_words["action_id"], own_words["value"]) == (ids.OWN_WORDS, "run-1")


def test_an_answer_too_long_for_its_button_stands_above_in_full():
    long = "Only clinics that name a practice manager and have taken on new patients in the last year"
    (message,) = answered(a_result("needs_input", questions=[a_question("How?", long, "All")]))
    assert f"1. {long}\n2. All" in message.text
    assert labels([message])[0].startswith("1. Only clinics")
    assert len(labels([message])[0]) <= 75


def test_a_chosen_answer_replaces_the_buttons_of_its_question():
    result = a_result("needs_input", questions=[a_question("Private only?", "Yes", "No")])
    (message,) = answered(result, chosen=[0], expired=[1])
    assert "<@U0COLLEAGUE> chose *Yes*" in message.text
    assert not elements([message])


def test_expired_choices_vanish():
    (message,) = answered(founders(), expired=[0, 1])
    left = [element for element in elements([message]) if "url" not in element]
    assert [element["action_id"] for element in left] == ["export:csv", "export:xlsx"]
    assert "What next?" not in message.text


def test_of_several_questions_the_open_ones_stay_and_are_counted():
    questions = [a_question("One?", "a", "b"), a_question("Two?", "c"), a_question("Three?")]
    result = a_result("needs_input", questions=questions)
    (message,) = answered(result, chosen=[0], expired=[1])
    assert "1 of 3 answered, 2 to go" in message.text
    assert labels([message]) == ["c", "Answer in my own words"]
    assert "*Question 3 of 3:* Three?" in message.text


def test_an_answer_in_ones_own_words_is_shown_as_such_and_completes_the_questions():
    result = a_result("needs_input", questions=[a_question("Which city?"), a_question("Go on?", "Yes")])
    run = a_finished_run("needs_input")
    own = Choice(
        id="c9",
        workspace_id="w1",
        run_id=run.id,
        kind=ChoiceKind.ANSWER,
        question_index=0,
        position=TYPED,
        label="Leeds & York",
        state=ChoiceState.CHOSEN,
        chosen_by=COLLEAGUE,
    )
    (message,) = answered(result, run, choices=[own, *choices_of(run, result)])
    assert "<@U0COLLEAGUE> answered *Leeds &amp; York*" in message.text
    assert "1 of 2 answered, 1 to go" in message.text
    (done,) = answered(result, run, choices=[own, *choices_of(run, result, chosen=[0])])
    assert not elements([done])


def test_a_question_without_suggestions_closes_when_the_thread_moves_on():
    result = founders("needs_input", questions=[a_question("Which city?")])
    assert "Answer in my own words" in labels(answered(result))
    assert labels(answered(result, chosen=[0], expired=[1])) == [
        "Austin Seed Founders (18 rows)",
        "Scratch (2 rows)",
        "Get CSV",
        "Get Excel",
    ]


def test_questions_are_shown_whatever_the_status():
    result = founders("incomplete", questions=[a_question("Go on?", "Yes")])
    assert {"Yes", "Continue", "Find more founders"} <= set(labels(answered(result)))


def test_cells_still_being_filled_are_mentioned():
    (message,) = answered(founders(tables=[a_table(running=40, errored=1)]))
    assert "Still filling in 40 cells" in message.text
    assert "1 cell could not be filled" in message.text


@pytest.mark.parametrize(
    ("seen", "headline"),
    [
        (None, "*150 leads added to Austin Seed Founders*"),
        (last_seen(), "*10 match of 150 candidates in Austin Seed Founders*"),
        (last_seen(1), "*1 match of 150 candidates in Austin Seed Founders*"),
        (last_seen(0), "*None of 150 candidates match in Austin Seed Founders*"),
        (last_seen(150), "*150 leads in Austin Seed Founders*"),
        (last_seen(200, 200), "*150 leads added to Austin Seed Founders, 200 in all*"),
        (last_seen(None), "*150 leads added to Austin Seed Founders*"),
        (last_seen(0, 0), "*Austin Seed Founders changed, no leads in it yet*"),
    ],
)
def test_candidates_are_not_called_leads_that_match(seen, headline):
    result = founders(tables=[a_table(leads=150)], actions=[an_action(leadCount=150)])
    (message,) = answered(result, seen=seen)
    assert message.text.startswith(f"<@U0REP> {headline}")


def test_buttons_and_footer_say_how_many_match():
    (message,) = answered(founders(), seen=last_seen())
    assert "Austin Seed Founders (10 of 150 match)" in [e["text"]["text"] for e in elements([message])]
    assert "· 10 match of 150 candidates ·" in message.text.splitlines()[-1]


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        (
            last_seen(running=3, errored=2, ended=None),
            "Cells are still being filled in; this is kept up to date.",
        ),
        (
            last_seen(running=3, errored=2, ended="gave_up"),
            "Still filling in 3 cells: open the table for the latest.",
        ),
        (last_seen(errored=2), "2 cells could not be filled: credits or a budget may have run out"),
    ],
)
def test_the_answer_follows_what_became_of_the_cells(seen, told):
    (message,) = answered(founders(tables=[a_table(running=40)]), seen=seen)
    assert told in message.text
    assert "40 cells" not in message.text


def test_changes_are_grouped_by_table_and_unknown_ones_named_plainly():
    actions = [
        an_action("leads_added", leadCount=10),
        an_action("enriched_somehow", "t9", tableName="Odd"),
        an_action("leads_added", leadCount=8),
        an_action("leads_deleted", count=3),
        *[an_action("column_added", columnName=f"Column {n}") for n in range(4)],
        an_action("columns_updated"),
        an_action("columns_deleted", count=1),
    ]
    (message,) = answered(founders(actions=actions))
    leads = "*Austin Seed Founders*: added 18 leads · deleted 3 leads"
    assert f"{leads} · deleted 1 column · added 4 columns · changed columns" in message.text
    assert "Changed table *Odd*" in message.text


def test_a_failed_run_names_origamis_run_for_support():
    (message,) = answered(a_result("errored"))
    assert "Origami run v2_run-8f2c" in message.text
    assert labels([message]) == ["Try again"]


def test_long_prose_is_followed_by_the_questions_in_a_later_message():
    result = a_result("needs_input", text="word " * 5_000, questions=[a_question("Go on?", "Yes")])
    messages = answered(result)
    assert len(messages) > 2
    assert labels(messages[:1]) == []
    assert "Yes" in labels(messages[-1:])
