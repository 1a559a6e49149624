"""The message that stands at once, shows progress and becomes the headline."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views import ids
from bot.views.opening import Place, opening
from storage.records import RunState
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import BRIEF, NOW, a_finished_run, a_result, a_run, a_thread, founders
from tests.unit.views.strategies import NAME, RESULTS, TEXT

quick = settings(max_examples=100, deadline=None)


def shown(run, result=None, place=None):
    return opening(run, thread=a_thread(), result=result, place=place, now=NOW)


def elements(message):
    return [
        element for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]


def test_a_run_that_is_not_over_can_be_stopped_with_one_click():
    for state in (RunState.ACCEPTED, RunState.QUEUED, RunState.SUBMITTING, RunState.RUNNING):
        (stop,) = elements(shown(a_run(state=state)))
        assert (stop["action_id"], stop["value"]) == (ids.STOP, "run-1")
        assert "confirm" not in stop


def test_a_run_that_is_being_stopped_has_no_button():
    for state in (RunState.ACCEPTED, RunState.QUEUED, RunState.RUNNING):
        message = shown(a_run(state=state, stop_requested_at=NOW))
        assert not elements(message)
        assert "Stopping…" in message.text


def test_progress_shows_the_step_and_whole_minutes():
    run = a_run(
        state=RunState.RUNNING, steps_completed=4, steps_max=50, started_at=NOW - timedelta(seconds=170)
    )
    assert "*Working* · step 4 of 50 · 2 min" in shown(run).text


def test_progress_looks_the_same_within_a_minute():
    run = a_run(
        state=RunState.RUNNING, steps_completed=4, steps_max=50, started_at=NOW - timedelta(seconds=120)
    )
    later = opening(run, thread=a_thread(), result=None, place=None, now=NOW + timedelta(seconds=59))
    assert later == shown(run)


def test_a_clock_that_runs_behind_shows_no_negative_time():
    run = a_run(state=RunState.RUNNING, started_at=NOW + timedelta(minutes=5))
    assert "under a minute" in shown(run).text


def test_an_unknown_number_of_steps_is_not_shown():
    run = a_run(state=RunState.RUNNING, steps_completed=4, steps_max=0)
    assert shown(run).text.split("\n")[2] == "*Working* · step 4"


def test_a_queued_run_says_its_place_and_that_it_starts_by_itself():
    text = shown(
        a_run(state=RunState.QUEUED), place=Place(2, 5, 300, "slots", ("a", "b", "c", "d", "e"))
    ).text
    assert "number 2 of 5 in line, about 5 min to go" in text
    assert "“a”, “b” and “c” and 2 more" in text
    assert "starts by itself" in text


def test_the_main_table_is_linked_before_the_others():
    links = elements(shown(a_finished_run(), founders()))
    assert [link["text"]["text"] for link in links] == [
        "Austin Seed Founders (18 rows)",
        "Scratch (2 rows)",
    ]
    assert [link["action_id"] for link in links] == ["open_table:0", "open_table:1"]


def test_the_headline_never_believes_the_prose():
    text = shown(a_finished_run(), a_result(text="I added 40 leads!")).text
    assert text.startswith("*Nothing changed*")
    assert "40" not in text


def test_a_table_that_the_run_was_only_focused_on_is_no_success():
    result = a_result(text="Done!", tables=founders().model_dump(by_alias=True)["response"]["tables"])
    assert shown(a_finished_run(), result).text.startswith("*Nothing changed*")


@quick
@given(
    TEXT,
    st.sampled_from([*RunState]),
    st.sampled_from(["command", "answer", "button", "reply", "schedule", "new"]),
)
def test_any_brief_gives_a_sound_message_in_every_state(prompt, state, source):
    assert_sound(shown(a_run(prompt=prompt, state=state, source=source)))


@quick
@given(RESULTS)
def test_any_result_gives_a_sound_headline(result):
    assert_sound(shown(a_finished_run(result.status), result))


@quick
@given(
    st.integers(), st.integers(), st.none() | st.floats(0, 1e9), st.lists(NAME, max_size=6).map(tuple), NAME
)
def test_any_place_in_line_gives_a_sound_message(position, total, wait, holders, because):
    for why in ("slots", "thread", because):
        assert_sound(shown(a_run(state=RunState.QUEUED), place=Place(position, total, wait, why, holders)))


def test_the_brief_is_shown_in_full_where_it_fits():
    long = " ".join(f"word{number}" for number in range(250))
    assert f">{long}" in shown(a_run(prompt=long)).text
    assert f">{BRIEF}" in shown(a_finished_run(), founders()).text
