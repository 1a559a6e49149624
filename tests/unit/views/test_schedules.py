"""Recurring briefs: the form is read as it was filled in, and Home and openings say when each is due."""

import re
from datetime import timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.validation import validate_view
from bot.views.forms import AS_SET
from bot.views.home import home
from bot.views.lists import Look, Page
from bot.views.notices import notice
from bot.views.opening import opening
from bot.views.recurrence import WEEKDAYS, pattern
from bot.views.schedule_form import (
    read_schedule,
    refused_modal,
    saved_modal,
    schedule_modal,
    zone_options,
)
from bot.views.schedules import recurring_blocks
from bot.views.times import Reader
from storage.lists import Overview
from storage.records import OurStatus, RunState, Schedule, ScheduleState
from storage.schedules import Recurring
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import _assert_tame, _mrkdwn, assert_sound, shown
from tests.unit.views.samples import BRIEF, COLLEAGUE, NOW, REQUESTER, a_run, a_thread, payload
from tests.unit.views.strategies import NAME, TEXT

quick = settings(max_examples=60, deadline=None)
LOOK = Look(Reader("en-GB", "Europe/London"), NOW)


def a_schedule(**changes):
    defaults = {
        "id": "schedule-1",
        "workspace_id": "w1",
        "owner_id": REQUESTER,
        "channel_id": "C0LEADS",
        "prompt": BRIEF,
        "weekdays": ["mon", "wed"],
        "time_of_day": "09:00",
        "time_zone": "Europe/Berlin",
        "next_at": NOW + timedelta(days=1),
    }
    return Schedule(**defaults | changes)


def halted(code, **facts):
    return a_schedule(state=ScheduleState.PAUSED, paused_reason={"code": code, **facts}, owner_id=COLLEAGUE)


PAUSED = a_schedule(state=ScheduleState.PAUSED, next_at=None)
GONE = halted("CHANNEL_GONE", error="is_archived", channel_id="C0LEADS", run_id="run-1")
EVERYONES = Recurring(
    [GONE, halted("OWNER_LEFT"), halted("CANNOT_RECUR"), a_schedule(), PAUSED],
    has_more=True,
    everyones=7,
    halted=3,
)
MINE = Recurring([a_schedule(), PAUSED], everyones=7, halted=3)


def homes():
    yield "mine", recurring_blocks(MINE, Page(), LOOK, is_admin=False)
    yield "admin_mine", recurring_blocks(MINE, Page(), LOOK, is_admin=True)
    yield "admin_has_none", recurring_blocks(Recurring(everyones=7), Page(), LOOK, is_admin=True)
    yield "everyones", recurring_blocks(EVERYONES, Page(everyone=True), LOOK, is_admin=True)
    second = Recurring([a_schedule()], offset=5)
    yield "second_page", recurring_blocks(second, Page(offset=5), LOOK, is_admin=False)


def forms():
    yield "new", schedule_modal(time_zone="America/Chicago", set_model="origami-max")
    yield (
        "change",
        schedule_modal(
            schedule_id="schedule-1",
            prompt=BRIEF,
            weekdays=["fri", "tue"],
            time_of_day="17:30",
            time_zone="Asia/Kolkata",
            channel_id="C0LEADS",
            model="origami-lite",
        ),
    )
    yield "saved", saved_modal(a_schedule(), LOOK.reader, NOW)
    yield "saved_paused", saved_modal(PAUSED, LOOK.reader, NOW)
    for why in ("gone", "not_yours", "cannot_recur"):
        yield why, refused_modal(why)


def named(value):
    return value if isinstance(value, str) else ""


def assert_sound_home(blocks):
    view = home(Overview(), LOOK, None, blocks)
    assert validate_view(view, "home") == []
    for text in _mrkdwn(view["blocks"]):
        _assert_tame(text)


@pytest.mark.parametrize(("name", "blocks"), list(homes()), ids=named)
def test_recurring_briefs_look_as_they_did(name, blocks):
    assert_sound_home(blocks)
    assert_golden(f"recurring_{name}", blocks)


@pytest.mark.parametrize(("name", "view"), list(forms()), ids=named)
def test_a_form_looks_as_it_did(name, view):
    assert validate_view(view, "modal") == []
    assert_golden(f"schedule_{name}", view)


def test_where_nothing_recurs_home_says_nothing_of_it():
    assert recurring_blocks(Recurring(), Page(), LOOK, is_admin=True) == []
    assert recurring_blocks(Recurring(everyones=3, halted=1), Page(), LOOK, is_admin=False) == []


def as_shown(view):
    """What Slack sends back when somebody submits the form without touching it."""
    fields = {
        "plain_text_input": ("value", "initial_value"),
        "checkboxes": ("selected_options", "initial_options"),
        "timepicker": ("selected_time", "initial_time"),
        "external_select": ("selected_option", "initial_option"),
        "conversations_select": ("selected_conversation", "initial_conversation"),
        "static_select": ("selected_option", "initial_option"),
    }
    return {
        block["block_id"]: {
            block["element"]["action_id"]: {
                fields[block["element"]["type"]][0]: block["element"].get(fields[block["element"]["type"]][1])
            }
        }
        for block in view["blocks"]
        if block["type"] == "input"
    }


