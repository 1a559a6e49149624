import asyncio

import aiohttp
import pytest

from bot.sandbox.local_origami import Fault, LocalOrigami, LocalOrigamiSettings
from tests.integration.local_origami.caller import Caller
from tests.integration.local_origami.conftest import NOON

BRIEF = {"prompt": "find 10 founders in Austin"}


@pytest.mark.parametrize("key", [None, "og_live_unknown", "sk_live_local", "og_live_revoked"])
async def test_without_a_valid_key_everything_is_401(caller: Caller, key: str | None):
    refused = await caller.with_key(key).get("/account")

    assert (refused.status, refused.code) == (401, "UNAUTHORIZED")


async def test_a_revoked_key_is_refused_at_once(caller: Caller, origami: LocalOrigami):
    origami.add_key("og_live_second", org="second")
    assert (await caller.with_key("og_live_second").get("/account")).status == 200

    origami.revoke_key("og_live_second")
    assert (await caller.with_key("og_live_second").get("/account")).status == 401


@pytest.mark.parametrize(
    ("key", "code", "field"),
    [
        ("og_live_no_subscription", "SUBSCRIPTION_REQUIRED", "hint"),
        ("og_live_no_credits", "INSUFFICIENT_CREDITS", "topUpUrl"),
        ("og_live_budget_exceeded", "BUDGET_EXCEEDED", "blockedByBudgets"),
        ("og_live_payment_failed", "ACCOUNT_BLOCKED", "reason"),
        ("og_live_spend_limit_reached", "ACCOUNT_BLOCKED", "reason"),
        ("og_live_settlement_pending", "ACCOUNT_BLOCKED", "reason"),
    ],
)
async def test_reserved_keys_show_each_kind_of_402(caller: Caller, key: str, code: str, field: str):
    refused = await caller.with_key(key).post("/agents", BRIEF)

    assert (refused.status, refused.code) == (402, code)
    assert field in refused.json


async def test_a_key_without_api_access_learns_so_from_its_account(caller: Caller):
    account = await caller.with_key("og_live_no_subscription").get("/account")

    assert account.json["capabilities"]["canUseApi"] is False
    assert (await caller.with_key("og_live_no_subscription").get("/agents")).status == 402


async def test_another_organisations_things_do_not_exist(caller: Caller, origami: LocalOrigami):
    run = await caller.run_to_end(BRIEF["prompt"])
    table_id = run["response"]["tables"][0]["id"]
    stranger = caller.with_key("og_live_scale")

    assert (await stranger.poll(run)).code == "RUN_NOT_FOUND"
    assert (await stranger.get(f"/agents/{run['agentId']}")).code == "AGENT_NOT_FOUND"
    assert (await stranger.get(f"/tables/{table_id}/rows")).code == "TABLE_NOT_FOUND"
    assert (await stranger.get("/agents")).json["items"] == []
    focused = await stranger.post("/agents", {**BRIEF, "focusTableIds": [table_id]})
    assert (focused.status, focused.code) == (400, "UNKNOWN_TABLE")
    assert origami.count_admitted_runs() == 1


async def test_a_stored_answer_comes_back_word_for_word_for_24_hours(caller: Caller, origami: LocalOrigami):
    first = await caller.post("/agents", BRIEF, Idempotency_Key="one")
    origami.clock.advance(24 * 3600 - 1)
    replay = await caller.post("/agents", BRIEF, Idempotency_Key="one")

    assert (replay.status, replay.raw) == (202, first.raw)
    assert replay.headers["Idempotency-Replay"] == "true"
    assert "Idempotency-Replay" not in first.headers
    assert origami.count_admitted_runs() == 1

    origami.clock.advance(2)
    await caller.post("/agents", BRIEF, Idempotency_Key="one")
    assert origami.count_admitted_runs() == 2


