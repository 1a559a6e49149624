from datetime import UTC, datetime

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import origami
from bot.origami import errors
from bot.origami.errors import ActiveSession, Handoff, Issue, from_answer

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


def answer(status, body=None, *, content=None, **headers):
    named = httpx.Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return from_answer(status, named, orjson.dumps(body) if content is None else content, now=NOW)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "UNAUTHORIZED", errors.KeyRefused),
        (403, "FORBIDDEN", errors.KeyRefused),
        (403, "WORKSPACE_LIMIT_REACHED", errors.Refused),
        (402, "SUBSCRIPTION_REQUIRED", errors.SubscriptionRequired),
        (402, "INSUFFICIENT_CREDITS", errors.InsufficientCredits),
        (402, "BUDGET_EXCEEDED", errors.BudgetExceeded),
        (402, "ACCOUNT_BLOCKED", errors.AccountBlocked),
        (402, "SOMETHING_NEW", errors.PaymentRequired),
        (402, None, errors.PaymentRequired),
        (400, "VALIDATION_ERROR", errors.InvalidRequest),
        (413, "TOO_MANY_ROWS", errors.InvalidRequest),
        (422, "UPLOAD_FAILED", errors.UploadFailed),
        (400, "MODEL_NOT_AVAILABLE", errors.ModelNotAvailable),
        (404, "PROJECT_NOT_FOUND", errors.NotFound),
        (404, "AGENT_NOT_FOUND", errors.AgentNotFound),
        (404, "RUN_NOT_FOUND", errors.RunNotFound),
        (404, "TABLE_NOT_FOUND", errors.TableNotFound),
        (409, "AMBIGUOUS_MATCH", errors.Conflict),
        (409, "AGENT_BUSY", errors.AgentBusy),
        (409, "IDEMPOTENCY_ERROR", errors.IdempotencyConflict),
        (429, "CONCURRENT_LIMIT_EXCEEDED", errors.NoFreeSlot),
        (429, "RATE_LIMITED", errors.TooManyRequests),
        (429, "SOMETHING_NEW", errors.TooManyRequests),
        (429, "AGENT_BUSY", errors.TooManyRequests),
        (418, "TEAPOT", errors.Refused),
        (408, None, errors.Unavailable),
        (500, "INTERNAL_ERROR", errors.Unavailable),
        (503, "AGENT_NOT_FOUND", errors.Unavailable),
        (302, None, errors.Unavailable),
    ],
)
def test_status_and_code_choose_the_class(status, code, kind):
    found = answer(status, {"error": "Origami's words", "code": code}, x_request_id="req-9")
    assert type(found) is kind
    assert (found.status, found.code, found.message) == (status, code, "Origami's words")
    assert found.request_id == "req-9"
    assert found.handoff is None


HTML = b"<html><body>502 Bad Gateway</body></html>"


@pytest.mark.parametrize("content", [HTML, b"", b'{"error": "cu', b'"text"', b"[]", b"[" * 100_000])
def test_a_4xx_that_is_not_origamis_json_comes_from_a_proxy(content):
    for status in (400, 402, 403, 404, 409, 418):
        assert type(answer(status, content=content)) is errors.Unavailable


@pytest.mark.parametrize("content", [HTML, b""])
def test_some_statuses_need_no_body(content):
    assert type(answer(401, content=content)) is errors.KeyRefused
    assert type(answer(429, content=content)) is errors.TooManyRequests
    assert type(answer(413, content=content)) is errors.InvalidRequest
    assert answer(401, content=content).message == "HTTP 401"


def test_a_502_page_may_hide_an_admitted_run():
    found = answer(502, content=HTML)
    assert type(found) is errors.Unavailable
    assert found.uncertain


def test_only_what_was_never_sent_is_certain():
    assert errors.Unavailable().uncertain
    assert errors.MalformedAnswer().uncertain
    assert not errors.Unreachable().uncertain


def test_missing_credits_say_how_many_and_where_to_top_up():
    found = answer(
        402,
        {
            "error": "Not enough credits",
            "code": "INSUFFICIENT_CREDITS",
            "creditsRequired": 5,
            "creditsAvailable": 2.75,
            "topUpUrl": "https://origami.chat/billing",
            "handoff": {"kind": "upgrade-plan", "url": "https://origami.chat/plans", "label": "Upgrade"},
        },
    )
    assert (found.credits_required, found.credits_available) == (5.0, 2.75)
    assert found.top_up_url == "https://origami.chat/billing"
    assert found.handoff == Handoff("upgrade-plan", "https://origami.chat/plans", "Upgrade")
    assert str(found) == "402 INSUFFICIENT_CREDITS Not enough credits"


