"""What people see, message by message."""

from datetime import timedelta

import pytest

from bot.origami import SavedView, Table
from bot.views.answer import answer
from bot.views.ended import ending
from bot.views.last_seen import LastSeen
from bot.views.notices import notice
from bot.views.opening import Place, opening
from bot.views.usage import usage
from storage.records import RunState
from tests.unit.views.golden_files import FOLDER, assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import (
    BRIEF,
    COLLEAGUE,
    NOW,
    a_finished_run,
    a_question,
    a_result,
    a_run,
    a_table,
    a_thread,
    an_action,
    choices_of,
    founders,
    payload,
)

STOP = {"stop_requested_by": COLLEAGUE, "stop_requested_at": NOW}
RUNNING = {"state": RunState.RUNNING, "steps_completed": 4, "steps_max": 50}
ONE_QUESTION = [a_question("Private clinics only?", "Private only", "NHS and private")]
THREE_QUESTIONS = [
    *ONE_QUESTION,
    a_question("Which city first?", "Leeds", "York", "Hull", "Bradford", "Sheffield", "Wakefield"),
    a_question("Shall I go on?", kind="confirm"),
]
LONG_ANSWERS = [
    a_question(
        "How should I narrow it down?",
        "Only clinics that name a practice manager on their site and have taken new patients this year",
        "All of them",
    )
]
ADDED = {
    "actions": [an_action(leadCount=12), an_action("column_added", columnName="Phone"), an_action("moved")],
    "tables": [a_table(leads=30, running=40, errored=2)],
}
REASONS = {
    "credits": {
        "code": "INSUFFICIENT_CREDITS",
        "credits_required": 5,
        "credits_available": 2.25,
        "url": "https://origami.chat/billing?top-up=1",
    },
    "key": {"code": "KEY_REFUSED"},
    "model": {"code": "MODEL_NOT_AVAILABLE", "model": "origami-max"},
    "not_in_channel": {"code": "CANNOT_POST", "error": "not_in_channel", "channel_id": "C0LEADS"},
}


def open_message(run, result=None, place=None, seen=None):
    return [opening(run, thread=a_thread(), result=result, place=place, now=NOW, seen=seen)]


def messages_at_the_end(result, *, run=None, seen=None, **clicked):
    run = run or a_finished_run(result.status)
    choices = choices_of(run, result, **clicked)
    return answer(run, thread=a_thread(), result=result, choices=choices, seen=seen)


SOME_MATCH = LastSeen(Table.read(a_table(leads=150, errored=3)), SavedView(matching=10), "complete")


def openings():
    slots = Place(2, 3, 240.0, "slots", ("Roofers in Austin", "Dentists <!channel>"))
    started = {"started_at": NOW - timedelta(seconds=140)}
    yield "accepted", open_message(a_run())
    yield "submitting", open_message(a_run(state=RunState.SUBMITTING))
    yield "queued_for_a_slot", open_message(a_run(state=RunState.QUEUED), place=slots)
    yield "queued_next", open_message(a_run(state=RunState.QUEUED), place=Place(1, 1, 30.0, "slots"))
    yield "queued_in_thread", open_message(a_run(state=RunState.QUEUED), place=Place(1, 1, None, "thread"))
    yield "queued_somewhere", open_message(a_run(state=RunState.QUEUED))
    yield "running", open_message(a_run(**RUNNING | started))
    refused = {"code": "KEY_REFUSED", "http_status": 401, "message": "Invalid API key"}
    yield "running_key_refused", open_message(a_run(reason=refused, **RUNNING | started))
    yield "running_first_step", open_message(a_run(state=RunState.RUNNING, started_at=NOW))
    yield "stopping", open_message(a_run(**RUNNING | started | STOP))
    yield "follow_up", open_message(a_run(source="answer", prompt="Private clinics only?\nPrivate only"))
    yield "follow_up_running", open_message(a_run(source="button", prompt="Find more", **RUNNING | started))
    yield "stopped_before_start", open_message(a_run(state=RunState.FINISHED, status="cancelled", **STOP))
    for reason, told in REASONS.items():
        yield (
            f"rejected_{reason}",
            open_message(a_run(state=RunState.FINISHED, status="rejected", reason=told)),
        )
    lost = a_finished_run("lost", reason={"code": "RUN_NOT_FOUND"})
    yield "lost", open_message(lost)
    for name, result, run in results():
        yield f"ended_{name}", open_message(run, result)
    yield "ended_some_match", open_message(a_finished_run(), founders(), seen=SOME_MATCH)


def results():
    statuses = ("completed", "incomplete", "step_cap_hit", "timed_out", "paused")
    yield from ((status, founders(status), a_finished_run(status)) for status in statuses)
    yield "cancelled", founders("cancelled"), a_finished_run("cancelled", **STOP)
    yield "cancelled_in_origami", a_result("cancelled"), a_finished_run("cancelled")
    yield "finished_before_stop", founders(), a_finished_run(**STOP)
    yield "errored", a_result("errored"), a_finished_run("errored")
    boast = "Great news: I built a table with **40 leads** for you!"
    yield "changed_nothing", a_result(text=boast), a_finished_run()
    yield (
        "added_to_a_table",
        a_result(text="12 more.", **ADDED),
        a_finished_run(source="button", prompt="Find more"),
    )
    asked = a_result("needs_input", text="One thing before I start.", questions=ONE_QUESTION)
    yield "one_question", asked, a_finished_run("needs_input")
    several = a_result("needs_input", text="Before I start:", questions=THREE_QUESTIONS)
    yield "three_questions", several, a_finished_run("needs_input")
    yield "asked_with_leads", founders("incomplete", questions=ONE_QUESTION), a_finished_run("incomplete")
    yield "long_answers", a_result("needs_input", questions=LONG_ANSWERS), a_finished_run("needs_input")


