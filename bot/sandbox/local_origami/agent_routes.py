"""The endpoints for agents, their runs, and the account."""

from aiohttp import web

from bot.sandbox.local_origami import admission
from bot.sandbox.local_origami.answers import json_answer
from bot.sandbox.local_origami.bodies import CreateAgentBody, SendRunBody, parse
from bot.sandbox.local_origami.gate import ORG
from bot.sandbox.local_origami.pages import envelope, page
from bot.sandbox.local_origami.projections import (
    account_json,
    agent_json,
    agent_summary,
    container_json,
    run_json,
    run_summary,
)
from bot.sandbox.local_origami.records import Agent
from bot.sandbox.local_origami.retry_after import seconds
from bot.sandbox.local_origami.table_projections import table_json
from bot.sandbox.local_origami.world import World


def included(request: web.Request) -> set[str]:
    """The tokens of `?include=`."""
    return {token.strip() for token in request.query.get("include", "").split(",")}


class AgentRoutes:
    """Agents, their runs, and the account."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes below the base path."""
        return [
            web.post("/agents", self.create),
            web.get("/agents", self.agents),
            web.get("/agents/{id}", self.agent),
            web.post("/agents/{id}/runs", self.send),
            web.get("/agents/{id}/runs", self.runs),
            web.get("/agents/{id}/runs/{run_id}", self.run),
            web.post("/agents/{id}/cancel", self.cancel),
            web.get("/agents/{id}/tables", self.tables),
            web.get("/account", self.account),
            web.get("/account/credits", self.credits),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /agents."""
        body = parse(CreateAgentBody, await request.read())
        run = admission.create_agent(self._world, request[ORG], body)
        workspace = container_json(self._world, run.agent.container)
        del workspace["url"]
        answer = {
            "agent": agent_summary(run.agent),
            "run": run_json(self._world, run),
            "workspace": workspace,
        }
        return json_answer(answer, status=202)

    async def agents(self, request: web.Request) -> web.Response:
        """GET /agents."""
        search = request.query.get("search", "").lower()
        found = [agent for agent in self._world.agents(request[ORG]) if search in agent.name.lower()]
        shown, cursor = page(found, request.query, lambda agent: agent.id)
        return json_answer(envelope([agent_json(agent) for agent in shown], request.path, cursor))

    async def agent(self, request: web.Request) -> web.Response:
        """GET /agents/{id}."""
        return json_answer(agent_json(self._agent(request)))

    async def send(self, request: web.Request) -> web.Response:
        """POST /agents/{id}/runs."""
        agent = self._agent(request)
        body = parse(SendRunBody, await request.read())
        run = admission.send_run(self._world, agent, body)
        return json_answer({"run": run_json(self._world, run)}, status=202)

    async def runs(self, request: web.Request) -> web.Response:
        """GET /agents/{id}/runs, newest first."""
        newest_first = list(reversed(self._agent(request).runs))
        shown, cursor = page(newest_first, request.query, lambda run: run.id)
        return json_answer(envelope([run_summary(run) for run in shown], request.path, cursor))

    async def run(self, request: web.Request) -> web.Response:
        """GET /agents/{id}/runs/{runId}."""
        run = self._world.run(request[ORG], request.match_info["id"], request.match_info["run_id"])
        wait = seconds(self._world.retry_after_seconds)
        headers = {"Retry-After": wait} if run.is_running else {}
        return json_answer(run_json(self._world, run, included(request)), headers=headers)

    async def cancel(self, request: web.Request) -> web.Response:
        """POST /agents/{id}/cancel."""
        run = admission.cancel(self._world, self._agent(request))
        return json_answer({"run": None if run is None else run_json(self._world, run)})

    async def tables(self, request: web.Request) -> web.Response:
        """GET /agents/{id}/tables."""
        agent = self._agent(request)
        tables = [self._world.table(agent.org, table_id) for table_id in agent.table_ids]
        stats = "stats" in included(request)
        items = [table_json(self._world, table, stats=stats) for table in tables]
        return json_answer(envelope(items, request.path, workspaceId=agent.container.id))

    async def account(self, request: web.Request) -> web.Response:
        """GET /account."""
        return json_answer(account_json(request[ORG]))

    async def credits(self, request: web.Request) -> web.Response:
        """GET /account/credits."""
        self._world.settle()
        return json_answer({"object": "credits", "balance": request[ORG].credits, "currency": "credits"})

    def _agent(self, request: web.Request) -> Agent:
        return self._world.agent(request[ORG], request.match_info["id"])
