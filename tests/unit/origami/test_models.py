from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import (
    Account,
    Agent,
    Credits,
    MalformedAnswer,
    NextAction,
    PendingQuestion,
    Row,
    Run,
    RunSummary,
    Table,
)
from bot.origami.models import TERMINAL
from tests.unit.origami import samples


def todo(questions=(), actions=()):
    return {"pendingQuestions": questions, "nextActions": actions}


def test_a_run_of_the_specification_is_read_in_full():
    question = {
        "type": "single-choice",
        "question": "Private clinics only?",
        "suggestedAnswers": ["Private only", "NHS and private"],
        "freeformOption": "Or something else",
    }
    step = {"label": "Find 50 more", "type": "find_more_leads", "tableSlug": "clinics"}
    run = Run.read(
        samples.finished(
            "needs_input",
            todo([question], [step, {"label": "Just an idea"}]),
            text="One thing before I start.",
            actions=[samples.added(), {"type": "column_added", "tableId": "t", "columnName": "E-mail"}],
            tables=[samples.table(columns=[samples.column()])],
            transcript=[{"role": "assistant", "content": "Hello", "truncated": True}],
        )
    )
    assert (run.id, run.agent_id, run.status) == (samples.RUN_ID, samples.AGENT_ID, "needs_input")
    assert (run.steps.completed, run.steps.max) == (4, 50)
    assert run.started_at == datetime(2026, 7, 21, 9, tzinfo=UTC)
    assert run.completed_at == datetime(2026, 7, 21, 9, 0, 41, tzinfo=UTC)
    assert run.response.text == "One thing before I start."
    assert [action.type for action in run.response.actions] == ["leads_added", "column_added"]
    assert run.response.actions[0].lead_count == 25
    assert run.response.actions[1].column_name == "E-mail"
    assert run.response.tables[0].credits.lifetime_used == 2.25
    assert run.response.tables[0].columns[0].slug == "work-email"
    assert run.response.transcript[0].content == "Hello"
    asked = run.todo.pending_questions[0]
    assert (asked.question, asked.suggested_answers) == (
        "Private clinics only?",
        ("Private only", "NHS and private"),
    )
    assert asked.freeform_option == "Or something else"
    assert [(step.label, step.type) for step in run.todo.next_actions] == [
        ("Find 50 more", "find_more_leads"),
        ("Just an idea", None),
    ]


def test_an_id_and_a_status_are_enough_for_a_run():
    run = Run.read({"id": "v2_run-1", "status": "running"})
    assert run.response is None
    assert run.todo.pending_questions == ()
    assert run.steps.completed == 0


@pytest.mark.parametrize(
    "value",
    [None, [], "run", 7, {}, {"id": "x"}, {"status": "running"}, {"id": None, "status": "running"},
     {"id": "x", "status": ""}, {"id": "x", "status": ["running"]}, {"id": "x" * 201, "status": "running"}],
)  # fmt: skip
def test_what_is_no_run_is_malformed(value):
    with pytest.raises(MalformedAnswer):
        Run.read(value)


def test_every_other_field_may_be_null():
    assert Run.read({**dict.fromkeys(samples.run()), "id": "r", "status": "s"}).full_prompt == ""
    assert Table.read({**dict.fromkeys(samples.table()), "id": "t"}).lead_count == 0
    assert Agent.read({**dict.fromkeys(samples.agent()), "id": "a"}).last_run is None


def test_missing_object_unknown_fields_and_unknown_kinds_pass():
    value = samples.finished(
        "pondering",
        todo([{"type": "multi-select", "question": "Which?"}], [{"label": "Fly", "type": "fly"}]),
        actions=[{"type": "table_merged", "tableId": "t", "mergedInto": "u"}],
    )
    del value["object"]
    run = Run.read({**value, "brandNew": {"a": 1}, "model": "origami-ultra"})
    assert (run.status, run.model) == ("pondering", "origami-ultra")
    assert run.response.actions[0].type == "table_merged"
    assert run.todo.pending_questions[0].type == "multi-select"
    assert run.todo.next_actions[0].type == "fly"


