"""Each refusal has words of its own and a way out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.views.ended import ending
from bot.views.notices import notice
from bot.views.opening import opening
from bot.views.refusals import for_all_eyes, words
from storage.records import RunState
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import NOW, a_run, a_thread, choices_of
from tests.unit.views.strategies import NAME, URL

CODES = (
    "UNAUTHORIZED",
    "KEY_REFUSED",
    "NO_KEY",
    "SUBSCRIPTION_REQUIRED",
    "INSUFFICIENT_CREDITS",
    "BUDGET_EXCEEDED",
    "ACCOUNT_BLOCKED",
    "PAYMENT_REQUIRED",
    "MODEL_NOT_AVAILABLE",
    "VALIDATION_ERROR",
    "AGENT_NOT_FOUND",
    "RUN_NOT_FOUND",
    "NO_ANSWER",
    "NEVER_ENDED",
    "CANNOT_POST",
    "PROMPT_TOO_LONG",
    "EMPTY_PROMPT",
    "REFUSED",
)
POSTING_ERRORS = (
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action_read_only_channel",
    "missing_scope",
    "token_revoked",
    "message_limit_exceeded",
    "something_new",
)
FIELDS = (
    "message",
    "error",
    "channel_id",
    "model",
    "reason",
    "http_status",
    "request_id",
    "url_label",
    "budgets",
    "issues",
    "credits_required",
)
ANYTHING = st.one_of(
    NAME, st.none(), st.integers(), st.floats(), st.lists(NAME, max_size=8), st.just([{"message": "x"}, 1])
)
REASONS = st.builds(
    lambda code, url, fields: {**fields, "code": code, "url": url},
    st.sampled_from([*CODES, "SOMETHING_NEW"]),
    URL,
    st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, ANYTHING)),
)


def test_each_code_has_words_of_its_own():
    said = {code: words({"code": code}) for code in CODES if code != "UNAUTHORIZED"}
    assert len({refusal.what for refusal in said.values()}) == len(said)
    assert all(refusal.next_step for refusal in said.values())


def test_slacks_refusals_are_told_apart():
    said = {words({"code": "CANNOT_POST", "error": error}).what for error in POSTING_ERRORS}
    assert len(said) == len(POSTING_ERRORS) - 1  # not being in a channel and not seeing it have one cure


@pytest.mark.parametrize("reason", ["payment_failed", "spend_limit_reached", "settlement_pending", "new"])
def test_each_block_on_an_account_says_what_to_do(reason):
    refusal = words({"code": "ACCOUNT_BLOCKED", "reason": reason})
    assert "because" in refusal.what
    assert refusal.next_step.endswith("then try again.")


def test_credits_are_shown_as_numbers_not_as_floats():
    what = words({"code": "INSUFFICIENT_CREDITS", "credits_required": 5.0, "credits_available": 1234.5}).what
    assert "at least 5 and the balance is 1,234.5." in what


@pytest.mark.parametrize(
    "reason",
    [
        {"code": "INSUFFICIENT_CREDITS", "credits_required": 5, "credits_available": 1.5},
        {"code": "CREDIT_FLOOR", "floor": 5, "credits_available": 1.5},
    ],
)
def test_how_many_credits_are_left_is_not_for_all_eyes(reason):
    assert "1.5" in words(reason).what
    what = words(for_all_eyes(reason)).what
    assert "1.5" not in what
    assert "5" in what


def test_budgets_are_named():
    assert "Sales and R&amp;D" in words({"code": "BUDGET_EXCEEDED", "budgets": ["Sales", "R&D"]}).what


def test_an_unknown_code_is_neutral_and_quotes_origami():
    refusal = words(
        {"code": "TEAPOT", "message": "I am <!channel> a teapot", "http_status": 418, "request_id": "req-1"}
    )
    assert "(answer 418, request req-1)" in refusal.what
    assert "“I am &lt;!channel&gt; a teapot”" in refusal.what


def test_only_https_is_a_way_out():
    assert (
        words({"code": "INSUFFICIENT_CREDITS", "url": "https://origami.chat/top-up"}).link_label
        == "Top up credits"
    )
    assert words({"code": "INSUFFICIENT_CREDITS", "url": "javascript:alert(1)"}).link is None
    assert words(None).link is None


def test_a_missing_membership_says_how_to_invite():
    assert "/invite @Origami" in words({"code": "CANNOT_POST", "error": "not_in_channel"}).next_step


@settings(max_examples=100, deadline=None)
@given(REASONS, st.sampled_from(["rejected", "lost"]))
def test_any_reason_gives_sound_messages(reason, status):
    run = a_run(state=RunState.FINISHED, status=status, reason=reason)
    (message,) = ending(run, thread=a_thread(), choices=choices_of(run, None))
    assert_sound(message)
    assert_sound(opening(run, thread=a_thread(), result=None, place=None, now=NOW))
    assert_sound(notice({"code": "refused", "reason": reason}))


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["click_lost", "click_over", "stop_late", "cannot_post", "refused", "new"]),
    st.dictionaries(
        st.sampled_from(
            [
                "by",
                "label",
                "why",
                "http_status",
                "request_id",
                "error",
                "channel_id",
                "reason",
                "prompt",
                "ended",
            ]
        ),
        ANYTHING,
    ),
)
def test_any_notice_is_sound(code, fields):
    assert_sound(notice({**fields, "code": code}))
