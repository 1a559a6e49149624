"""The pages behind the links, for people: the local Origami has a table to look at and nothing else."""

from html import escape

from aiohttp import web

from bot.sandbox.local_origami import rows
from bot.sandbox.local_origami.records import Table
from bot.sandbox.local_origami.world import World

_STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;margin:2rem}"
    "h1{font-size:1.4rem;margin:0}p{opacity:.8;margin:.2rem 0 1rem}table{border-collapse:collapse}"
    "td,th{padding:.4rem .8rem;text-align:left;border-bottom:1px solid #8886}td{max-width:24rem}"
    "th{position:sticky;top:0;background:Canvas;white-space:nowrap}tr:hover td{background:#8881}"
)
_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class TablePage:
    """A table as plain HTML, and a word about billing."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The routes from the root."""
        return [web.get("/workspace/{id}", self.table), web.get("/settings/billing", self.billing)]

    async def table(self, request: web.Request) -> web.Response:
        """GET /workspace/{id}?table={tableId}."""
        wanted = request.query.get("table")
        tables = (table for org in self._world.orgs.values() for table in self._world.tables(org))
        table = next((table for table in tables if table.id == wanted), None)
        if table is None:
            return _page(
                "No such table", "<p>This local Origami has no such table: was it restarted?</p>", 404
            )
        return _page(table.name, self._content(table))

    async def billing(self, _: web.Request) -> web.Response:
        """GET /settings/billing."""
        return _page(
            "Billing", "<p>Nothing costs money here. <code>POST /_control/credits</code> fills up.</p>"
        )

    def _content(self, table: Table) -> str:
        work = self._world.clock.work()
        shown = rows.select(table, {})
        columns = [column for column in table.columns if column.spec.slug is not None]
        head = "".join(f"<th>{escape(column.spec.name)}</th>" for column in columns)
        lines = []
        for lead in shown[:500]:
            row = rows.flat(table, lead, work)
            cells = (escape(str(row.get(str(column.spec.slug), ""))) for column in columns)
            lines.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        note = f"<p>{len(shown)} of {len(table.leads)} leads match. All of them are invented.</p>"
        return f"{note}<table><tr>{head}</tr>{''.join(lines)}</table>"


def _page(title: str, content: str, status: int = 200) -> web.Response:
    html = (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(title)}</title>"
        f"<style>{_STYLE}</style><h1>{escape(title)}</h1>{content}</html>"
    )
    return web.Response(text=html, content_type="text/html", status=status, headers=_HEADERS)
