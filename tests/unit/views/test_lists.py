"""Lists of runs and Home fit into Slack whatever is in them, and say where each run stands."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Account, Credits
from bot.sandbox.local_slack.validation import validate_message, validate_view
from bot.views.blocks import weight
from bot.views.home import Connection, ForAdmins, home
from bot.views.lists import Look, Page, permalink, runs_list
from bot.views.times import Reader
from storage.lists import ASKS, Listed, Overview, Section, Usage, Used
from storage.records import RunState
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import _assert_tame, _mrkdwn, assert_sound, shown
from tests.unit.views.samples import (
    BRIEF,
    COLLEAGUE,
    NOW,
    REQUESTER,
    a_finished_run,
    a_question,
    a_result,
    a_run,
    a_table,
    a_thread,
    an_action,
    founders,
    payload,
)
from tests.unit.views.strategies import NAME, STATUS

quick = settings(max_examples=40, deadline=None)
URL = "https://northwind.slack.com/"
LOOK = Look(Reader("en-GB", "Europe/London"), NOW, URL)
ANSWERED = "1784624700.000200"


def one(run, **changes):
    return Listed(run=run, thread=a_thread(), **changes)


def ended(status, result=None, **changes):
    run = a_finished_run(status, result=result.to_json() if result else None, **changes)
    return one(run, answer_ts=ANSWERED)


def asking(*questions):
    return ended("needs_input", a_result("needs_input", questions=questions))


def full():
    """Something of everything."""
    running = {"state": RunState.RUNNING, "steps_completed": 4, "steps_max": 50}
    started = {"started_at": NOW - timedelta(minutes=3)}
    queued = {"state": RunState.QUEUED}
    return Overview(
        waiting=Section([asking(a_question("Private clinics only?", "Yes")), asking(*[a_question()] * 3)]),
        running=Section(
            [
                one(a_run(**running | started)),
                one(a_run()),
                one(a_run(reason={"code": "KEY_REFUSED"}, **running | started)),
                one(a_run(stop_requested_by=COLLEAGUE, stop_requested_at=NOW, **running | started)),
            ],
            more=2,
        ),
        queued=Section(
            [one(a_run(**queued), place=(1, 3)), one(a_run(**queued), place=(2, 3)), one(a_run(**queued))]
        ),
        done=[
            ended("completed", founders()),
            ended("incomplete", founders("incomplete"), finished_at=NOW - timedelta(days=1)),
            ended("errored", a_result("errored"), finished_at=NOW - timedelta(days=400)),
            ended("lost", reason={"code": "RUN_NOT_FOUND"}),
            ended("rejected", reason={"code": "INSUFFICIENT_CREDITS", "credits_available": 2}),
            ended("cancelled", stop_requested_by=COLLEAGUE),
            ended("completed", founders(questions=[a_question()])),
            asking(a_question()),
        ],
        has_older=True,
    )


ACCOUNT = Account.read(
    {"plan": {"id": "pro", "name": "Pro"}, "capabilities": {"canUseApi": True, "concurrentAgents": 3}}
)
USAGE = Usage([Used(REQUESTER, 12, 1340), Used(COLLEAGUE, 1, 1)], good=7, bad=1, at_origami=1)
CONNECTIONS = {
    "asking": Connection(asked=False),
    "no_key": Connection(has_key=False),
    "refused": Connection(reason={"code": "KEY_REFUSED"}),
    "unknown": Connection(),
    "works": Connection(account=ACCOUNT, credits=Credits(balance=2997.75)),
}


def named(value):
    return value if isinstance(value, str) else ""


def lists():
    yield "mine", runs_list(full(), Page(), LOOK, may_switch=False)
    yield "everyone", runs_list(full(), Page(everyone=True), LOOK, may_switch=True)
    yield "empty", runs_list(Overview(), Page(), LOOK, may_switch=False)
    later = Overview(done=full().done[:2], offset=10)
    yield "second_page", runs_list(later, Page(offset=10), LOOK, may_switch=True)


def homes():
    yield "first_sight", home(Overview(), LOOK)
    yield "full", home(full(), LOOK)
    yield "support", home(Overview(), LOOK, support_url="https://example.com/help")
    for name, connection in CONNECTIONS.items():
        yield f"admin_{name}", home(Overview(), LOOK, ForAdmins(connection, USAGE))
    yield "admin_unused", home(Overview(), LOOK, ForAdmins(CONNECTIONS["works"], Usage()))


@pytest.mark.parametrize(("name", "message"), list(lists()), ids=named)
def test_a_list_looks_as_it_did(name, message):
    assert_sound(message)
    assert_golden(f"list_{name}", payload(message))


@pytest.mark.parametrize(("name", "view"), list(homes()), ids=named)
def test_home_looks_as_it_did(name, view):
    assert_sound_view(view)
    assert_golden(f"home_{name}", view)


def assert_sound_view(view):
    assert validate_view(view, "home") == []
    for text in _mrkdwn(view["blocks"]):
        _assert_tame(text)


RESULTS = st.builds(
    lambda status, name, asked: a_result(
        status, tables=[a_table(name)], actions=[an_action(tableName=name)], questions=map(a_question, asked)
    ),
    STATUS,
    NAME,
    st.lists(NAME, max_size=2),
)
ENDED = st.builds(
    lambda prompt, result: a_finished_run(result.status, prompt=prompt, result=result.to_json()),
    NAME,
    RESULTS,
)
REFUSED = st.builds(
    lambda prompt, message: a_finished_run(
        "rejected", prompt=prompt, reason={"code": "REFUSED", "message": message}
    ),
    NAME,
    NAME,
)
GOING = st.builds(
    lambda prompt, state, steps: a_run(prompt=prompt, state=state, steps_completed=steps, started_at=NOW),
    NAME,
    st.sampled_from([RunState.ACCEPTED, RunState.RUNNING, RunState.QUEUED]),
    st.integers(0, 10**9),
)
PLACES = st.none() | st.just((2, 10**6))
finished = st.builds(
    lambda run, ts, is_last: one(run, answer_ts=ts, is_last=is_last),
    ENDED | REFUSED,
    st.none() | st.just(ANSWERED),
    st.booleans(),
)
going = st.builds(lambda run, place: one(run, place=place), GOING, PLACES)
OVERVIEWS = st.builds(
    lambda waiting, running, queued, done, more: Overview(
        waiting=Section(waiting, more), running=Section(running, more), queued=Section(queued), done=done
    ),
    st.lists(finished, max_size=2),
    st.lists(going, max_size=2),
    st.lists(going, max_size=2),
    st.lists(finished, max_size=3),
    st.integers(0, 10**6),
)


@quick
@given(OVERVIEWS, st.booleans())
def test_whatever_was_asked_and_answered_a_list_is_sound(overview, everyone):
    assert_sound(runs_list(overview, Page(everyone=everyone), LOOK, may_switch=True))


@quick
@given(OVERVIEWS, NAME, st.floats(-1e12, 1e12), st.integers(0, 10**12))
def test_whatever_was_asked_and_answered_home_is_sound(overview, plan, balance, used):
    account = Account.read({"plan": {"name": plan}, "capabilities": {"concurrentAgents": 3}})
    usage = Usage([Used(REQUESTER, used, used)] * 10, good=used, bad=used, at_origami=used)
    connection = Connection(account=account, credits=Credits(balance=balance))
    assert_sound_view(home(overview, LOOK, ForAdmins(connection, usage)))


def test_the_fullest_list_of_the_longest_briefs_fits():
    long = [ended("completed", founders(), prompt="&" * 5_000)] * 10
    some = Section([one(a_run(prompt="<" * 5_000, state=RunState.RUNNING))] * 5, 1)
    overview = Overview(
        waiting=Section([asking(a_question("& " * 900))] * 5, 1), running=some, queued=some, done=long
    )
    message = runs_list(overview, Page(everyone=True), LOOK, may_switch=True)
    assert validate_message(payload(message)) == []
    assert weight(message.blocks) < 11_000
    view = home(overview, LOOK, ForAdmins(CONNECTIONS["works"], USAGE))
    assert_sound_view(view)
    assert len(view["blocks"]) < 60


def test_what_can_be_done_depends_on_where_a_run_stands():
    told = shown(runs_list(full(), Page(), LOOK, may_switch=False).blocks)
    for words in ("Answer in the thread", "Continue in the thread", "Try again in the thread", "Stop"):
        assert words in told
    taken_up = Overview(done=[one(full().done[1].run, is_last=False)])
    assert "Continue" not in shown(runs_list(taken_up, Page(), LOOK, may_switch=False).blocks)


def test_a_screen_reader_hears_the_brief_where_it_stands_and_its_button():
    text = runs_list(full(), Page(), LOOK, may_switch=False).text
    assert BRIEF in text
    assert "Working · step 4 of 50 · 3 min" in text
    assert "Buttons: Stop" in text


def test_a_result_that_cannot_be_read_is_a_run_that_ended():
    broken = one(a_finished_run("completed", result="{"))
    assert "Ended · " in runs_list(Overview(done=[broken]), Page(), LOOK, may_switch=False).text


def test_a_kept_result_that_asks_is_found_by_its_text():
    assert ASKS in a_result(questions=[a_question()]).to_json()
    hostile = f'say {ASKS} and "pendingQuestions":[{{}}]'
    assert ASKS not in a_result(text=hostile, prompt=hostile, model=hostile).to_json()


@pytest.mark.parametrize("page", [Page(), Page(everyone=True, offset=20), Page(offset=10)])
def test_a_button_says_its_page(page):
    assert Page.read(page.value) == page


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20) | st.text("0123456789:-everyonmi", max_size=30))
def test_whatever_a_button_says_is_some_page(value):
    assert 0 <= Page.read(value).offset < 10**6


def test_a_link_leads_to_the_message_in_its_thread():
    assert permalink(URL, "C1", "1.2", "1.2") == "https://northwind.slack.com/archives/C1/p12"
    assert permalink(URL, "C1", "3.4", "1.2") == f"{URL}archives/C1/p34?thread_ts=1.2&cid=C1"


@pytest.mark.parametrize(("url", "ts"), [("", "1.2"), (URL, None), ("http://x.example/", "1.2")])
def test_without_a_place_to_go_there_is_no_link(url, ts):
    assert permalink(url, "C1", ts, None) is None