@pytest.mark.parametrize(
    "url",
    [
        "http://origami.chat/billing",
        "javascript:alert(1)",
        "https://",
        "https:///billing",
        "https://origami.chat@evil.example/",
        "https://origami.chat/|click <!channel>",
        "https://origami.chat/\nx",
        "https://[broken/",
        "https://a.example/" + "x" * 2_000,
        7,
        None,
    ],
)
def test_only_sound_https_links_are_kept(url):
    body = {
        "code": "INSUFFICIENT_CREDITS",
        "topUpUrl": url,
        "handoff": {"kind": "k", "url": url, "label": "l"},
    }
    found = answer(402, body)
    assert found.top_up_url is None
    assert found.handoff is None


def test_fields_are_found_beside_the_code_and_in_the_details():
    beside = answer(402, {"code": "BUDGET_EXCEEDED", "blockedByBudgets": ["Q3", None, {}, "Sales"]})
    within = answer(402, {"code": "BUDGET_EXCEEDED", "details": {"blockedByBudgets": ["Q3"]}})
    assert beside.blocked_by_budgets == ("Q3", "Sales")
    assert within.blocked_by_budgets == ("Q3",)
    assert answer(402, {"code": "ACCOUNT_BLOCKED", "reason": "payment_failed"}).reason == "payment_failed"


def test_validation_issues_keep_the_readable_ones():
    issues = [{"path": ["prompt", 0], "message": "too long"}, "junk", {"path": "x"}, {"message": "bad"}]
    found = answer(400, {"code": "VALIDATION_ERROR", "details": {"issues": issues}})
    assert found.issues == (Issue("prompt.0", "too long"), Issue("", "bad"))


def test_a_busy_agent_says_with_what_and_since_when():
    found = answer(
        409,
        {"code": "AGENT_BUSY", "currentRun": {"id": "v2_run-1", "startedAt": "2026-07-21T08:58:10.000Z"}},
    )
    assert found.current_run == "v2_run-1"
    assert found.started_at == datetime(2026, 7, 21, 8, 58, 10, tzinfo=UTC)
    assert answer(409, {"code": "AGENT_BUSY", "currentRun": None}).started_at is None


def test_a_full_house_says_who_holds_the_slots_and_how_long():
    sessions = [
        {"agentId": "a9", "name": "Roofers in Austin", "startedAt": "2026-07-21T08:58:10.000Z"},
        None,
        {"agentId": "a8", "name": None, "startedAt": "yesterday"},
    ]
    body = {
        "code": "CONCURRENT_LIMIT_EXCEEDED",
        "error": "Concurrent agent limit reached",
        "limit": 1,
        "activeSessions": sessions,
        "canUpgrade": True,
    }
    found = answer(429, body, retry_after="140")
    assert (found.limit, found.can_upgrade, found.retry_after, found.wait_seconds) == (1, True, 140.0, 140.0)
    assert found.active_sessions == (
        ActiveSession("a9", "Roofers in Austin", datetime(2026, 7, 21, 8, 58, 10, tzinfo=UTC)),
        ActiveSession("a8", "", None),
    )


def test_throttling_without_retry_after_waits_a_minute():
    found = answer(429, {"code": "RATE_LIMITED"})
    assert found.retry_after is None
    assert found.wait_seconds == 60.0
    assert answer(429, {}, retry_after="Sun, 22 Nov 2026 20:00:30 GMT").wait_seconds == 30.0


def test_origamis_words_are_one_line_of_at_most_300_characters():
    assert answer(400, {"error": "a\n\tb\x00" + "x" * 500}).message == "a b" + "x" * 297
    assert answer(400, {"message": "only this"}).message == "only this"
    assert answer(400, {"error": {"code": "NESTED", "message": "deep"}}).message == "deep"


def test_an_error_can_be_made_without_an_answer():
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.OrigamiError):
            assert kind("words").message == "words"
            assert str(kind()) == name


def test_the_tree_in_the_module_names_every_class():
    drawn = errors.__doc__
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.OrigamiError):
            assert name in drawn
            assert getattr(origami, name) is kind


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    "error",
    "code",
    "details",
    "handoff",
    "creditsRequired",
    "activeSessions",
    "currentRun",
    "issues",
    "limit",
]
CODES = sorted({code for _, code in errors._BY_CODE})


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([400, 401, 402, 403, 404, 409, 418, 429, 500]),
    st.dictionaries(st.sampled_from(FIELDS), junk),
    st.none() | st.sampled_from(CODES),
)
def test_no_body_breaks_the_reading_of_an_error(status, body, code):
    try:
        content = orjson.dumps({**body, **({"code": code} if code else {})})
    except orjson.JSONEncodeError:
        content = b"{}"
    found = answer(status, content=content)
    assert found.status == status
    assert len(found.message) <= 300