async def test_a_key_is_refused_for_another_body_path_or_shape(caller: Caller):
    agent_id = (await caller.post("/agents", BRIEF, Idempotency_Key="one")).json["agent"]["id"]

    other_body = await caller.post("/agents", {"prompt": "other"}, Idempotency_Key="one")
    other_path = await caller.post(f"/agents/{agent_id}/runs", BRIEF, Idempotency_Key="one")
    assert {other_body.code, other_path.code} == {"IDEMPOTENCY_ERROR"}
    assert {other_body.status, other_path.status} == {409}
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="two words")).status == 400
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="x" * 256)).status == 400


async def test_a_key_whose_request_is_still_worked_on_is_409(caller: Caller, origami: LocalOrigami):
    origami.faults.add(Fault(kind="delay", seconds=30), on="POST /agents")
    original = asyncio.create_task(caller.post("/agents", BRIEF, Idempotency_Key="one"))
    async with asyncio.timeout(5):
        while not (origami.requests and origami.requests[-1].org):  # noqa: ASYNC110 - only the log tells
            await asyncio.sleep(0)

    assert (await caller.post("/agents", BRIEF, Idempotency_Key="one")).code == "IDEMPOTENCY_ERROR"
    origami.faults.clear()
    assert (await original).status == 202
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="one")).status == 202
    assert origami.count_admitted_runs() == 1


async def test_refusals_are_stored_and_failures_are_not(caller: Caller, origami: LocalOrigami):
    origami.orgs["local"].credits = 0
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="refused")).status == 402
    origami.orgs["local"].credits = 100
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="refused")).status == 402

    origami.faults.add(Fault(kind="error", after_work=True), on="POST /agents")
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="failed")).status == 500
    assert (await caller.post("/agents", BRIEF, Idempotency_Key="failed")).status == 202
    assert origami.count_admitted_runs() == 2


async def test_an_agent_has_one_run_at_a_time(caller: Caller, origami: LocalOrigami):
    run = (await caller.post("/agents", BRIEF)).json["run"]
    busy = await caller.post(f"/agents/{run['agentId']}/runs", BRIEF)

    assert (busy.status, busy.code) == (409, "AGENT_BUSY")
    assert busy.json["currentRun"] == {"id": run["id"], "startedAt": run["startedAt"]}
    origami.clock.advance(60)
    assert (await caller.post(f"/agents/{run['agentId']}/runs", BRIEF)).status == 202


async def test_a_full_organisation_says_who_holds_the_slots_and_for_how_long(
    caller: Caller, origami: LocalOrigami
):
    origami.hold_slots(2, name="Roofers in Austin")
    agent = (await caller.post("/agents", BRIEF)).json["agent"]
    full = await caller.post("/agents", BRIEF)

    assert (full.status, full.code, full.headers["Retry-After"]) == (429, "CONCURRENT_LIMIT_EXCEEDED", "60")
    assert (full.json["limit"], full.json["canUpgrade"]) == (3, True)
    assert [session["name"] for session in full.json["activeSessions"]][:2] == ["Roofers in Austin"] * 2
    assert full.json["activeSessions"][2]["agentId"] == agent["id"]

    origami.clock.advance(6)
    assert (await caller.post("/agents", BRIEF)).status == 202
    assert (await caller.post("/agents", BRIEF)).headers["Retry-After"] == "6"


async def test_the_reserved_key_without_slots_is_full_from_the_start(caller: Caller):
    assert (await caller.with_key("og_live_no_slots").post("/agents", BRIEF)).status == 429


async def test_the_hundred_and_first_request_of_a_minute_is_refused():
    async with (
        LocalOrigami(LocalOrigamiSettings(now=lambda: NOON)) as origami,
        aiohttp.ClientSession() as http,
    ):
        caller = Caller(http, origami)
        answers = [await caller.get("/account/credits") for _ in range(101)]

        assert [answer.status for answer in answers] == [200] * 100 + [429]
        assert answers[0].headers["X-RateLimit-Remaining-Global"] == "99"
        assert answers[100].code == "RATE_LIMITED"
        assert answers[100].headers["Retry-After"] == "60"
        assert answers[100].headers["X-RateLimit-Limit-IP"] == "300"
        assert (await caller.with_key("og_live_scale").get("/account/credits")).status == 200
        origami.clock.advance(60)
        assert (await caller.get("/account/credits")).status == 200