def test_a_broken_part_does_not_take_the_others_with_it():
    run = Run.read(
        samples.finished(
            todo=todo([{"question": ""}, 5, "Sure?", None], [{"type": "x"}, "Go on", {"label": "  "}]),
            actions=[{"tableId": "t"}, None, samples.added(count="many"), samples.added(count="7"), []],
            tables=[{"name": "no id"}, samples.table(columns=[{}, samples.column(slug=None)]), "junk"],
        )
    )
    assert [action.lead_count for action in run.response.actions] == [None, 7]
    assert [question.question for question in run.todo.pending_questions] == ["Sure?"]
    assert [step.label for step in run.todo.next_actions] == ["Go on"]
    assert len(run.response.tables) == 1
    assert [column.slug for column in run.response.tables[0].columns] == [None]


def test_wrong_types_become_nothing():
    run = Run.read(samples.run(steps=[], request="x", todo=7, startedAt=12, prompt={}, response="soon"))
    assert run.steps.max == 0
    assert run.full_prompt == ""
    assert run.started_at is None
    assert run.response is None


@pytest.mark.parametrize(
    ("status", "retry_after", "over"),
    [(status, wait, True) for status in sorted(TERMINAL) for wait in (None, 15.0)]
    + [("running", None, False), ("running", 15.0, False), ("new", None, True), ("new", 15.0, False)],
)
def test_status_alone_decides_unless_it_is_unknown(status, retry_after, over):
    assert Run.read(samples.run(status=status)).is_over(retry_after) is over


def test_a_running_run_may_already_have_a_response():
    run = Run.read(samples.run(response=samples.response(text=None, actions=[samples.added()])))
    assert not run.is_over(None)
    assert run.response.leads_added == {samples.TABLE_ID: 25}


def test_the_full_prompt_is_the_requests():
    assert Run.read(samples.run(prompt="Find 25…")).full_prompt == "Find 25 dental clinics in Leeds"
    assert Run.read(samples.run(request=None)).full_prompt == "Find 25 dental clinics in Leeds"


@pytest.mark.parametrize(
    "asked",
    [
        "Which city?",
        {"text": "Which city?"},
        {"question": "Which city?"},
        {"question": None, "text": " Which city? "},
    ],
)
def test_a_question_is_found_in_each_of_its_shapes(asked):
    assert PendingQuestion.read(asked).question == "Which city?"


def test_blank_and_odd_answers_are_left_out():
    value = {"question": "?", "suggestedAnswers": ["Yes", "", None, {"label": "x"}, 3]}
    assert PendingQuestion.read(value).suggested_answers == ("Yes", "3")
    assert NextAction.read("More").type is None


def test_counts_are_whole_not_negative_and_fit_a_database():
    def leads(value):
        return Table.read(samples.table(lead_count=value)).lead_count

    assert [leads(value) for value in (-4, 3.9, "12", True, None, 10**30, "1e999")] == [
        0, 3, 12, 0, 0, 2**31 - 1, 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://origami.chat/workspace/1?table=2", True),
        ("http://127.0.0.1:8080/table/2", True),
        ("javascript:alert(1)", False),
        ("https://x/>|<!channel>", False),
        ({}, False),
    ],
)
def test_a_tables_link_is_a_web_link_or_nothing(url, kept):
    assert Table.read(samples.table(url=url)).url == (url if kept else None)


