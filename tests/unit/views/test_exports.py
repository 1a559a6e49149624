"""What is said about files."""

import re

import pytest
from hypothesis import given, settings

from bot.views import ids
from bot.views.exports import export_buttons, file_comment, file_name
from bot.views.message import Message
from bot.views.notices import notice
from bot.views.times import Reader
from tests.unit.views.rules import assert_sound, shown
from tests.unit.views.strategies import NAME, TEXT


def comment(table="Austin Founders", **changes):
    facts = {"table": table, "rows": 18, "file_format": "csv"}
    return file_comment("U0REP", **facts | changes)


def failed(reason):
    return notice({"code": "export_failed", "file_format": "csv", "table": "T", "reason": reason})


def test_the_comment_says_whose_file_it_is_and_what_is_in_it():
    assert comment() == "<@U0REP> 18 rows of *Austin Founders* as CSV."
    assert "18.000 rows" in comment(rows=18_000, reader=Reader("de-DE"))
    assert "1 row of *Austin Founders* as Excel file." in comment(rows=1, file_format="xlsx")


def test_a_file_that_lacks_rows_or_is_not_in_the_thread_says_why():
    assert "rows may be missing" in comment(partial="restarted")
    assert "more in the table than a file can hold" in comment(partial="overflows")
    refused = {"code": "CANNOT_POST", "error": "not_in_channel", "channel_id": "C0LEADS"}
    assert "could not go into the thread. Origami is not a member of <#C0LEADS>" in comment(refused=refused)


@settings(max_examples=60, deadline=None)
@given(NAME)
def test_no_name_of_a_table_does_anything_in_a_comment_or_a_file_name(table):
    told = comment(table)
    assert_sound(Message(told, ()))
    assert not re.search(r"<[!#]|<@(?!U0REP>)", told)
    name = file_name(table, "csv")
    assert 5 <= len(name) <= 90
    assert not re.search(r'[/\\:*?"<>|\x00-\x1f.\u202e](?!csv$)', name)


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_no_reason_does_anything_in_a_notice(text):
    reason = {"code": "REFUSED", "message": text, "url": text}
    told = {"file_format": text, "table": text, "reason": reason, "thread_ts": text}
    assert_sound(notice({"code": "export_failed"} | told))


@pytest.mark.parametrize(
    ("rows", "words"),
    [(0, "Making the CSV of *T*. It comes"), (200, "(up to 200 rows)"), (50_000, "about 5 min")],
)
def test_a_large_table_comes_with_how_long_it_takes(rows, words):
    told = shown(notice({"code": "export_begun", "file_format": "csv", "table": "T", "rows": rows}).blocks)
    assert words in told
    assert ("That takes" in told) == (rows > 20_000)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ({"code": "TABLE_NOT_FOUND"}, "no longer has this table"),
        ({"code": "EXPORT_NO_ANSWER"}, "did not answer"),
        ({"code": "EXPORT_GAVE_UP"}, "again and again"),
        ({"code": "EXPORT_EMPTY", "rows": 0}, "There is no row"),
        ({"code": "EXPORT_EMPTY", "rows": 150}, "none of its 150 rows"),
        (None, "Origami did not take this request"),
    ],
)
def test_each_end_without_a_file_has_its_words(reason, words):
    assert words in shown(failed(reason).blocks)


def test_the_buttons_carry_the_run():
    assert [(one["action_id"], one["value"]) for one in export_buttons("run-1")] == [
        (f"{ids.EXPORT}:csv", "run-1"),
        (f"{ids.EXPORT}:xlsx", "run-1"),
    ]
