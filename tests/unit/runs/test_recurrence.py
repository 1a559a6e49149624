"""A recurring brief is due once on each chosen date, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.runs.recurrence import WEEKDAYS, RecurrenceError, next_after, zone_named, zones_like

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",  # put forward by half an hour
    "Africa/Casablanca",
    "Pacific/Chatham",
    "UTC",
]
EVERY_DAY = WEEKDAYS


def due(zone, time, start, days, weekdays=EVERY_DAY):
    """What is due from the beginning of a date in the zone, for so many days."""
    at = datetime.combine(start, datetime.min.time(), ZoneInfo(zone)).astimezone(UTC) - timedelta(seconds=1)
    end = at + timedelta(days=days)
    found = []
    while (at := next_after(weekdays, time, zone, at)) <= end:
        found.append(at)
    return found


def wall(moments, zone):
    return [f"{moment.astimezone(ZoneInfo(zone)):%m-%d %H:%M}" for moment in moments]


@pytest.mark.parametrize(
    ("zone", "time", "start", "expected"),
    [
        ("Europe/Berlin", "02:30", date(2026, 3, 28), ["03-28 02:30", "03-29 03:30", "03-30 02:30"]),
        ("Europe/Berlin", "02:30", date(2026, 10, 24), ["10-24 02:30", "10-25 02:30", "10-26 02:30"]),
        ("Europe/Berlin", "09:00", date(2026, 3, 28), ["03-28 09:00", "03-29 09:00", "03-30 09:00"]),
        ("America/New_York", "02:30", date(2026, 3, 7), ["03-07 02:30", "03-08 03:30", "03-09 02:30"]),
        ("America/New_York", "01:30", date(2026, 10, 31), ["10-31 01:30", "11-01 01:30", "11-02 01:30"]),
        ("Asia/Kolkata", "09:00", date(2026, 3, 28), ["03-28 09:00", "03-29 09:00", "03-30 09:00"]),
    ],
)
def test_each_date_has_one_time_when_the_clocks_change(zone, time, start, expected):
    found = due(zone, time, start, 3)
    assert wall(found, zone) == expected


def test_a_time_that_comes_twice_is_not_due_again_in_the_hour_that_is_put_back():
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Berlin, for the first time
    assert next_after(EVERY_DAY, "02:30", "Europe/Berlin", first - timedelta(minutes=1)) == first
    for minutes in (0, 35, 60, 90):
        later = next_after(EVERY_DAY, "02:30", "Europe/Berlin", first + timedelta(minutes=minutes))
        assert later == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_kolkata_is_half_an_hour_off():
    at = next_after(["mon"], "09:00", "Asia/Kolkata", datetime(2026, 7, 20, tzinfo=UTC))
    assert at == datetime(2026, 7, 20, 3, 30, tzinfo=UTC)


def test_a_date_that_a_zone_left_out_does_no_harm():
    # Samoa went from Thursday to Saturday.
    found = due("Pacific/Apia", "09:00", date(2011, 12, 29), 2)
    assert wall(found, "Pacific/Apia") == ["12-29 09:00", "12-31 09:00"]


chosen_days = st.sets(st.sampled_from(WEEKDAYS), min_size=1)
times = st.times().map(lambda time: f"{time:%H:%M}")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ZONES), times, chosen_days, st.dates(date(2020, 1, 1), date(2035, 1, 1)))
def test_it_is_due_exactly_once_on_each_chosen_date(zone, time, weekdays, start):
    found = due(zone, time, start, 21, weekdays)
    dates = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
    expected = [start + timedelta(days=day) for day in range(21)]
    # The last day's time may lie beyond 21 times 24 hours.
    assert set(expected[:-1]) & {day for day in expected if WEEKDAYS[day.weekday()] in weekdays} <= set(dates)
    assert len(set(dates)) == len(dates)
    assert all(WEEKDAYS[day.weekday()] in weekdays for day in dates)
    assert all(earlier < later for earlier, later in pairwise(found))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    times,
    chosen_days,
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.timedeltas(timedelta(), timedelta(days=3)),
)
def test_it_is_never_in_the_past_and_never_earlier_for_a_later_moment(zone, time, weekdays, after, later):
    first, second = (next_after(weekdays, time, zone, at) for at in (after, after + later))
    assert after < first <= second
    assert first.tzinfo is UTC
    assert first - after <= timedelta(days=8)


@pytest.mark.parametrize(
    ("weekdays", "time", "zone", "field"),
    [
        ([], "09:00", "UTC", "weekdays"),
        (["someday"], "09:00", "UTC", "weekdays"),
        (["mon"], "24:00", "UTC", "time_of_day"),
        (["mon"], "9", "UTC", "time_of_day"),
        (["mon"], "", "UTC", "time_of_day"),
        (["mon"], "09:00", "Mars/Olympus", "time_zone"),
        (["mon"], "09:00", "../../etc/passwd", "time_zone"),
        (["mon"], "09:00", "", "time_zone"),
    ],
)
def test_what_cannot_recur_says_which_part_is_wrong(weekdays, time, zone, field):
    with pytest.raises(RecurrenceError) as raised:
        next_after(weekdays, time, zone, datetime(2026, 1, 1, tzinfo=UTC))
    assert raised.value.field == field
    assert str(raised.value)


def test_zones_are_found_however_they_are_typed():
    assert zone_named("europe/berlin") == "Europe/Berlin"
    assert zone_named(" America/New York ") == "America/New_York"
    assert "Europe/Berlin" in zones_like("berlin")
    assert zones_like("new york") == ["America/New_York"]
    assert zones_like("atlantis") == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=70))
def test_whatever_is_typed_is_a_zone_or_a_clear_error(text):
    try:
        found = zone_named(text)
    except RecurrenceError:
        return
    assert ZoneInfo(found).key == zone_named(found) == found