def test_a_tables_economics_are_read():
    stats = {
        "creditsPerLead": 0.5,
        "creditsPerQualifiedLead": 2.5,
        "findMoreEstimatedCredits": 12,
        "qualification": {
            "rate": 0.2,
            "fetchRate": None,
            "qualifiedLeads": 10,
            "estimatedQualifiedLeads": None,
        },
        "funnel": {"totalSourcedLeads": 150, "dedupRate": 0.1},
        "running": {"runningLeads": 2, "oldestActiveRunStartedAt": "2026-07-21T09:00:00Z"},
        "leadSources": [{"id": "s", "name": "Maps", "totalLeads": 150, "source": "historical"}, 4],
        "hasUnknownTotalWithMore": True,
    }
    scored = samples.column(
        stats={"avgCreditsPerRun": 0.25}, qualification={"pass": 10, "fail": 30, "unsure": 5, "total": 45}
    )
    table = Table.read(samples.table(stats=stats, columns=[scored, samples.column()]))
    assert table.stats.credits_per_qualified_lead == 2.5
    assert table.stats.qualification.rate == 0.2
    assert table.stats.funnel.total_sourced_leads == 150
    assert table.stats.running.running_leads == 2
    assert [source.name for source in table.stats.lead_sources] == ["Maps"]
    assert table.stats.has_unknown_total_with_more
    assert table.columns[0].qualification.passed == 10
    assert table.columns[0].stats.avg_credits_per_run == 0.25
    assert table.columns[1].qualification is None
    assert Table.read(samples.table(stats={**stats, "qualification": None})).stats.qualification is None


def test_text_that_databases_refuse_is_repaired():
    run = Run.read(samples.finished(text="a\x00b \ud83d c"))
    assert run.response.text == "ab \ufffd c"
    run.to_json().encode()


def test_account_and_credits_are_read():
    account = Account.read(
        {
            "organization": {"id": "o", "name": None},
            "plan": {"id": "galaxy", "name": "Galaxy"},
            "capabilities": {"canUseApi": False, "canRunScheduledTasks": True, "concurrentAgents": None},
        }
    )
    assert (account.plan.id, account.capabilities.can_use_api) == ("galaxy", False)
    assert account.capabilities.concurrent_agents is None
    assert Credits.read({"balance": 2997.75}).balance == 2997.75
    with pytest.raises(MalformedAnswer):
        Credits.read({"currency": "credits"})


def test_typed_rows_flat_rows_and_objects_as_values_are_read():
    typed = {
        "object": "row",
        "id": "r1",
        "cells": {
            "name": {"type": "scalar", "value": "Ann"},
            "score": {"type": "value", "value": 4.0, "status": "complete"},
            "draft": {"type": "sequence", "sequenceId": "s"},
            "new": {"type": "rainbow", "value": ["a", "b"]},
        },
    }
    row = Row.model_validate(typed)
    assert row.id == "r1"
    assert [row.text(slug) for slug in ("name", "score", "draft", "new", "none")] == [
        "Ann",
        "4",
        "",
        "a, b",
        "",
    ]
    assert row.cells["draft"].is_sequence

    address = {"type": "home", "state": "TX", "geo": {"lat": 1.5}}
    for flat in (
        {"id": "r2", "full-address": address, "ok": True},
        {"id": "r2", "cells": {"full-address": address, "ok": True}},
    ):
        row = Row.model_validate(flat)
        assert row.id == "r2"
        assert row.text("full-address") == "type: home; state: TX; geo: lat: 1.5"
        assert row.text("ok") == "yes"


def test_a_cell_nested_without_end_is_cut_off():
    value = "bottom"
    for _ in range(500):
        value = [value]
    assert Row.model_validate({"x": value}).text("x") == "…"


