import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Priority, budget, ceiling, poll_interval


def test_the_more_urgent_may_spend_more():
    ceilings = [ceiling(priority) for priority in sorted(Priority)]
    assert ceilings == sorted(ceilings, reverse=True)
    assert len(set(ceilings)) == len(ceilings)


def test_a_fifth_of_origamis_limit_is_left_to_others():
    assert ceiling(Priority.START) == 80


def test_polls_at_full_load_starve_neither_reads_nor_watching():
    assert ceiling(Priority.READ) - budget.POLLS_A_MINUTE >= 15
    assert ceiling(Priority.WATCH) - budget.POLLS_A_MINUTE >= 5


@pytest.mark.parametrize(
    ("open_runs", "retry_after", "seconds"),
    [(1, None, 15.0), (0, None, 15.0), (1, 30.0, 30.0), (11, 15.0, 15.0), (45, 15.0, 60.0), (45, 90.0, 90.0)],
)
def test_origamis_wish_is_kept_and_stretched_when_runs_pile_up(open_runs, retry_after, seconds):
    assert poll_interval(open_runs, retry_after) == seconds


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 100_000), st.none() | st.floats(0, 3600))
def test_polls_stay_in_their_share(open_runs, retry_after):
    interval = poll_interval(open_runs, retry_after)
    assert interval >= (15.0 if retry_after is None else retry_after)
    assert open_runs * 60 / interval <= budget.POLLS_A_MINUTE + 1e-6
