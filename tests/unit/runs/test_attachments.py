"""Which files are taken, and how they are named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.runs.attachments import (
    KINDS,
    MOST_BYTES,
    MOST_FILES,
    SharedFile,
    back_to_slack,
    handed_in,
    kept,
)
from bot.runs.prompts import attached_prompt, taken_up_prompt


@pytest.mark.parametrize(
    ("name", "filetype", "full_name"),
    [
        ("Customers.CSV", "csv", "Customers.CSV"),
        ("notes", "markdown", "notes.md"),
        ("Untitled", "text", "Untitled.txt"),
        ("list.2026", "csv", "list.2026.csv"),
        ("", "csv", "file.csv"),
        ("two\nlines.tsv", "", "two lines.tsv"),
        ("x" * 500 + ".xlsx", "xlsx", "x" * 195 + ".xlsx"),
    ],
)
def test_a_file_is_known_by_its_extension_or_by_what_slack_takes_it_for(name, filetype, full_name):
    [item] = kept([SharedFile("F1", name, filetype, 10)])
    assert item == {"kind": "slack_file", "id": "F1", "name": full_name}


def test_what_cannot_be_taken_is_left_out_with_the_reason():
    files = [
        SharedFile("F1", "photo.png", "png"),
        SharedFile("F2", "big.csv", "csv", MOST_BYTES + 1),
        *[SharedFile(f"F{number}", f"{number}.csv", "csv", MOST_BYTES) for number in range(3, 9)],
    ]
    items = kept(files)
    assert [item["id"] for item in handed_in(items)] == ["F3", "F4", "F5", "F6", "F7"]
    assert [item["why"] for item in items if "why" in item] == ["type", "size", "many"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.builds(SharedFile, st.text(max_size=4), st.text(max_size=300), st.text(max_size=9))))
def test_whatever_is_dropped_few_files_are_taken_and_each_has_an_extension_that_is_known(files):
    taken = handed_in(kept(files))
    assert len(taken) <= MOST_FILES
    assert all(item["name"].rpartition(".")[2].lower() in KINDS for item in taken)
    assert all(len(item["name"]) <= 210 for item in taken)


def test_uploaded_files_can_become_slacks_again():
    uploaded = {"kind": "table", "id": "t1", "name": "a.csv", "container": "w", "slack_file": "F1"}
    left_out = {"kind": "left_out", "name": "b.png", "why": "type"}
    again = [{"kind": "slack_file", "id": "F1", "name": "a.csv"}, left_out]
    assert back_to_slack([uploaded, left_out]) == again
    assert back_to_slack(again) == again


def test_prompts_restate_what_was_suggested():
    assert taken_up_prompt("Who is it?", " Acme ", []) == "Who is it?\nAnswer: Acme"
    assert attached_prompt(["a.csv", "b.csv"]) == "Use the attached files: a.csv, b.csv"