@quick
@given(
    TEXT,
    st.sets(st.sampled_from(sorted(WEEKDAYS)), min_size=1),
    st.times().map(lambda time: f"{time:%H:%M}"),
    st.sampled_from(["Europe/Berlin", "America/Argentina/ComodRivadavia"]),
    st.sampled_from([None, AS_SET, "origami-lite", "origami-max"]),
)
def test_saving_what_is_shown_changes_nothing(prompt, weekdays, time, zone, model):
    its = {"time_of_day": time, "time_zone": zone, "channel_id": "C0LEADS", "model": model}
    view = schedule_modal(prompt=prompt, weekdays=weekdays, **its)
    assert validate_view(view, "modal") == []
    read = read_schedule(as_shown(view))
    assert {name: read[name] for name in its} == its
    assert set(read["weekdays"]) == weekdays


def test_a_brief_that_is_cut_says_so():
    long = schedule_modal(time_zone="UTC", prompt="x" * 3_001)
    assert "is cut at its end" in shown(long["blocks"])
    assert "is cut" not in shown(schedule_modal(time_zone="UTC", prompt="x" * 3_000)["blocks"])


def test_an_empty_form_is_read_as_nothing():
    assert read_schedule({}) == {
        "prompt": "",
        "weekdays": (),
        "time_of_day": "",
        "time_zone": "",
        "channel_id": "",
        "model": AS_SET,
    }


def test_at_most_a_hundred_zones_are_offered():
    assert len(zone_options([f"Zone/{number}" for number in range(600)])) == 100


@pytest.mark.parametrize(
    ("weekdays", "words"),
    [
        (["mon"], "Every Mon at"),
        (["wed", "mon"], "Every Mon and Wed at"),
        (["fri", "mon", "tue"], "Every Mon, Tue and Fri at"),
        (list(WEEKDAYS), "Every day at"),
    ],
)
def test_days_are_named_in_their_order(weekdays, words):
    assert pattern(a_schedule(weekdays=weekdays), LOOK.reader).startswith(words)


def test_a_time_is_written_as_its_reader_writes_it():
    assert "at 9:00 AM (" in pattern(a_schedule(), Reader("en-US"))
    assert "at 09:00 (" in pattern(a_schedule(), Reader("de-DE"))


@quick
@given(NAME, NAME, NAME, NAME, st.booleans())
def test_whatever_recurs_home_is_sound(prompt, time, zone, error, is_admin):
    ours = a_schedule(prompt=prompt, time_of_day=time, time_zone=zone)
    broken = halted("CHANNEL_GONE", error=error, channel_id=zone)
    found = Recurring([ours, broken] * 2, everyones=4, halted=2)
    assert_sound_home(recurring_blocks(found, Page(everyone=is_admin), LOOK, is_admin=is_admin))


def an_occurrence(late=timedelta(), **changes):
    run = a_run(source="schedule", schedule_id="schedule-1", scheduled_for=NOW - late, **changes)
    run.created_at = NOW
    return run


def opened(run, schedule):
    facts = {"now": NOW, "reader": LOOK.reader, "schedule": schedule}
    return opening(run, thread=a_thread(), result=None, place=None, **facts)


@pytest.mark.parametrize(
    ("name", "run", "schedule"),
    [
        ("in_time", an_occurrence(timedelta(minutes=4)), a_schedule()),
        ("late", an_occurrence(timedelta(hours=2)), a_schedule()),
        ("very_late", an_occurrence(timedelta(days=1)), a_schedule()),
        ("deleted_since", an_occurrence(timedelta(hours=2)), None),
        (
            "owner_left",
            an_occurrence(state=RunState.FINISHED, status=OurStatus.REJECTED, reason={"code": "OWNER_LEFT"}),
            halted("OWNER_LEFT"),
        ),
    ],
    ids=named,
)
def test_an_occurrence_looks_as_it_did(name, run, schedule):
    message = opened(run, schedule)
    assert_sound(message)
    assert_golden(f"occurrence_{name}", payload(message))


def test_only_what_is_late_says_when_it_was_due():
    assert "was due" not in opened(an_occurrence(timedelta(minutes=5)), a_schedule()).text
    late = opened(an_occurrence(timedelta(minutes=6)), a_schedule()).text
    assert "· was due at 11:00" in late


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "admin",
            {
                "code": "schedule_paused",
                "reason": {"code": "CHANNEL_GONE", "error": "is_archived", "channel_id": "C0LEADS"},
                "owner_id": REQUESTER,
                "channel_id": "C0LEADS",
                "prompt": BRIEF,
            },
        ),
        (
            "owner",
            {
                "code": "cannot_post",
                "error": "is_archived",
                "channel_id": "C0LEADS",
                "prompt": BRIEF,
                "recurring": True,
            },
        ),
    ],
)
def test_who_has_to_know_is_told(name, told):
    message = notice(told)
    assert_sound(message)
    assert_golden(f"schedule_told_{name}", payload(message))


@quick
@given(TEXT, NAME)
def test_whatever_was_asked_the_notice_is_sound(prompt, channel_id):
    # What has the form of one of Slack's ids is a mention, and may be.
    assume(not any(re.fullmatch(r"[A-Z][A-Z0-9]+", name) for name in (channel_id, prompt[:20])))
    reason = {"code": "CHANNEL_GONE", "error": channel_id, "channel_id": channel_id}
    facts = {"owner_id": prompt[:20], "channel_id": channel_id, "prompt": prompt[:500]}
    assert_sound(notice({"code": "schedule_paused", "reason": reason, **facts}))
