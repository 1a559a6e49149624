"""Spans of time and names read as people say them."""

import pytest

from bot.views.words import bold, channel, duration, listing, name, person
from storage.audit import OPERATOR


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "under a minute"),
        (59, "under a minute"),
        (60, "1 min"),
        (179, "2 min"),
        (3_600, "1 h"),
        (3_900, "1 h 5 min"),
    ],
)
def test_durations_are_whole_minutes(seconds, said):
    assert duration(seconds) == said


def test_items_are_joined_as_in_a_sentence():
    assert [listing(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_only_slack_ids_become_mentions():
    assert person("U0REP") == "<@U0REP>"
    assert person("U0REP> <!channel") == "somebody"
    assert person(None) == "somebody"
    assert channel("C0LEADS") == "<#C0LEADS>"
    assert channel("#leads") == "this channel"


def test_a_name_is_escaped_cut_and_never_empty():
    assert name("R&D\n<leads>") == "R&amp;D &lt;leads&gt;"
    assert name("x" * 200).endswith("…")
    assert name(" \u200b") == "an untitled table"


def test_an_asterisk_does_not_end_bold_text_early():
    assert bold("a*b") == "*a∗b*"  # noqa: RUF001
    assert bold("") == ""


def test_whoever_acts_at_the_command_line_is_the_operator():
    assert person(OPERATOR) == "the operator of this app"
