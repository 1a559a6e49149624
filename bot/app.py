"""The composition root: settings in, running application out. What it is made of is in ``bot.parts``."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from enum import Flag, auto
from typing import TYPE_CHECKING

import structlog

from bot import intake, web, workload
from bot.health import STALE_SECONDS, Health
from bot.installed import Authorize
from bot.log_ids import ids_of
from bot.newcomers import Newcomers
from bot.oauth import bolt_app_for_many
from bot.parts import assembled
from bot.results.chart import Charts
from bot.results.details import Details
from bot.runs.context import Context, Pace
from bot.runs.floor import Floor
from bot.sampling import Sampling, serve_figures
from bot.scheduler import Ticks
from bot.slack_app import bolt_app, web_client
from bot.socket_mode import Rhythm, SocketMode
from bot.workspaces.connecting import Connecting
from bot.workspaces.connection import KeyOfEach
from handlers import Desk, register

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from slack_bolt.async_app import AsyncApp

    from bot.parts import Parts
    from bot.settings import Settings
    from storage.database import Database

log = structlog.get_logger(__name__)

GRACE_SECONDS = 7.0
"""Platforms kill 10 s after they ask; what is in hand has most of that to finish."""


class Role(Flag):
    """What a process does."""

    RECEIVE = auto()
    """Hears from Slack, over Socket Mode or HTTP."""
    WORK = auto()
    """Ticks: starts and polls runs, and sends what is owed."""


@dataclass(frozen=True, slots=True)
class Application:
    """A running application; ``url`` is where it listens for Slack and browsers, if it does."""

    context: Context
    ticks: Ticks
    health: Health
    url: str | None
    metrics_url: str | None
    """Where Prometheus reads its figures, if METRICS_PORT is set."""
    failure: asyncio.Future[None]
    """Done, with an exception, when the process can no longer do its work and should be replaced."""


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    role: Role = Role.RECEIVE | Role.WORK,
    *,
    over_http: bool | None = None,
    pace: Pace | None = None,
    rhythm: Rhythm | None = None,
) -> AsyncIterator[Application]:
    """Start everything, and at the end stop it: no new work, what is in hand finishes, leases go back.

    ``over_http`` overrides whether Slack is heard over HTTP (default: unless SLACK_APP_TOKEN is set).
    Raises SchemaBehindError, SealBrokenError when ENCRYPTION_KEYS do not open what is kept, and SlackApiError
    when Slack refuses the token.
    """
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with contextlib.AsyncExitStack() as stack:
        parts = await assembled(stack, settings, pace or Pace())
        context = parts.context
        ticks = _ticks(settings, parts, role)
        parts.bell.bind(ticks)
        stack.push_async_callback(workload.release, context.db, context.owner)
        stack.push_async_callback(parts.tasks.drain, GRACE_SECONDS / 2)
        stack.push_async_callback(ticks.stop, GRACE_SECONDS)
        ticks.start()
        hearing = Hearing(_health(context.db, ticks))
        if Role.RECEIVE in role:
            app = await _bolt(settings, parts)
            hears_http = not settings.uses_socket_mode if over_http is None else over_http
            rhythm = None if hears_http else rhythm or Rhythm()
            hearing = await _hear(stack, settings, app, hearing.health, failure, rhythm=rhythm)
        health, url = hearing.health, hearing.url
        metrics_url = await serve_figures(
            stack, settings, health, Sampling(context.metrics, context.db, ticks, hearing.ailment)
        )
        log.info("app.ready", owner=context.owner, url=url, metrics_url=metrics_url)
        yield Application(context, ticks, health, url, metrics_url, failure)
        log.info("app.stopping", owner=context.owner)


def _ticks(settings: Settings, parts: Parts, role: Role) -> Ticks:
    """What this process does again and again."""
    ticks = []
    if Role.WORK in role:
        floor, days = Floor(parts.accounts, parts.colleagues), settings.retention_days
        ticks += workload.work(parts.behind, parts.sender, parts.colleagues, floor, retention_days=days)
    if Role.RECEIVE in role:
        ticks.append(workload.home(parts.context, parts.viewers))
    failures = parts.context.metrics.item_failures
    turn = parts.precedence.give_way
    return Ticks(ticks, about=ids_of, failed=lambda tick: failures.labels(tick).inc(), turn=turn)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Where a process listens, if it does, and how it knows that Slack is heard."""

    health: Health
    url: str | None = None
    ailment: Callable[[], Awaitable[str | None]] | None = None
    """What is wrong with the Socket Mode connection, where there is one."""


async def _hear(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    app: AsyncApp,
    health: Health,
    failure: asyncio.Future[None],
    *,
    rhythm: Rhythm | None,
) -> Hearing:
    """Listen to Slack: over Socket Mode at its ``rhythm``, or over HTTP."""
    ailment, secret = None, settings.slack_signing_secret
    if rhythm is not None:
        assert settings.slack_app_token is not None
        connection = SocketMode(app, settings.slack_app_token.get_secret_value(), rhythm)
        await connection.start(stack, failure)
        ailment, secret = connection.ailment, None
        health = health.also_ready("slack", ailment)
    site = web.pages(health, app, signing_secret=secret.get_secret_value() if secret else None)
    return Hearing(health, await web.serve(stack, site, host=settings.host, port=settings.port), ailment)


async def _bolt(settings: Settings, parts: Parts) -> AsyncApp:
    """Bolt with every listener."""
    context, store = parts.context, parts.store
    newcomers = Newcomers(settings, parts.session, context.db, store, parts.tasks, context.new_id)
    client = web_client(settings, parts.session, repeats=True)
    if store is None:
        app = await bolt_app(settings, client)
    else:
        authorize = Authorize(store, client, newcomers.tasks)
        app = bolt_app_for_many(
            settings, client, store, db=context.db, authorize=authorize, installed=newcomers.installed
        )
    details = Details(context.db, context.origami)
    desk = Desk(
        context,
        parts.tasks,
        parts.people,
        parts.viewers,
        details,
        Charts(),
        parts.groups,
        support_url=settings.support_url,
    )
    keys = context.origami
    connecting = Connecting(context.db, keys) if isinstance(keys, KeyOfEach) else None
    register(app, desk, parts.leaving, newcomers.given, connecting)
    intake.watch(app, context.metrics, parts.precedence)
    return app


def _health(db: Database, ticks: Ticks) -> Health:
    async def database() -> str | None:
        try:
            await asyncio.wait_for(db.ping(), timeout=5)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what keeps us from work)
            return f"does not answer ({type(error).__name__})"
        return None

    return Health(live={"ticks": lambda: ticks.ailment(STALE_SECONDS)}, ready={"database": database})
