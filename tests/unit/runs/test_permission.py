"""Who may start, click and stop, as a pure decision."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.runs.permission import (
    Counts,
    Facts,
    Policy,
    UnknownFacts,
    click_refusal,
    floor_refusal,
    start_refusal,
    stop_refusal,
)

ADMIN, GUEST, MEMBER = Facts(is_admin=True), Facts(is_guest=True), Facts()
IDS = st.sampled_from(["U1", "U2", "U3"])
CHANNELS = st.sampled_from(["C1", "C2"])
FACTS = st.builds(
    Facts,
    is_admin=st.booleans(),
    is_guest=st.one_of(st.none(), st.booleans()),
    groups=st.one_of(st.none(), st.frozensets(st.sampled_from(["S1", "S2"]))),
)
POLICIES = st.builds(
    Policy,
    who_may_start=st.sampled_from(["everyone", "listed"]),
    people=st.lists(IDS, max_size=2).map(tuple),
    groups=st.lists(st.sampled_from(["S1", "S2"]), max_size=2).map(tuple),
    channels=st.lists(CHANNELS, max_size=1).map(tuple),
    runs_at_once=st.integers(0, 3),
    runs_a_day=st.integers(0, 3),
    credit_floor=st.integers(0, 50),
    who_may_click=st.sampled_from(["requester", "anyone", "admins"]),
    guests=st.sampled_from(["may", "may_not"]),
    set_by=st.sampled_from(["", "U9"]),
)
COUNTS = st.builds(Counts, st.integers(0, 4), st.integers(0, 4))


def start(policy: Policy, facts: Facts | None = MEMBER, **given: object) -> str | None:
    values = {"user_id": "U1", "channel_id": "C1", **given}
    reason = start_refusal(policy, facts=facts, **values)  # type: ignore[arg-type]
    return reason["code"] if reason else None


@given(IDS, CHANNELS, COUNTS)
def test_as_long_as_nothing_is_set_everyone_may_and_slack_is_never_asked(user, channel, counts):
    assert start(Policy(), None, user_id=user, channel_id=channel, counts=counts) is None
    nobody_asked = {"user_id": user, "facts": None}
    assert click_refusal(Policy(), channel_id=channel, requesters=(), **nobody_asked) is None
    assert stop_refusal(Policy(), "anyone", requester_id="U7", **nobody_asked) is None
    assert floor_refusal(Policy(), 0) is None


@given(POLICIES, IDS, CHANNELS, COUNTS)
def test_an_admin_may_whatever_is_set(policy, user, channel, counts):
    assert start(policy, ADMIN, user_id=user, channel_id=channel, counts=counts) is None
    assert click_refusal(policy, user_id=user, channel_id=channel, requesters=(), facts=ADMIN) is None
    for who_may_stop in ("requester", "anyone", "admins"):
        assert stop_refusal(policy, who_may_stop, user_id=user, requester_id="U7", facts=ADMIN) is None


@given(POLICIES, IDS, CHANNELS, COUNTS, FACTS)
def test_what_is_decided_without_asking_slack_is_what_its_answer_decides(
    policy, user, channel, counts, facts
):
    told = start(policy, facts, user_id=user, channel_id=channel, counts=counts)
    with contextlib.suppress(UnknownFacts):
        assert start(policy, None, user_id=user, channel_id=channel, counts=counts) is told is None


@given(POLICIES, IDS, CHANNELS, FACTS)
def test_whoever_may_not_start_may_not_click(policy, user, channel, facts):
    if start(policy, facts, user_id=user, channel_id=channel) is not None:
        pressed = click_refusal(policy, user_id=user, channel_id=channel, requesters=(user,), facts=facts)
        assert pressed is not None


@given(POLICIES, COUNTS, FACTS)
def test_fewer_runs_are_never_refused_where_more_are_not(policy, counts, facts):
    fewer = Counts(max(counts.at_once - 1, 0), max(counts.in_a_day - 1, 0))
    if start(policy, facts, counts=counts) is None:
        assert start(policy, facts, counts=fewer) is None


def test_listed_are_the_people_and_the_members_of_the_groups():
    policy = Policy(who_may_start="listed", people=("U1",), groups=("S1",))
    assert start(policy, None) is None
    assert start(policy, Facts(groups=frozenset({"S1"})), user_id="U2") is None
    assert start(policy, Facts(groups=frozenset()), user_id="U2") == "NOT_LISTED"
    assert start(policy, Facts(groups=None), user_id="U2") == "GROUPS_UNKNOWN"
    with pytest.raises(UnknownFacts) as unknown:
        start(policy, None, user_id="U2")
    assert unknown.value.groups == ("S1",)


def test_a_refusal_names_who_can_help():
    listed = tuple(f"U{number}" for number in range(9))
    policy = Policy(who_may_start="listed", people=listed, set_by="UADMIN")
    reason = start_refusal(policy, user_id="UX", channel_id="C1", facts=MEMBER)
    named = {"people": ["U0", "U1", "U2"], "groups": 0}
    assert reason == {"code": "NOT_LISTED", "set_by": "UADMIN"} | named


def test_a_refusal_says_that_members_of_groups_may():
    policy = Policy(who_may_start="listed", groups=("S1", "S2"))
    reason = start_refusal(policy, user_id="UX", channel_id="C1", facts=MEMBER)
    assert reason == {"code": "NOT_LISTED", "people": [], "groups": 2, "set_by": ""}


def test_guests_may_as_everyone_else_unless_they_may_not():
    assert start(Policy(), GUEST) is None
    assert start(Policy(guests="may_not"), GUEST) == "GUEST"
    assert start(Policy(guests="may_not"), MEMBER) is None
    assert start(Policy(guests="may_not", who_may_start="listed", people=("U1",)), GUEST) == "GUEST"


def test_who_may_be_a_guest_for_all_that_slack_tells_is_let_in_nowhere_where_guests_may_not():
    unknown, no_guests = Facts(is_guest=None), Policy(guests="may_not")
    assert start(Policy(), unknown) is None
    assert start(no_guests, unknown) == "GUEST_UNKNOWN"
    given = {"user_id": "U2", "facts": unknown}
    click = click_refusal(no_guests, channel_id="C1", requesters=("U1",), **given)
    stop = stop_refusal(no_guests, "anyone", requester_id="U1", **given)
    assert click == stop == {"code": "GUEST_UNKNOWN", "set_by": ""}
    assert stop_refusal(no_guests, "anyone", requester_id="U2", **given) is None
    assert start(no_guests, Facts(is_admin=True, is_guest=None)) is None


def test_runs_start_in_the_named_channels_only():
    policy = Policy(channels=("C1", "C2", "C3", "C4", "C5"))
    assert start(policy, None) is None
    reason = start_refusal(policy, user_id="U1", channel_id="D1", facts=MEMBER)
    assert reason is not None
    assert (reason["code"], reason["channels"], reason["more"]) == ("OTHER_CHANNELS", ["C1", "C2", "C3"], 2)


@pytest.mark.parametrize(
    ("counts", "recurs", "code"),
    [
        (Counts(1, 2), False, None),
        (Counts(2, 2), False, "RUNS_AT_ONCE"),
        (Counts(2, 2), True, None),
        (Counts(0, 3), False, "RUNS_A_DAY"),
        (Counts(0, 3), True, "RUNS_A_DAY"),
    ],
)
def test_a_recurring_brief_waits_for_nobodys_runs_but_is_one_of_the_days(counts, recurs, code):
    policy = Policy(runs_at_once=2, runs_a_day=3)
    assert start(policy, counts=counts, recurs=recurs) == code


@pytest.mark.parametrize(
    ("who", "user", "code"),
    [
        ("anyone", "U3", None),
        ("requester", "U1", None),
        ("requester", "U2", None),
        ("requester", "U3", "MAY_NOT_CLICK"),
        ("admins", "U1", "MAY_NOT_CLICK"),
    ],
)
def test_who_may_click(who, user, code):
    policy = Policy(who_may_click=who)
    found = click_refusal(policy, user_id=user, channel_id="C1", requesters=("U1", "U2"), facts=MEMBER)
    assert (found["code"] if found else None) == code


@pytest.mark.parametrize(
    ("who", "user", "facts", "code"),
    [
        ("requester", "U1", None, None),
        ("requester", "U2", MEMBER, "MAY_NOT_STOP"),
        ("anyone", "U2", MEMBER, None),
        ("anyone", "U2", GUEST, "GUEST"),
        ("anyone", "U1", None, None),
        ("admins", "U1", MEMBER, "MAY_NOT_STOP"),
    ],
)
def test_who_may_stop(who, user, facts, code):
    policy = Policy(guests="may_not")
    found = stop_refusal(policy, who, user_id=user, requester_id="U1", facts=facts)
    assert (found["code"] if found else None) == code


def test_the_floor_is_the_first_balance_that_is_enough():
    policy = replace(Policy(), credit_floor=10, set_by="U9")
    assert floor_refusal(policy, 10) is None
    assert floor_refusal(policy, 9.75) == {
        "code": "CREDIT_FLOOR",
        "credits_available": 9.75,
        "floor": 10,
        "set_by": "U9",
    }
