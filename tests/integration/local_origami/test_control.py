import asyncio
from typing import Any

import aiohttp
import pytest

from bot.sandbox.local_origami import SCENARIOS, LocalOrigami, LocalOrigamiSettings, serve
from tests.integration.local_origami.caller import Caller

BRIEF = {"prompt": "find 10 founders in Austin"}


async def control(caller: Caller, method: str, path: str, order: Any = None) -> tuple[int, Any]:
    url = f"{caller.origami.control_url}{path}"
    async with caller.http.request(method, url, json=order) as response:
        return response.status, await response.json()


async def test_another_process_can_plan_and_clear_faults(caller: Caller):
    order = {"fault": {"kind": "error", "status": 503}, "on": "GET /account", "count": None}
    status, answer = await control(caller, "POST", "/faults", order)
    assert (status, answer["rule"]["on"]) == (201, "GET /account")
    assert (await caller.get("/account")).status == 503
    assert len((await control(caller, "GET", "/faults"))[1]["rules"]) == 1

    await control(caller, "DELETE", "/faults")
    assert (await caller.get("/account")).status == 200


async def test_another_process_sees_requests_runs_and_scenarios(caller: Caller):
    await caller.post("/agents", BRIEF, Idempotency_Key="one")

    [request] = (await control(caller, "GET", "/requests"))[1]["requests"]
    assert (request["method"], request["path"], request["status"]) == ("POST", "/api/v2/agents", 202)
    runs = (await control(caller, "GET", "/runs"))[1]
    assert (runs["admitted"], runs["runs"][0]["org"], runs["runs"][0]["status"]) == (1, "local", "running")
    scenarios = (await control(caller, "GET", "/scenarios"))[1]["scenarios"]
    assert [scenario["tag"] for scenario in scenarios] == list(SCENARIOS)


async def test_another_process_can_set_time_slots_credits_and_keys(caller: Caller, origami: LocalOrigami):
    run = (await caller.post("/agents", BRIEF)).json["run"]
    await control(caller, "POST", "/clock", {"speed": 10, "advance": 1})
    assert (await caller.poll(run)).json["status"] == "completed"

    await control(caller, "POST", "/slots", {"limit": 2, "held": 2})
    assert (await caller.post("/agents", BRIEF)).status == 429
    await control(caller, "POST", "/slots", {"held": 0})
    await control(caller, "POST", "/credits", {"balance": 4.5})
    assert (await caller.get("/account/credits")).json["balance"] == 4.5
    await control(caller, "POST", "/keys", {"key": "og_live_new", "org": "new", "plan": "scale"})
    assert (await caller.with_key("og_live_new").get("/account")).json["plan"]["id"] == "scale"
    assert origami.orgs["new"].slots == 10


@pytest.mark.parametrize(
    ("path", "order"),
    [
        ("/faults", {"fault": {"kind": "earthquake"}}),
        ("/clock", {"speed": 0}),
        ("/slots", {"org": "nobody"}),
        ("/keys", {"key": "og_live_x", "plan": "free"}),
        ("/credits", {"balanse": 1}),
    ],
)
async def test_an_order_that_makes_no_sense_is_400_with_the_reason(caller: Caller, path: str, order: Any):
    status, answer = await control(caller, "POST", path, order)

    assert status == 400
    assert answer["error"]


def test_it_listens_on_loopback_only():
    with pytest.raises(ValueError, match="loopback"):
        LocalOrigamiSettings(host="0.0.0.0")


async def test_serving_goes_on_until_it_is_cancelled(caller: Caller):
    started: asyncio.Future[LocalOrigami] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(LocalOrigamiSettings(), started=started))
    origami = await asyncio.wait_for(started, 5)

    async with caller.http.get(f"{origami.control_url}/scenarios") as response:
        assert response.status == 200
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    with pytest.raises(aiohttp.ClientConnectionError):
        await caller.http.get(f"{origami.control_url}/scenarios")


def test_only_origamis_own_kind_of_key_is_let_in():
    with pytest.raises(ValueError, match="og_live_"):
        LocalOrigami().add_key("sk_live_1")