def test_a_hostile_run_is_bounded_and_says_what_was_left_out():
    many = [{"type": "columns_updated", "tableId": f"t{n}"} for n in range(10_000)]
    tables = [
        samples.table(f"t{n}", n, columns=[samples.column()] * 100, name="n" * 9_000) for n in range(500)
    ]
    run = Run.read(
        samples.finished(
            todo=todo([{"question": "q" * 9_000, "suggestedAnswers": ["a"] * 99}] * 50, ["step"] * 60),
            text="x" * 10_000_000,
            actions=[*many, samples.added("t3", 40)],
            tables=tables,
            transcript=[{"content": "c" * 9_000}] * 150,
        )
    )
    kept = run.bounded()
    assert len(kept.to_json()) < 2_000_000
    assert len(kept.response.text) == 40_000
    assert kept.response.leads_added == {"t3": 40}
    assert "t3" in {table.id for table in kept.response.tables}
    assert [table.id for table in kept.response.tables][1:] == [f"t{n}" for n in range(471, 500)]
    lost = kept.left_out
    assert lost
    assert (lost.actions, lost.tables, lost.columns) == (9_501, 470, 30 * 60)
    assert (lost.questions, lost.answers, lost.next_actions, lost.transcript) == (30, 20 * 79, 40, 50)
    assert lost.characters == 9_960_000 + 20 * 6_000 + 100 * 7_000
    assert kept.bounded() == kept
    assert Run.from_json(kept.to_json()) == kept


def test_an_ordinary_run_is_left_as_it_is():
    run = Run.read(samples.finished(actions=[samples.added()], tables=[samples.table()]))
    assert run.bounded() == run
    assert not run.bounded().left_out


@pytest.mark.parametrize("content", ["", "null", "[]", '{"id": "x"}', "[" * 100_000, '{"id": "\ud800'])
def test_what_to_json_did_not_write_is_malformed(content):
    with pytest.raises(MalformedAnswer):
        Run.from_json(content)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
action = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("type", "tableId", "leadCount", "deletedAt"), junk)
)
question = (
    st.fixed_dictionaries({}, optional=dict.fromkeys(("type", "question", "suggestedAnswers"), junk)) | junk
)
column = st.fixed_dictionaries({"id": junk}, optional=dict.fromkeys(("name", "cells", "qualification"), junk))
table = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=9) | junk},
    optional={
        "columns": st.lists(column, max_size=3) | junk,
        **dict.fromkeys(("leadCount", "url", "stats"), junk),
    },
)
responses = st.fixed_dictionaries(
    {},
    optional={
        "text": junk,
        "actions": st.lists(action | junk, max_size=4) | junk,
        "tables": st.lists(table | junk, max_size=3) | junk,
        "transcript": junk,
    },
)
runs = st.fixed_dictionaries(
    {
        "id": st.text(min_size=1, max_size=9).filter(lambda text: text.strip("\x00")),
        "status": st.just("completed"),
    },
    optional={
        "response": responses | junk,
        "todo": st.fixed_dictionaries({"pendingQuestions": st.lists(question, max_size=3) | junk}) | junk,
        **dict.fromkeys(("steps", "request", "startedAt", "completedAt", "prompt", "model", "leftOut"), junk),
    },
)


@settings(max_examples=100, deadline=None)
@given(runs)
def test_any_run_with_an_id_and_a_status_is_read_and_survives_storage(value):
    run = Run.read(value)
    assert Run.from_json(run.to_json()) == run
    assert Run.from_json(run.bounded().to_json()).id == run.id
    orjson.loads(run.to_json())


@settings(max_examples=100, deadline=None)
@given(junk)
def test_anything_else_is_malformed_and_nothing_worse(value):
    for model in (Run, RunSummary, Agent, Table, Credits, Account):
        try:
            model.read(value)
        except MalformedAnswer:
            continue


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.text(max_size=6), junk, max_size=5))
def test_any_object_is_a_row_with_words_in_its_cells(value):
    row = Row.model_validate(value)
    assert all(isinstance(row.text(slug), str) for slug in row.cells)


@given(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["v2_run-1", "", None, 7]),
            "status": st.sampled_from(["running", "completed", ""]),
        },
        optional={
            "steps": st.dictionaries(
                st.sampled_from(["completed", "max"]), st.integers() | st.text(max_size=3)
            )
        },
    )
)
def test_a_run_that_goes_on_is_read_as_the_whole_of_it_would_be(answer):
    short = Run.going_on(answer)
    assert short is None or answer["status"] == "running"
    if short is not None:
        whole = Run.read(answer)
        assert (short.status, short.steps, short.is_over(15.0)) == (whole.status, whole.steps, False)
