import asyncio
import contextlib
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from pydantic import ValidationError

from bot.sandbox.local_origami import Fault, LocalOrigami, rate_limited
from tests.integration.local_origami.caller import Caller
from tests.integration.local_origami.conftest import NOON

BRIEF = {"prompt": "find 10 founders in Austin"}


@pytest.mark.parametrize(("after_work", "admitted"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("kind", ["error", "html", "reset"])
async def test_a_failure_before_or_after_the_work(
    caller: Caller, origami: LocalOrigami, kind: str, after_work: bool, admitted: int
):
    origami.faults.add(Fault(kind=kind, after_work=after_work), on="POST /agents")

    if kind == "reset":
        with pytest.raises(aiohttp.ClientConnectionError):
            await caller.post("/agents", BRIEF)
    else:
        answer = await caller.post("/agents", BRIEF)
        assert answer.status == {"error": 500, "html": 502}[kind]
        assert answer.raw.startswith({"error": b"{", "html": b"<html>"}[kind])
    assert origami.count_admitted_runs() == admitted
    assert (await caller.post("/agents", BRIEF)).status == 202


@pytest.mark.parametrize("kind", ["html", "reset"])
async def test_what_is_lost_on_the_way_back_is_replayed_to_the_same_key(
    caller: Caller, origami: LocalOrigami, kind: str
):
    origami.faults.add(Fault(kind=kind, after_work=True), on="POST /agents")
    with contextlib.suppress(aiohttp.ClientConnectionError):
        await caller.post("/agents", BRIEF, Idempotency_Key="one")
    retried = await caller.post("/agents", BRIEF, Idempotency_Key="one")

    assert retried.headers["Idempotency-Replay"] == "true"
    assert origami.count_admitted_runs() == 1


@pytest.mark.parametrize(("after_work", "admitted"), [(False, 0), (True, 1)])
async def test_a_hang_outlasts_the_client(
    caller: Caller, origami: LocalOrigami, after_work: bool, admitted: int
):
    origami.faults.add(Fault(kind="hang", after_work=after_work), on="POST /agents")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(caller.post("/agents", BRIEF), 0.1)
    assert origami.count_admitted_runs() == admitted
    assert origami.requests[-1].fault == "hang"


async def test_json_can_be_cut_with_and_without_the_connection(caller: Caller, origami: LocalOrigami):
    origami.faults.add(Fault(kind="truncated"), on="GET /account")
    with pytest.raises(ValueError, match="unexpected end"):
        (await caller.get("/account")).json  # noqa: B018 - reading is what fails

    origami.faults.add(Fault(kind="cut_short"), on="GET /account")
    with pytest.raises(aiohttp.ClientPayloadError):
        await caller.get("/account")
    assert (await caller.get("/account")).status == 200


async def test_retry_after_can_be_missing_a_date_or_anything(caller: Caller, origami: LocalOrigami):
    run = (await caller.post("/agents", BRIEF)).json["run"]
    for value in (None, "date", "soon"):
        origami.faults.add(Fault(kind="retry_after", value=value), on="GET /agents/*/runs/*")

    missing, date, garbage = [await caller.poll(run) for _ in range(3)]
    assert "Retry-After" not in missing.headers
    assert parsedate_to_datetime(date.headers["Retry-After"]).timestamp() == NOON + 15
    assert garbage.headers["Retry-After"] == "soon"
    origami.faults.add(rate_limited(), on="GET /account")
    refused = await caller.get("/account")
    assert (refused.status, "Retry-After" in refused.headers) == (429, False)


async def test_a_run_can_vanish_for_as_long_as_the_rule_lasts(caller: Caller, origami: LocalOrigami):
    run = (await caller.post("/agents", BRIEF)).json["run"]
    rule = origami.faults.add(Fault(kind="vanished"), on="GET /agents/*/runs/*", count=2, skip=1)

    assert [(await caller.poll(run)).status for _ in range(4)] == [200, 404, 404, 200]
    assert rule not in origami.faults.rules()
    origami.faults.add(Fault(kind="vanished"), on="GET /agents/*", count=None)
    assert (await caller.get(f"/agents/{run['agentId']}")).code == "AGENT_NOT_FOUND"
    assert (await caller.poll(run)).status == 200


async def test_a_fault_with_a_probability_befalls_a_share_of_the_requests(
    caller: Caller, origami: LocalOrigami
):
    origami.faults.add(Fault(kind="error", status=503), probability=0.5, count=None)
    statuses = [(await caller.get("/account")).status for _ in range(60)]

    assert set(statuses) == {200, 503}
    origami.faults.clear()
    assert (await caller.get("/account")).status == 200


def test_a_rule_that_could_never_match_is_refused():
    with pytest.raises(ValidationError):
        Fault(kind="earthquake")
    with pytest.raises(ValidationError):
        LocalOrigami().faults.add(Fault(kind="reset"), on="/agents")
