from bot.origami import Outcome, Run
from tests.unit.origami import samples


def outcome(status="completed", questions=(), **parts):
    todo = {"pendingQuestions": list(questions), "nextActions": []}
    return Outcome.of(Run.read(samples.finished(status, todo, **parts)))


def test_the_table_that_gained_most_leads_is_the_main_one():
    found = outcome(
        actions=[samples.added("scratch", 2), samples.added("new", 20), samples.added("new", 5)],
        tables=[samples.table("scratch", 2), samples.table("old", 900), samples.table("new", 25)],
    )
    assert found.main_table.id == "new"
    assert [table.id for table in found.other_tables] == ["scratch", "old"]
    assert found.leads_added == {"scratch": 2, "new": 25}
    assert found.total_leads_added == 27


def test_without_new_leads_it_is_the_fullest_table_that_was_touched():
    touched = [{"type": "column_added", "tableId": "small"}, {"type": "columns_updated", "tableId": "big"}]
    tables = [samples.table("small", 3), samples.table("focus-only", 900), samples.table("big", 150)]
    assert outcome(actions=touched, tables=tables).main_table.id == "big"


def test_leads_of_unknown_number_count_as_touching():
    found = outcome(
        actions=[{"type": "leads_added", "tableId": "b", "leadCount": None}],
        tables=[samples.table("a", 10), samples.table("b", 5)],
    )
    assert found.main_table.id == "b"
    assert found.leads_added == {}
    assert found.changed


def test_without_actions_a_small_scratch_table_listed_first_is_not_it():
    assert outcome(tables=[samples.table("scratch", 1), samples.table("main", 10)]).main_table.id == "main"


def test_of_equal_tables_the_first_is_it():
    assert outcome(tables=[samples.table("a", 0), samples.table("b", 0)]).main_table.id == "a"


def test_leads_added_to_a_table_that_is_not_listed_leave_the_listed_ones():
    found = outcome(actions=[samples.added("gone", 9)], tables=[samples.table("here", 1)])
    assert found.main_table.id == "here"
    assert found.total_leads_added == 9


def test_boastful_text_without_actions_is_no_change():
    found = outcome(text="I have added 500 verified leads and launched the campaign!")
    assert found.changed_nothing
    assert not found.changed
    assert found.main_table is None


def test_only_a_completed_run_without_question_or_action_changed_nothing():
    assert not outcome("errored").changed_nothing
    assert not outcome(questions=["Which city?"]).changed_nothing
    assert not outcome(actions=[samples.added()]).changed_nothing


def test_questions_count_whatever_the_status():
    found = outcome("incomplete", questions=["Which city?"])
    assert found.asked
    assert found.questions[0].question == "Which city?"


def test_an_incomplete_run_with_a_full_table_shows_it():
    found = outcome("incomplete", actions=[samples.added(count=3)], tables=[samples.table(lead_count=3)])
    assert found.main_table.lead_count == 3
    assert not found.still_filling


def test_cells_still_running_and_failed_are_seen_in_all_tables():
    found = outcome(
        tables=[
            samples.table("a", cells={"running": 0, "errored": 2}),
            samples.table("b", cells={"running": 4, "errored": 1}),
        ]
    )
    assert found.still_filling
    assert found.errored_cells == 3


def test_a_run_without_response_has_nothing():
    found = Outcome.of(Run.read(samples.run()))
    assert (found.main_table, found.changed, found.asked, found.changed_nothing) == (
        None,
        False,
        False,
        False,
    )
