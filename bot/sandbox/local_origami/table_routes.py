"""The endpoints for tables, columns and rows."""

from aiohttp import web

from bot.sandbox.local_origami import rows
from bot.sandbox.local_origami.agent_routes import included
from bot.sandbox.local_origami.answers import json_answer
from bot.sandbox.local_origami.gate import ORG
from bot.sandbox.local_origami.pages import ROWS_LIMIT, envelope, page
from bot.sandbox.local_origami.records import Table
from bot.sandbox.local_origami.refusals import RefusalError
from bot.sandbox.local_origami.table_projections import table_json, workspace_column_json
from bot.sandbox.local_origami.world import World


class TableRoutes:
    """Tables, columns and rows, to read."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes below the base path."""
        return [
            web.get("/tables", self.tables),
            web.get("/tables/{id}", self.table),
            web.get("/tables/{id}/columns", self.columns),
            web.get("/tables/{id}/rows", self.rows),
        ]

    async def tables(self, request: web.Request) -> web.Response:
        """GET /tables; `workspaceId` may be an agent's or another container's id."""
        tables = self._world.tables(request[ORG])
        within = request.query.get("workspaceId")
        if within is not None:
            linked = self._linked(request, within)
            tables = [table for table in tables if table.id in linked]
        shown, cursor = page(tables, request.query, lambda table: table.id)
        items = [table_json(self._world, table) for table in shown]
        return json_answer(envelope(items, request.path, cursor))

    async def table(self, request: web.Request) -> web.Response:
        """GET /tables/{tableId}."""
        return json_answer(table_json(self._world, self._table(request), stats="stats" in included(request)))

    async def columns(self, request: web.Request) -> web.Response:
        """GET /tables/{tableId}/columns."""
        items = [workspace_column_json(column) for column in self._table(request).columns]
        return json_answer(envelope(items, request.path))

    async def rows(self, request: web.Request) -> web.Response:
        """GET /tables/{tableId}/rows."""
        table = self._table(request)
        leads = rows.select(table, request.query)
        shown, cursor = page(leads, request.query, lambda lead: lead.id, most=ROWS_LIMIT)
        work = self._world.clock.work()
        if request.query.get("format") == "csv":
            return web.Response(text=rows.as_csv(table, list(shown), work), content_type="text/csv")
        shape = rows.flat if request.query.get("cells") == "flat" else rows.typed
        items = [shape(table, lead, work) for lead in shown]
        return json_answer(envelope(items, request.path, cursor, total=len(leads)))

    def _table(self, request: web.Request) -> Table:
        return self._world.table(request[ORG], request.match_info["id"])

    def _linked(self, request: web.Request, container_id: str) -> list[str]:
        try:
            return self._world.agent(request[ORG], container_id).table_ids
        except RefusalError:
            container = self._world.containers.get(container_id)
            return container.table_ids if container is not None and container.org is request[ORG] else []
