"""What is printed: plain, on one line, and nothing that a terminal would obey."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.operating import printing
from bot.operating.asking import seconds_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@given(st.text())
def test_a_value_is_one_line_and_cannot_command_the_terminal(text: str) -> None:
    shown = printing.plain(text)
    assert shown
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 for sign in shown)


def test_a_command_to_the_terminal_is_shown_as_a_blot() -> None:
    assert printing.plain("a\x1b[31mred\u202e") == "a�[31mred�"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "-"), ("", "-"), (0, "0"), (NOW, "2026-03-01 12:00:00Z"), ({"code": "X"}, '{"code": "X"}')],
)
def test_values_are_shown_plainly(value: object, shown: str) -> None:
    assert printing.plain(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7_199, "1h"), (86_400 * 3, "3d")]
)
def test_how_long_ago_is_told_in_the_largest_unit(seconds: int, shown: str) -> None:
    assert printing.ago(NOW - timedelta(seconds=seconds), NOW) == shown


def test_a_table_in_a_pipe_is_columns(capsys: pytest.CaptureFixture[str]) -> None:
    printing.table(("run", "state"), [("a", "open"), ("bbbbb", "x\ny")])
    assert capsys.readouterr().out == "RUN    STATE\na      open\nbbbbb  x y\n"


def test_json_tells_times_in_utc(capsys: pytest.CaptureFixture[str]) -> None:
    printing.as_json({"at": NOW})
    assert json.loads(capsys.readouterr().out) == {"at": "2026-03-01T12:00:00.000Z"}


@pytest.mark.parametrize(("span", "seconds"), [("30m", 1800), ("12h", 43_200), ("2d", 172_800), ("5s", 5)])
def test_spans_of_time_are_read(span: str, seconds: float) -> None:
    assert seconds_of(span) == seconds