def answers():
    for name, result, run in results():
        yield name, messages_at_the_end(result, run=run)
    asked = a_result("needs_input", text="One thing before I start.", questions=ONE_QUESTION)
    yield "one_question_answered", messages_at_the_end(asked, chosen=[0], expired=[1])
    yield "one_question_expired", messages_at_the_end(asked, expired=[0, 1])
    several = a_result("needs_input", text="Before I start:", questions=THREE_QUESTIONS)
    yield "three_questions_one_answered", messages_at_the_end(several, chosen=[0], expired=[1])
    yield "next_action_chosen", messages_at_the_end(founders(), chosen=[0], expired=[1])
    yield "some_match", messages_at_the_end(founders(), seen=SOME_MATCH)
    many = founders(next_actions=[{"label": f"Look in {city}"} for city in "ABCDEFGH"])
    yield "many_next_actions", messages_at_the_end(many)


def endings():
    for reason, told in REASONS.items():
        run = a_run(state=RunState.FINISHED, status="rejected", reason=told)
        yield f"rejected_{reason}", ending(run, thread=a_thread(), choices=choices_of(run, None))
    poor = a_run(state=RunState.FINISHED, status="rejected", reason=REASONS["credits"])
    alone = a_thread(channel_id="D0REP")
    yield "rejected_credits_alone", ending(poor, thread=alone, choices=choices_of(poor, None))
    for code in ("RUN_NOT_FOUND", "NO_ANSWER"):
        run = a_finished_run("lost", reason={"code": code})
        yield f"lost_{code.lower()}", ending(run, thread=a_thread(), choices=choices_of(run, None))
        yield (
            f"lost_{code.lower()}_retried",
            ending(run, thread=a_thread(), choices=choices_of(run, None, chosen=[0])),
        )
    stopped = a_run(state=RunState.FINISHED, status="cancelled", **STOP)
    yield "stopped_before_start", ending(stopped, thread=a_thread(), choices=[])


def notices():
    for payload_ in (
        {"code": "click_lost", "by": COLLEAGUE, "label": "Private only"},
        {"code": "click_over", "why": "expired"},
        {"code": "stop_late", "status": "completed"},
        {"code": "cannot_post", "error": "is_archived", "channel_id": "C0LEADS", "prompt": BRIEF},
        {"code": "not_found"},
        {"code": "not_accepted"},
        {"code": "refused", "reason": REASONS["credits"]},
        {"code": "export_begun", "file_format": "csv", "table": "Austin *Founders* <!here>", "rows": 50_000},
        {"code": "export_pending", "file_format": "xlsx", "table": "Austin Founders", "rows": 1_200},
        {
            "code": "export_failed",
            "file_format": "xlsx",
            "table": "Austin Founders",
            "reason": REASONS["credits"],
            "team_id": "T0TEAM",
            "channel_id": "C0LEADS",
            "thread_ts": "1784624400.000100",
        },
    ):
        yield payload_["code"], [notice(payload_)]


FAMILIES = {"opening": openings, "answer": answers, "ending": endings, "notice": notices}
MESSAGES = {f"{family}_{name}": made for family, make in FAMILIES.items() for name, made in make()}
MESSAGES["usage"] = [usage()]
MESSAGES["usage_support"] = [usage("https://example.com/help?a=1&b=2")]


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_message_looks_as_it_did(name):
    for message in MESSAGES[name]:
        assert_sound(message)
    assert_golden(name, [payload(message) for message in MESSAGES[name]])


def test_no_golden_file_is_left_over():
    others = {"brief_modal", "brief_modal_filled", "answer_modal", "answer_modal_done", "gone_modal", "prose"}
    elsewhere = (
        "audit_",
        "consent_",
        "details_",
        "feedback_",
        "home_",
        "list_",
        "next_action_",
        "notice_permission_",
        "notice_schedule_left_out",
        "occurrence_",
        "preview_",
        "recurring_",
        "roles_",
        "schedule_",
        "settings_",
    )
    found = {file.stem for file in FOLDER.iterdir() if not file.stem.startswith(elsewhere)}
    assert found - others == set(MESSAGES)


@pytest.mark.parametrize(
    "name", [name for name in sorted(MESSAGES) if not name.startswith(("notice", "usage"))]
)
def test_the_requester_is_named_and_nothing_is_said_to_have_gone_successfully(name):
    whole = " ".join(message.text for message in MESSAGES[name])
    assert "<@U0REP>" in whole
    assert "successfully" not in whole.lower()


@pytest.mark.parametrize("name", [name for name in sorted(MESSAGES) if name.startswith(("answer", "ending"))])
def test_the_first_thread_message_begins_with_the_requester(name):
    assert MESSAGES[name][0].text.startswith("<@U0REP> ")


def test_the_brief_stands_in_the_opening_message():
    assert f">{BRIEF}" in MESSAGES["opening_accepted"][0].text
