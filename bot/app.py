"""The composition root: settings in, running application out. The only place that wires things."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Flag, auto
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bot import intake, web, workload
from bot.deliveries.audience import Audiences
from bot.deliveries.sender import Sender
from bot.deliveries.sessions import Sessions
from bot.health import STALE_SECONDS, Health
from bot.installed import Authorize, DeadTokens, InstalledClients
from bot.log_ids import ids_of, origami_answered
from bot.metrics import Metrics
from bot.newcomers import Newcomers
from bot.oauth import bolt_app_for_many, installations
from bot.origami import http_client
from bot.precedence import Precedence
from bot.results.chart import Charts
from bot.results.details import Details
from bot.runs import opened
from bot.runs.context import Admins, Context, Pace
from bot.runs.floor import Floor
from bot.sampling import Sampling, serve_figures
from bot.scheduler import Ticks
from bot.slack_app import OneWorkspace, bolt_app, shared_session, web_client
from bot.slack_files import SlackFiles
from bot.socket_mode import Rhythm, SocketMode
from bot.tasks import Tasks
from bot.views.times import Reader
from bot.workspaces.account import Accounts
from bot.workspaces.colleagues import Colleagues
from bot.workspaces.connecting import Connecting
from bot.workspaces.connection import KeyOfEach, OneKey
from bot.workspaces.groups import Groups
from bot.workspaces.leaving import Leaving
from bot.workspaces.people import People
from handlers import Desk, Viewers, register
from storage import rotation, schema
from storage.conflicts import was_deleted
from storage.database import Database
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import aiohttp
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.slack import Clients
    from bot.settings import Settings
    from storage.installations import Installations
    from storage.records import Workspace

log = structlog.get_logger(__name__)

GRACE_SECONDS = 7.0
"""Platforms kill 10 s after they ask; what is in hand has most of that to finish."""


class SchemaBehindError(Exception):
    """The database's schema is not this version's: run ``origami-slack migrate``."""


class Role(Flag):
    """What a process does."""

    RECEIVE = auto()
    """Hears from Slack, over Socket Mode or HTTP."""
    WORK = auto()
    """Ticks: starts and polls runs, and sends what is owed."""


class Bell:
    """Wakes ticks by name, once there are any."""

    def __init__(self) -> None:
        self._ticks: Ticks | None = None

    def bind(self, ticks: Ticks) -> None:
        """From now on these are woken."""
        self._ticks = ticks

    def __call__(self, tick: str) -> None:
        """Wake the named tick, if this process ticks it."""
        if self._ticks is not None:
            self._ticks.wake(tick)


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
        db = await _database(stack, settings)
        bell = Bell()
        pace = pace or Pace()
        session = await stack.enter_async_context(shared_session(pace.slack_call))
        store = installations(settings, db, _seal(settings)) if settings.uses_oauth else None
        if settings.uses_oauth and await rotation.unopened(db, _seal(settings)):
            raise SealBrokenError
        tasks = Tasks(was_deleted)
        metrics = Metrics.create()
        origami = _connections(settings, stack, metrics)
        leaving = Leaving(db, origami, store, lambda: str(uuid.uuid4()))
        clients = _clients(settings, session, store, leaving, tasks, grace=pace.dead_token)
        files = SlackFiles(clients, session)
        people = People()
        groups = Groups()
        colleagues = Colleagues(people, clients, groups)
        context = _context(db, origami, bell, pace, files=files, admins=colleagues.admins, metrics=metrics)
        precedence = Precedence()
        behind = replace(context, db=db.behind(precedence.give_way))
        sender = _sender(behind, clients, session, tasks, people)
        accounts = Accounts(context.db, context.origami)
        viewers = Viewers(context, people, accounts, own_keys=settings.uses_oauth)
        ticks = Ticks(
            [
                *(
                    workload.work(
                        behind,
                        sender,
                        colleagues,
                        Floor(accounts, colleagues),
                        retention_days=settings.retention_days,
                    )
                    if Role.WORK in role
                    else []
                ),
                *([workload.home(context, viewers)] if Role.RECEIVE in role else []),
            ],
            about=ids_of,
            failed=lambda tick: context.metrics.item_failures.labels(tick).inc(),
        )
        bell.bind(ticks)
        stack.push_async_callback(workload.release, db, context.owner)
        stack.push_async_callback(tasks.drain, GRACE_SECONDS / 2)
        stack.push_async_callback(ticks.stop, GRACE_SECONDS)
        ticks.start()
        hearing = Hearing(_health(db, ticks))
        if Role.RECEIVE in role:
            newcomers = Newcomers(settings, session, db, store, tasks, context.new_id)
            app = await _bolt(settings, db, session, store, newcomers)
            details = Details(context.db, context.origami)
            desk = Desk(context, tasks, people, viewers, details, Charts(), groups)
            register(app, desk, leaving, newcomers.given, _connecting(context))
            intake.watch(app, context.metrics, precedence)
            hears_http = not settings.uses_socket_mode if over_http is None else over_http
            hearing = await _hear(
                stack,
                settings,
                app,
                hearing.health,
                failure,
                rhythm=None if hears_http else rhythm or Rhythm(),
            )
        health, url = hearing.health, hearing.url
        metrics_url = await serve_figures(
            stack, settings, health, Sampling(context.metrics, db, ticks, hearing.ailment)
        )
        log.info("app.ready", owner=context.owner, url=url, metrics_url=metrics_url)
        yield Application(context, ticks, health, url, metrics_url, failure)
        log.info("app.stopping", owner=context.owner)


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


async def _database(stack: contextlib.AsyncExitStack, settings: Settings) -> Database:
    db = Database(settings.async_database_url)
    stack.push_async_callback(db.close)
    if db.is_sqlite:
        await schema.upgrade(db)
    elif await schema.is_behind(db):
        raise SchemaBehindError
    return db


def _context(
    db: Database,
    origami: OneKey | KeyOfEach,
    bell: Bell,
    pace: Pace,
    *,
    files: SlackFiles,
    admins: Admins,
    metrics: Metrics,
) -> Context:
    return Context(
        db=db,
        origami=origami,
        files=files,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        jitter=random.random,
        wake=bell,
        owner=uuid.uuid4().hex,
        pace=pace,
        admins=admins,
        metrics=metrics,
    )


def _connections(
    settings: Settings, stack: contextlib.AsyncExitStack, metrics: Metrics
) -> OneKey | KeyOfEach:
    http = http_client()
    stack.push_async_callback(http.aclose)
    told = partial(origami_answered, metrics)
    if settings.uses_oauth:
        return KeyOfEach(http, settings.origami_base_url, _seal(settings), told)
    assert settings.origami_api_key is not None
    return OneKey(http, settings.origami_base_url, settings.origami_api_key.get_secret_value(), told)


def _connecting(context: Context) -> Connecting | None:
    keys = context.origami
    return Connecting(context.db, keys) if isinstance(keys, KeyOfEach) else None


def _seal(settings: Settings) -> Seal:
    return Seal([key.get_secret_value() for key in settings.encryption_keys])


def _clients(
    settings: Settings,
    session: aiohttp.ClientSession,
    store: Installations | None,
    leaving: Leaving,
    tasks: Tasks,
    *,
    grace: float,
) -> Clients:
    async def gone(workspace: Workspace, token: str | None) -> None:
        await (await leaving.lost(workspace, token)).cancel()

    if store is not None:
        return InstalledClients(settings, session, store, DeadTokens(settings, session, tasks, gone, grace))
    return OneWorkspace(web_client(settings, session, repeats=False))


async def _bolt(
    settings: Settings,
    db: Database,
    session: aiohttp.ClientSession,
    store: Installations | None,
    newcomers: Newcomers,
) -> AsyncApp:
    client = web_client(settings, session, repeats=True)
    if store is None:
        return await bolt_app(settings, client)

    authorize = Authorize(store, client, newcomers.tasks)
    return bolt_app_for_many(
        settings, client, store, db=db, authorize=authorize, installed=newcomers.installed
    )


def _sender(
    context: Context, clients: Clients, session: aiohttp.ClientSession, tasks: Tasks, people: People
) -> Sender:
    async def readers(client: AsyncWebClient, team_id: str, user_id: str) -> Reader:
        person = await people.find(client, team_id, user_id)
        return Reader(person.locale, person.time_zone)

    return Sender(
        db=context.db,
        clients=clients,
        http=session,
        consequences=opened,
        readers=readers,
        audiences=Audiences(clients),
        clock=context.clock,
        new_id=context.new_id,
        backoff=context.backoff,
        posts_apart=context.pace.posts_apart,
        sessions=Sessions(tasks),
        wake=context.wake,
        owner=context.owner,
        metrics=context.metrics,
    )


def _health(db: Database, ticks: Ticks) -> Health:
    async def database() -> str | None:
        try:
            await asyncio.wait_for(db.ping(), timeout=5)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what keeps us from work)
            return f"does not answer ({type(error).__name__})"
        return None

    return Health(live={"ticks": lambda: ticks.ailment(STALE_SECONDS)}, ready={"database": database})
