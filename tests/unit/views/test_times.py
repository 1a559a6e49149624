"""Dates and numbers read as their reader writes them."""

from datetime import UTC, datetime, timedelta

import pytest
from babel import localedata
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.times import Reader, counted, moment, month_start, number, percent

NOW = datetime(2026, 7, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reader", "hours_ago", "said"),
    [
        (Reader("en-US", "America/Chicago"), 1, "5:30 PM"),
        (Reader("en-GB", "Europe/London"), 2, "21 Jul, 22:30"),
        (Reader("de-DE", "Europe/Berlin"), 2, "21. Juli, 23:30"),
        (Reader("en-US", "Asia/Tokyo"), 9, "Jul 21, 11:30 PM"),
    ],
)
def test_a_moment_is_told_in_the_readers_zone_with_the_day_where_it_is_another(reader, hours_ago, said):
    assert moment(NOW - timedelta(hours=hours_ago), now=NOW, reader=reader) == said


def test_another_year_is_named():
    at = datetime(2025, 12, 31, 12, tzinfo=UTC)
    assert moment(at, now=NOW, reader=Reader("en-GB", "UTC")) == "31 Dec 2025, 12:00"


@pytest.mark.parametrize(
    ("share", "locale", "said"),
    [(0.8333, "en-US", "83.3%"), (0.5, "en-US", "50%"), (1, "en-GB", "100%"), (0.125, "de-DE", "12,5 %")],
)
def test_a_share_is_written_as_a_percentage_the_readers_way(share, locale, said):
    assert percent(share, Reader(locale)) == said


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-US", "1,201,240.5"),
        ("de-DE", "1.201.240,5"),
        ("fr-FR", "1 201 240,5"),
        ("en-IN", "12,01,240.5"),
        ("xx-YY", "1,201,240.5"),
    ],
)
def test_a_number_is_written_the_readers_way(locale, said):
    assert number(1_201_240.5, Reader(locale)) == said


@pytest.mark.parametrize(("value", "said"), [(0.0, "0"), (-3, "-3"), (1.5, "1.5"), (2 / 3, "0.67")])
def test_a_number_has_two_decimals_at_the_most(value, said):
    assert number(value, Reader()) == said


def test_things_are_counted():
    assert [counted(runs, "run", Reader()) for runs in (0, 1, 18)] == ["0 runs", "1 run", "18 runs"]
    assert counted(1204, "lead", Reader("de-DE")) == "1.204 leads"


def test_the_month_begins_in_the_readers_zone():
    at = datetime(2026, 8, 1, 2, tzinfo=UTC)
    assert month_start(at, Reader(time_zone="America/New_York")) == datetime(2026, 7, 1, 4, tzinfo=UTC)
    assert month_start(at, Reader(time_zone="UTC")) == datetime(2026, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["", "Nowhere/Else", "../../etc/passwd", "\0", "/etc/localtime", "America"])
def test_an_unknown_zone_reads_as_utc(zone):
    assert moment(NOW, now=NOW, reader=Reader("en-GB", zone)) == "23:30"


@settings(max_examples=100, deadline=None)
@given(
    st.integers(-(10**9), 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from(sorted(localedata.locale_identifiers())).map(lambda found: found.replace("_", "-"))
    | st.text(max_size=12),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns"]) | st.text(max_size=12),
    st.floats(),
)
def test_whoever_reads_something_is_said_on_one_line(at, locale, zone, value):
    reader = Reader(locale, zone)
    for said in (moment(at, now=NOW, reader=reader), number(value, reader)):
        assert said
        assert "\n" not in said
