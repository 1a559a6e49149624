"""What stands in a channel that other companies see, and above an answer that one person alone gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.deliveries.audience import Audience, audience_of, tells_of_leads
from bot.views.answer import answer
from bot.views.consent import asked_in, consent
from bot.views.ended import ending
from bot.views.opening import Place, opening
from storage.records import DIRECT, Delivery, DeliveryKind, RunState
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import (
    COLLEAGUE,
    NOW,
    a_finished_run,
    a_question,
    a_result,
    a_run,
    a_thread,
    choices_of,
    founders,
    payload,
)
from tests.unit.views.strategies import NAME, RESULTS, TEXT

quick = settings(max_examples=60, deadline=None)
ONE, TWO = {"companies": 1, "known": True}, {"companies": 2, "known": True}
SHOWN = {"shown_by": COLLEAGUE, "shown_at": NOW}
ASKS = a_result("needs_input", questions=[a_question("Also those of Ada Lovelace?")])
REFUSED_MEANWHILE = a_run(state=RunState.RUNNING, started_at=NOW, reason={"code": "KEY_REFUSED"})
HELD = a_run(state=RunState.QUEUED, reason={"holders": ["Roofers in Austin"]})


def discreet(run, result=None, place=None):
    return opening(run, thread=a_thread(), result=result, place=place, now=NOW, discreet=True)


def messages():
    yield "ready", consent(a_finished_run(), ONE, result=founders())
    yield "ready_for_some", consent(a_finished_run(), TWO, result=founders(), mention=False)
    yield "unknown", consent(a_finished_run(), {"companies": 0, "known": False}, result=founders())
    yield "asks", consent(a_finished_run("needs_input"), TWO, result=ASKS)
    yield "no_result", consent(a_finished_run("lost"), {}, result=None)
    yield "shown", consent(a_finished_run(**SHOWN), ONE, result=founders())
    yield "opening_ended", discreet(a_finished_run(), founders())
    yield "opening_follow_up", discreet(a_run(source="answer", prompt="Question: …?", started_at=NOW))
    yield "opening_queued", discreet(HELD, place=Place(1, 2, 30.0, "slots"))
    yield "opening_waiting", discreet(REFUSED_MEANWHILE)
    private = a_finished_run(prompt="find <!here> founders\nin *Austin*")
    heading = asked_in(private, a_thread(), "T0TEAM")
    told = {"thread": a_thread(), "mention": False, "heading": heading}
    yield (
        "private_answer",
        answer(private, result=founders(), choices=choices_of(private, founders()), **told)[0],
    )
    lost = a_finished_run("lost", reason={"code": "RUN_NOT_FOUND"})
    yield "private_ending", ending(lost, choices=choices_of(lost, None), **told)[0]


MESSAGES = dict(messages())


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_looks_as_it_did(name):
    assert_sound(MESSAGES[name])
    assert_golden(f"consent_{name}", [payload(MESSAGES[name])])


@quick
@given(RESULTS)
def test_nothing_of_any_result_stands_in_what_others_see(result):
    run = a_finished_run(result.status)
    assert discreet(run, result) == discreet(run, founders())
    asked = bool(result.todo.pending_questions)
    assert consent(run, TWO, result=result) == consent(run, TWO, result=ASKS if asked else founders())


@quick
@given(TEXT, NAME, st.sampled_from(["answer", "button", "direct"]), st.sampled_from([*RunState]))
def test_what_was_said_elsewhere_does_not_stand_there_either(prompt, file, source, state):
    files = [{"kind": "document", "id": "d", "name": file}]
    told = discreet(a_run(source=source, prompt=prompt, state=state, attachments=files))
    assert_sound(told)
    assert told == discreet(a_run(source=source, prompt="", state=state))


@pytest.mark.parametrize(
    ("channel", "seen_by"),
    [
        ({"is_shared": False}, Audience(outsiders=False)),
        ({"is_shared": True, "is_org_shared": True, "is_ext_shared": False}, Audience(outsiders=False)),
        ({"is_ext_shared": True, "connected_team_ids": ["T1", "T2", "T3"]}, Audience(True, 2)),
        ({"is_ext_shared": True, "shared_team_ids": ["T1", "T2"]}, Audience(True, 1)),
        ({"is_pending_ext_shared": True}, Audience(outsiders=True)),
    ],
)
def test_who_sees_a_channel(channel, seen_by):
    assert audience_of(channel, "T1") == seen_by


def test_how_the_account_stands_is_nothing_for_other_companies():
    assert "key" in opening(REFUSED_MEANWHILE, thread=a_thread(), result=None, place=None, now=NOW).text
    assert "key" not in discreet(REFUSED_MEANWHILE).text


def a_delivery(kind, channel_id="C1", subject=""):
    return Delivery(
        token="t", workspace_id="w1", run_id="run-1", kind=kind, channel_id=channel_id, subject=subject
    )


@pytest.mark.parametrize(
    ("delivery", "run", "told"),
    [
        (a_delivery(DeliveryKind.ANSWER), a_finished_run(), True),
        (a_delivery(DeliveryKind.PREVIEW), a_finished_run(), True),
        (a_delivery(DeliveryKind.REMINDER), a_finished_run(), True),
        (a_delivery(DeliveryKind.ANSWER, subject=DIRECT), a_finished_run(), False),
        (a_delivery(DeliveryKind.ANSWER, "D1"), a_finished_run(), False),
        (a_delivery(DeliveryKind.ANSWER), a_finished_run(**SHOWN), False),
        (a_delivery(DeliveryKind.CONSENT), a_finished_run(), False),
        (a_delivery(DeliveryKind.NOTICE), a_finished_run(), False),
        (a_delivery(DeliveryKind.OPENING), a_run(), False),
        (a_delivery(DeliveryKind.OPENING), a_run(state=RunState.RUNNING, started_at=NOW), False),
        (a_delivery(DeliveryKind.OPENING), a_run(source="answer"), True),
        (a_delivery(DeliveryKind.OPENING), HELD, True),
        (a_delivery(DeliveryKind.OPENING), REFUSED_MEANWHILE, True),
        (a_delivery(DeliveryKind.OPENING), a_finished_run(finished_at=NOW + timedelta(1)), True),
    ],
)
def test_which_messages_hold_what_others_may_not_see(delivery, run, told):
    assert tells_of_leads(delivery, run) is told
