from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import retry_after

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
bounded = settings(max_examples=100, deadline=None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("15", 15.0),
        (" 15 ", 15.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("86400", 3600.0),
        ("9" * 400, 3600.0),
        ("Sun, 22 Nov 2026 20:02:20 GMT", 140.0),
        ("Sun, 22 Nov 2026 20:02:20 -0000", 140.0),
        ("Sun, 22 Nov 2026 19:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
    ],
)
def test_seconds_and_dates_are_read_and_clamped(value, seconds):
    assert retry_after.parse(value, now=NOW) == seconds


@pytest.mark.parametrize("value", [None, "", "soon", "nan", "inf", "1e3", "15, 15", "٣", "0x10", "Sun, 99"])
def test_what_says_nothing_readable_is_none(value):
    assert retry_after.parse(value, now=NOW) is None


@bounded
@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} -?\d+ \d+:\d+:\d+ [+-]?\w+"))
def test_no_header_breaks_it_or_leaves_the_bounds(value):
    found = retry_after.parse(value, now=NOW)
    assert found is None or 0 <= found <= 3600


@bounded
@given(st.integers(0, 3600))
def test_a_date_and_its_seconds_say_the_same(seconds):
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert retry_after.parse(date, now=NOW) == retry_after.parse(str(seconds), now=NOW) == seconds
