"""The local Origami over a real socket."""

import asyncio
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.sandbox.local_origami.agent_routes import AgentRoutes
from bot.sandbox.local_origami.clock import Clock
from bot.sandbox.local_origami.control import Control
from bot.sandbox.local_origami.document_routes import DocumentRoutes
from bot.sandbox.local_origami.faults import Faults
from bot.sandbox.local_origami.gate import BASE_PATH, Gate
from bot.sandbox.local_origami.records import Agent, Org, Run, Table
from bot.sandbox.local_origami.request_log import RequestLog, RequestRecord
from bot.sandbox.local_origami.settings import LocalOrigamiSettings
from bot.sandbox.local_origami.table_page import TablePage
from bot.sandbox.local_origami.table_routes import TableRoutes
from bot.sandbox.local_origami.world import World

LARGEST_BODY = 64 * 1024 * 1024


class LocalOrigami:
    """Origami's API v2 on this machine, at `url` within `async with LocalOrigami(settings) as origami:`.

    Runs follow scripts that their briefs ask for, faults are planned with `faults`, time is `clock`; the
    same over HTTP below /_control.
    """

    def __init__(self, settings: LocalOrigamiSettings | None = None) -> None:
        self.settings = settings or LocalOrigamiSettings()
        self.clock = Clock(speed=self.settings.speed, now=self.settings.now)
        self._world = World(self.settings, self.clock)
        self.faults = Faults(self._world.random_for("faults"))
        self._log = RequestLog(self.settings.requests_remembered)
        self._runner: web.AppRunner | None = None
        self.origin = ""

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.settings.host, self.settings.port)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._world.app_url = self.settings.app_url or self.origin
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.faults.release()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL of the API, without a slash at its end."""
        return self.origin + BASE_PATH

    @property
    def control_url(self) -> str:
        """The base URL of the control API."""
        return f"{self.origin}/_control"

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far (the last `requests_remembered`), oldest first."""
        return self._log.all()

    @property
    def orgs(self) -> dict[str, Org]:
        """The organisations by name; the settings' key belongs to "local"."""
        return self._world.orgs

    @property
    def runs(self) -> list[Run]:
        """Every run that was admitted, oldest first, as it stands now."""
        return self._world.runs()

    def agents(self, org: str = "local") -> list[Agent]:
        """An organisation's agents, newest first."""
        return self._world.agents(self._world.orgs[org])

    def tables(self, org: str = "local") -> list[Table]:
        """An organisation's tables, newest first."""
        return self._world.tables(self._world.orgs[org])

    def count_admitted_runs(self, org: str | None = None) -> int:
        """How many paid runs were ever started, by one organisation or by all."""
        return len(self._world.runs(None if org is None else self._world.orgs[org]))

    def add_key(
        self,
        key: str,
        *,
        org: str = "local",
        plan: str = "pro",
        credits: float = 2_000.0,  # noqa: A002 - Origami's word
        slots: int | None = None,
    ) -> Org:
        """Let `key` (og_live_…) in; an organisation that does not exist yet is made with what is given."""
        return self._world.add_key(key, org=org, plan=plan, credits=credits, slots=slots)

    def revoke_key(self, key: str) -> None:
        """Answer 401 to `key` from now on; KeyError if it was never let in."""
        del self._world.keys[key]

    def set_retry_after(self, seconds: float) -> None:
        """Ask to be polled every `seconds` from now on."""
        self._world.retry_after_seconds = seconds

    def hold_slots(self, count: int, *, org: str = "local", name: str = "Roofers in Austin") -> None:
        """Let colleagues in Origami's app hold `count` slots; 0 gives them back."""
        self._world.hold_slots(org, count, name=name)

    def _application(self) -> web.Application:
        gate = Gate(self._world, self.faults, self._log)
        api = web.Application(middlewares=[gate.admit], client_max_size=LARGEST_BODY)
        for part in (AgentRoutes(self._world), TableRoutes(self._world), DocumentRoutes(self._world)):
            api.add_routes(part.routes())
        application = web.Application(client_max_size=LARGEST_BODY)
        application.add_routes(Control(self._world, self.faults, self._log).routes())
        application.add_routes(TablePage(self._world).routes())
        application.add_subapp(BASE_PATH, api)
        return application


async def serve(
    settings: LocalOrigamiSettings, *, started: asyncio.Future[LocalOrigami] | None = None
) -> None:
    """Listen until cancelled; `started` receives the running server."""
    async with LocalOrigami(settings) as origami:
        if started is not None:
            started.set_result(origami)
        await asyncio.Event().wait()
