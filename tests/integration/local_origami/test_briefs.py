import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_origami.briefs import MOST_LEADS, Brief
from bot.sandbox.local_origami.clock import Clock
from bot.sandbox.local_origami.retry_after import seconds
from bot.sandbox.local_origami.scenarios import SCENARIOS, script_for


def brief(prompt: str) -> Brief:
    return Brief(prompt, random.Random(1), step_cap=50)


@pytest.mark.parametrize(
    ("prompt", "name", "wanted"),
    [
        ("find 50 SaaS founders in Austin who raised seed", "Austin Seed Founders", 18),
        ("find 50 saas founders in austin who raised seed", "Austin Seed Founders", 18),
        ("Find 25 dental clinics in Leeds", "Leeds Clinics", 18),
        ("find me 5 roofers in San Antonio, with a website", "San Antonio Roofers", 5),
        ("[slow] find 7 founders in New York [two tables]", "New York Founders", 7),
        ("hello", "Austin Leads", 12),
    ],
)
def test_a_brief_is_skimmed_for_how_many_of_what_and_where(prompt: str, name: str, wanted: int):
    assert (brief(prompt).table_name, brief(prompt).wanted) == (name, wanted)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(
            st.sampled_from(["find ", "in ", "who ", "50 ", "[", "]", "leads", "Ørsted ", ", ", *SCENARIOS]),
            max_size=30,
        ).map("".join),
    )
)
def test_any_prompt_has_a_script_that_stays_within_its_own_steps(prompt: str):
    subject = brief(prompt)
    script = script_for(subject)

    assert 1 <= subject.wanted <= MOST_LEADS
    assert script.steps is None or all(effect.at <= script.steps for effect in script.effects)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0, 1_000)), max_size=8))
def test_the_calendar_finds_the_moment_of_any_work_however_the_speed_changed(changes):
    clock = Clock(now=lambda: 1_000.0)
    for speed, wait in changes:
        clock.set_speed(speed)
        before = (clock.work(), clock.wall())
        clock.advance(wait)
        assert clock.work() >= before[0]
        assert clock.wall_at(clock.work()) == pytest.approx(clock.wall())
        assert clock.wall_at((before[0] + clock.work()) / 2) == pytest.approx((before[1] + clock.wall()) / 2)


def test_time_neither_stops_nor_goes_backwards():
    with pytest.raises(ValueError, match="above 0"):
        Clock(speed=0)
    with pytest.raises(ValueError, match="forwards"):
        Clock().advance(-1)


@pytest.mark.parametrize(("wait", "header"), [(15, "15"), (15.2, "16"), (1, "1"), (0.05, "0.05"), (0, "0")])
def test_retry_after_is_whole_seconds_unless_tests_want_it_quicker(wait: float, header: str):
    assert seconds(wait) == header