async def test_requests_without_a_key_count_per_address():
    settings = LocalOrigamiSettings(now=lambda: NOON, requests_per_minute_and_address=2)
    async with LocalOrigami(settings) as origami, aiohttp.ClientSession() as http:
        caller = Caller(http, origami, key=None)
        assert [(await caller.get("/account")).status for _ in range(3)] == [401, 401, 429]


@pytest.mark.parametrize(
    ("body", "code", "path"),
    [
        (b"", "VALIDATION_ERROR", ""),
        (b"<html>", "VALIDATION_ERROR", ""),
        ({}, "VALIDATION_ERROR", "prompt"),
        ({"prompt": ""}, "VALIDATION_ERROR", "prompt"),
        ({"prompt": "x" * 10_001}, "VALIDATION_ERROR", "prompt"),
        ({"prompt": "😀" * 5_001}, "VALIDATION_ERROR", "prompt"),
        ({"prompt": "x", "name": "n" * 81}, "VALIDATION_ERROR", "name"),
        ({"prompt": "x", "focusTableIds": ["tbl_77"]}, "VALIDATION_ERROR", "focusTableIds.0"),
        ({"prompt": "x", "model": "origami-mega"}, "VALIDATION_ERROR", "model"),
        ({"prompt": "x", "workspaceId": "6a1f0c0e-0000-4000-8000-000000000001"}, "UNKNOWN_WORKSPACE", None),
        (
            {
                "prompt": "x",
                "attachments": [{"kind": "table", "tableId": "6a1f0c0e-0000-4000-8000-000000000001"}],
            },
            "INVALID_ATTACHMENT",
            None,
        ),
    ],
)
async def test_bad_bodies_are_400_with_the_issue(caller: Caller, body: object, code: str, path: str | None):
    refused = await caller.post("/agents", body)

    assert (refused.status, refused.code) == (400, code)
    if path is not None:
        assert refused.json["details"]["issues"][0]["path"] == path
    assert caller.origami.count_admitted_runs() == 0


async def test_models_follow_the_plan_and_unknown_fields_are_dropped(caller: Caller):
    starter = caller.with_key("og_live_starter")
    assert (await starter.post("/agents", {**BRIEF, "model": "origami-max"})).code == "MODEL_NOT_AVAILABLE"

    admitted = await starter.post("/agents", {**BRIEF, "maxSteps": 3, "model": "origami-mid"})
    assert admitted.status == 202
    assert admitted.json["run"]["request"] == {
        "prompt": BRIEF["prompt"], "model": "origami-lite", "focusTableIds": [],
    }  # fmt: skip


async def test_every_answer_has_a_request_id_and_stands_in_the_log(caller: Caller, origami: LocalOrigami):
    mine = await caller.post("/agents", BRIEF, Idempotency_Key="one", X_Request_Id="req-1")
    await caller.post("/agents", BRIEF, Idempotency_Key="one")
    unknown = await caller.get("/nowhere")

    assert mine.headers["X-Request-Id"] == "req-1"
    assert (unknown.status, unknown.code) == (404, "NOT_FOUND")
    first, replay, last = origami.requests
    assert (first.request_id, first.org, first.idempotency_key, first.replay) == (
        "req-1",
        "local",
        "one",
        False,
    )
    assert "founders" in first.body
    assert (replay.replay, replay.status) == (True, 202)
    assert (last.path, last.status) == ("/api/v2/nowhere", 404)
    assert last.request_id == unknown.headers["X-Request-Id"]


async def test_a_project_header_finds_no_project_except_where_it_is_ignored(caller: Caller):
    project = "6a1f0c0e-0000-4000-8000-000000000001"

    assert (await caller.get("/agents", x_origami_project=project)).code == "PROJECT_NOT_FOUND"
    assert (await caller.get("/agents", x_origami_project="p1")).code == "VALIDATION_ERROR"
    assert (await caller.get("/account", x_origami_project="p1")).status == 200
