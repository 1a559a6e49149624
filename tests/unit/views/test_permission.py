"""The words for what somebody may not do, and the form in which that is set."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.validation import validate_view
from bot.views.modals import refused_modal
from bot.views.notices import notice
from bot.views.opening import opening
from bot.views.permission import PERMISSION_CODES, permission_words
from bot.views.roles import read_roles, roles_modal
from storage.policies import MOST_CREDITS, MOST_LISTED, MOST_RUNS, Policy
from storage.records import RunState
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import COLLEAGUE, NOW, REQUESTER, a_run, a_thread, payload
from tests.unit.views.strategies import NAME

ADMIN = COLLEAGUE
REASONS = {
    "outsider": {"code": "OUTSIDER", "requester": REQUESTER},
    "outsider_no_thread": {"code": "OUTSIDER", "requester": None},
    "guest": {"code": "GUEST", "set_by": ADMIN},
    "not_listed": {"code": "NOT_LISTED", "people": [REQUESTER, COLLEAGUE]},
    "not_listed_one": {"code": "NOT_LISTED", "people": [REQUESTER], "set_by": ADMIN},
    "not_listed_nobody": {"code": "NOT_LISTED", "people": []},
    "not_listed_group": {"code": "NOT_LISTED", "people": [], "groups": 1, "set_by": ADMIN},
    "not_listed_groups": {"code": "NOT_LISTED", "people": [REQUESTER], "groups": 2},
    "guest_unknown": {"code": "GUEST_UNKNOWN", "set_by": ADMIN},
    "groups_unknown": {"code": "GROUPS_UNKNOWN", "set_by": ADMIN},
    "other_channels": {"code": "OTHER_CHANNELS", "channels": ["C0LEADS"], "more": 4, "set_by": ADMIN},
    "at_once": {"code": "RUNS_AT_ONCE", "limit": 3, "set_by": ADMIN},
    "a_day": {"code": "RUNS_A_DAY", "limit": 1, "set_by": ADMIN},
    "a_day_nobody_known": {"code": "RUNS_A_DAY", "limit": 2500},
    "floor": {"code": "CREDIT_FLOOR", "credits_available": 48.5, "floor": 1000, "set_by": ADMIN},
    "may_not_click": {
        "code": "MAY_NOT_CLICK",
        "who": "requester",
        "requester": REQUESTER,
        "set_by": ADMIN,
    },
    "may_not_click_admins": {"code": "MAY_NOT_CLICK", "who": "admins", "set_by": ADMIN},
    "may_not_stop": {"code": "MAY_NOT_STOP", "who": "requester", "requester": REQUESTER},
    "may_not_stop_admins": {"code": "MAY_NOT_STOP", "who": "admins"},
}
FULL = Policy(
    who_may_start="listed",
    people=("U1", "U2"),
    groups=("S1", "S7"),
    channels=("C1",),
    runs_at_once=3,
    runs_a_day=20,
    credit_floor=100,
    who_may_click="requester",
    guests="may_not",
    set_by=ADMIN,
)
GROUPS = [("S1", "Sales team"), ("S2", "Field sales")]
FORMS = {
    "fresh": roles_modal(Policy(), GROUPS),
    "full": roles_modal(FULL, GROUPS),
    "no_scope": roles_modal(FULL, None),
    "no_groups": roles_modal(Policy(), []),
}
FIELDS = (
    *("people", "groups", "channels", "more", "limit", "set_by", "requester", "who"),
    *("credits_available", "floor"),
)
ANYTHING = st.one_of(NAME, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(NAME, max_size=5))


@pytest.mark.parametrize("name", sorted(REASONS))
def test_a_refusal_reads_as_it_did(name):
    shown = notice({"code": "refused", "reason": REASONS[name]})
    assert_sound(shown)
    assert_golden(f"notice_permission_{name}", payload(shown))


def test_every_refusal_has_its_golden_words():
    assert {reason["code"] for reason in REASONS.values()} == PERMISSION_CODES


@pytest.mark.parametrize("name", sorted(REASONS))
def test_every_refusal_says_who_can_help(name):
    what, next_step = permission_words(REASONS[name])
    assert what
    assert any(word in next_step for word in ("<@", "admin", "somebody"))


@given(st.sampled_from(sorted(PERMISSION_CODES)), st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
@settings(deadline=None)
def test_whatever_is_kept_of_a_refusal_it_can_be_shown(code, facts):
    reason = {**facts, "code": code}
    assert_sound(notice({"code": "refused", "reason": reason}))
    assert validate_view(refused_modal(reason), "modal") == []
    run = a_run(state=RunState.FINISHED, status="rejected", reason=reason, finished_at=NOW)
    assert_sound(opening(run, thread=a_thread(), result=None, place=None, now=NOW))


def test_a_recurring_brief_that_is_left_out_says_that_it_goes_on():
    left_out = {
        "code": "schedule_left_out",
        "reason": REASONS["a_day"],
        "channel_id": "C0LEADS",
        "prompt": "find",
    }
    shown = notice(left_out)
    assert_sound(shown)
    assert_golden("notice_schedule_left_out", payload(shown))


@pytest.mark.parametrize("name", sorted(FORMS))
def test_the_form_looks_as_it_did(name):
    assert validate_view(FORMS[name], "modal") == []
    assert_golden(f"roles_{name}", FORMS[name])


NAMES = {
    "multi_users_select": ("selected_users", "initial_users"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "multi_static_select": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "number_input": ("value", "initial_value"),
}


def as_shown(view):
    """What Slack sends back when somebody submits the form without touching it."""
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    return {block["block_id"]: {block["element"]["action_id"]: _state(block["element"])} for block in inputs}


def _state(element):
    name, initial = NAMES[element["type"]]
    empty = [] if name.endswith("s") else None
    return {"type": element["type"], name: element.get(initial, empty)}


USERS = st.lists(st.from_regex(r"U[A-Z0-9]{1,10}", fullmatch=True), max_size=MOST_LISTED, unique=True).map(
    tuple
)
POLICIES = st.builds(
    Policy,
    who_may_start=st.sampled_from(["everyone", "listed"]),
    people=USERS,
    groups=st.lists(st.sampled_from(["S1", "S2", "S3", "S4"]), unique=True).map(tuple),
    channels=st.lists(st.from_regex(r"C[A-Z0-9]{1,10}", fullmatch=True), max_size=5, unique=True).map(tuple),
    runs_at_once=st.integers(0, MOST_RUNS),
    runs_a_day=st.integers(0, MOST_RUNS),
    credit_floor=st.integers(0, MOST_CREDITS),
    who_may_click=st.sampled_from(["requester", "anyone", "admins"]),
    guests=st.sampled_from(["may", "may_not"]),
)


@given(POLICIES, st.sampled_from([None, [], GROUPS, [(f"S{n}", "") for n in range(200)]]))
@settings(deadline=None)
def test_a_form_that_is_sent_untouched_changes_nothing(policy, groups):
    form = roles_modal(policy, groups)
    assert validate_view(form, "modal") == []
    assert read_roles(as_shown(form), policy) == policy


@given(st.dictionaries(st.sampled_from(["people", "groups", "runs_a_day", "who_may_start"]), ANYTHING))
def test_a_strange_form_reads_as_some_policy(values):
    strange = {name: {"field": {"selected_users": value, "value": value}} for name, value in values.items()}
    assert read_roles(strange, FULL).groups == FULL.groups
