"""The same powers as the Python object, over HTTP, for a process that is not this one."""

import dataclasses
from typing import Annotated, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.sandbox.local_origami.answers import json_answer
from bot.sandbox.local_origami.faults import Faults, Rule
from bot.sandbox.local_origami.projections import run_json
from bot.sandbox.local_origami.records import PLANS, Org
from bot.sandbox.local_origami.request_log import RequestLog
from bot.sandbox.local_origami.scenarios import SCENARIOS
from bot.sandbox.local_origami.world import World


class _Order(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Clock(_Order):
    speed: Annotated[float, Field(gt=0)] | None = None
    advance: Annotated[float, Field(ge=0)] = 0.0


class _Slots(_Order):
    org: str = "local"
    limit: Annotated[int, Field(ge=0)] | None = None
    held: Annotated[int, Field(ge=0)] | None = None


class _Credits(_Order):
    org: str = "local"
    balance: Annotated[float, Field(ge=0)]


class _Key(_Order):
    key: Annotated[str, Field(pattern="^og_live_")]
    org: str = "local"
    plan: str = "pro"
    credits: float = 2_000.0
    slots: int | None = None


_O = TypeVar("_O", bound=BaseModel)


class Control:
    """The control API: JSON below /_control, without a key, since it listens on loopback only."""

    def __init__(self, world: World, faults: Faults, log: RequestLog) -> None:
        self._world = world
        self._faults = faults
        self._log = log

    def routes(self) -> list[web.RouteDef]:
        """The routes from the root."""
        return [
            web.get("/_control/requests", self.requests),
            web.get("/_control/runs", self.runs),
            web.get("/_control/scenarios", self.scenarios),
            web.get("/_control/faults", self.faults),
            web.post("/_control/faults", self.add_fault),
            web.delete("/_control/faults", self.clear_faults),
            web.post("/_control/clock", self.clock),
            web.post("/_control/slots", self.slots),
            web.post("/_control/credits", self.credits),
            web.post("/_control/keys", self.keys),
        ]

    async def requests(self, _: web.Request) -> web.Response:
        """GET /_control/requests: the log."""
        return json_answer({"requests": [dataclasses.asdict(record) for record in self._log.all()]})

    async def runs(self, _: web.Request) -> web.Response:
        """GET /_control/runs: every run as the API shows it, with its organisation."""
        runs = [{**run_json(self._world, run), "org": run.agent.org.name} for run in self._world.runs()]
        return json_answer({"runs": runs, "admitted": len(runs)})

    async def scenarios(self, _: web.Request) -> web.Response:
        """GET /_control/scenarios: what can be asked for with a [tag] in the brief."""
        return json_answer({"scenarios": [{"tag": s.tag, "shows": s.shows} for s in SCENARIOS.values()]})

    async def faults(self, _: web.Request) -> web.Response:
        """GET /_control/faults: what is planned."""
        return json_answer({"rules": [rule.model_dump() for rule in self._faults.rules()]})

    async def add_fault(self, request: web.Request) -> web.Response:
        """POST /_control/faults: {"fault": {"kind": …}, "on": "POST /agents", "count": 1, …}."""
        rule = self._faults.add_rule(await _order(request, Rule))
        return json_answer({"rule": rule.model_dump()}, status=201)

    async def clear_faults(self, _: web.Request) -> web.Response:
        """DELETE /_control/faults."""
        self._faults.clear()
        return json_answer({"rules": []})

    async def clock(self, request: web.Request) -> web.Response:
        """POST /_control/clock: {"speed": 10, "advance": 3600} (seconds)."""
        order = await _order(request, _Clock)
        if order.speed is not None:
            self._world.clock.set_speed(order.speed)
        self._world.clock.advance(order.advance)
        return json_answer({"speed": self._world.clock.speed, "now": self._world.clock.wall()})

    async def slots(self, request: web.Request) -> web.Response:
        """POST /_control/slots: {"limit": 3, "held": 2}, of which `held` belong to colleagues."""
        order = await _order(request, _Slots)
        org = self._org(order.org)
        if order.limit is not None:
            org.slots = order.limit
        if order.held is not None:
            self._world.hold_slots(order.org, order.held)
        return json_answer({"limit": org.slots, "held": len(org.held)})

    async def credits(self, request: web.Request) -> web.Response:
        """POST /_control/credits: {"balance": 4.5}."""
        order = await _order(request, _Credits)
        self._org(order.org).credits = order.balance
        return json_answer({"balance": order.balance})

    async def keys(self, request: web.Request) -> web.Response:
        """POST /_control/keys: {"key": "og_live_…", "org": …, "plan": …, "credits": …, "slots": …}."""
        order = await _order(request, _Key)
        if order.plan not in PLANS:
            raise _bad(f"no plan {order.plan}")
        org = self._world.add_key(**order.model_dump())
        return json_answer({"org": org.name, "plan": org.plan.id}, status=201)

    def _org(self, name: str) -> Org:
        if name not in self._world.orgs:
            raise _bad(f"no organisation {name}")
        return self._world.orgs[name]


async def _order(request: web.Request, kind: type[_O]) -> _O:
    try:
        return kind.model_validate_json(await request.read())
    except ValidationError as error:
        raise _bad(str(error)) from None


def _bad(why: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=orjson.dumps({"error": why}).decode(), content_type="application/json")
