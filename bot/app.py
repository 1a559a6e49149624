"""The composition root: settings in, running application out. The only place that wires things."""

from __future__ import annotations

import asyncio
import contextlib
import random
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Flag, auto
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import structlog

from bot import web
from bot.deliveries.files import Files
from bot.deliveries.sender import Sender
from bot.deliveries.sessions import Sessions
from bot.deliveries.slack import direct_message
from bot.health import STALE_SECONDS, Health
from bot.oauth import InstalledClients, bolt_app_for_many, installations
from bot.origami import http_client
from bot.results import making, watch
from bot.results.chart import Charts
from bot.results.details import Details
from bot.runs import occurrences, opened, poll, remind, submit
from bot.runs.context import Context, Pace
from bot.scheduler import Tick, Ticks
from bot.slack_app import OneWorkspace, bolt_app, shared_session, web_client
from bot.slack_files import SlackFiles
from bot.socket_mode import Rhythm, SocketMode
from bot.tasks import Tasks
from bot.views.connect import welcome
from bot.views.times import Reader
from bot.workspaces.account import Accounts
from bot.workspaces.arrivals import arrived
from bot.workspaces.colleagues import Colleagues
from bot.workspaces.connecting import Connecting
from bot.workspaces.connection import KeyOfEach, OneKey
from bot.workspaces.leaving import Leaving
from bot.workspaces.people import People
from handlers import Desk, Viewers, register
from storage import deliveries, exports, retention, runs, schedules, schema, watches
from storage.database import Database
from storage.sealing import Seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp
    import httpx
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.slack import Clients
    from bot.settings import Settings
    from storage.installations import Installations

log = structlog.get_logger(__name__)

GRACE_SECONDS = 7.0
"""Platforms kill 10 s after they ask; what is in hand has most of that to finish."""


EXPORTS_AT_ONCE = 3
"""In one process: each takes some 20 MB and, while it is written, much of a core."""
WATCHES_AT_ONCE = 10
POLLS_AT_ONCE = 1_500
"""Most of them wait for their moment: they are claimed up to half a tick ahead of it."""


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
    """A running application; ``url`` is where its HTTP side listens, when it has one."""

    context: Context
    ticks: Ticks
    health: Health
    url: str | None
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
    Raises SchemaBehindError, and SlackApiError when Slack refuses the token.
    """
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    async with contextlib.AsyncExitStack() as stack:
        db = await _database(stack, settings)
        bell = Bell()
        pace = pace or Pace()
        session = await stack.enter_async_context(shared_session(pace.slack_call))
        store = installations(settings, db, _seal(settings)) if settings.uses_oauth else None
        clients = _clients(settings, session, store)
        context = await _context(stack, settings, db, bell, pace, files=SlackFiles(clients, session))
        tasks = Tasks()
        people = People()
        sender = _sender(context, clients, session, tasks, people)
        colleagues = Colleagues(people, clients)
        accounts = Accounts(context.db, context.origami)
        viewers = Viewers(context, people, accounts, own_keys=settings.uses_oauth)
        ticks = Ticks(
            [
                *(_ticks(context, sender, settings.retention_days) if Role.WORK in role else []),
                *([_schedule(context, colleagues)] if Role.WORK in role else []),
                *([_home(context, viewers)] if Role.RECEIVE in role else []),
            ]
        )
        bell.bind(ticks)
        stack.push_async_callback(_release, db, context.owner)
        stack.push_async_callback(tasks.drain, GRACE_SECONDS / 2)
        stack.push_async_callback(ticks.stop, GRACE_SECONDS)
        ticks.start()
        health = _health(db, ticks)
        if Role.RECEIVE in role:
            app = await _bolt(settings, context, session, store, tasks)
            details = Details(context.db, context.origami)
            desk = Desk(context, tasks, people, viewers, details, Charts())
            leaving = Leaving(db, context.origami, store, context.new_id)
            register(app, desk, leaving, _connecting(context))
            hears_http = not settings.uses_socket_mode if over_http is None else over_http
            if not hears_http:
                assert settings.slack_app_token is not None
                connection = SocketMode(app, settings.slack_app_token.get_secret_value(), rhythm or Rhythm())
                await connection.start(stack, failure)
                health = health.also_ready("slack", connection.ailment)
            site = web.pages(health, app, hears_http=hears_http)
            url = await web.serve(stack, site, host=settings.host, port=settings.port)
        else:
            url = None
        log.info("app.ready", owner=context.owner, url=url)
        yield Application(context, ticks, health, url, failure)
        log.info("app.stopping", owner=context.owner)


async def _database(stack: contextlib.AsyncExitStack, settings: Settings) -> Database:
    db = Database(settings.async_database_url)
    stack.push_async_callback(db.close)
    if db.is_sqlite:
        await schema.upgrade(db)
    elif await schema.is_behind(db):
        raise SchemaBehindError
    return db


async def _context(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    db: Database,
    bell: Bell,
    pace: Pace,
    *,
    files: SlackFiles,
) -> Context:
    http = http_client()
    stack.push_async_callback(http.aclose)
    return Context(
        db=db,
        origami=_connections(settings, http),
        files=files,
        clock=lambda: datetime.now(UTC),
        new_id=lambda: str(uuid.uuid4()),
        jitter=random.random,
        wake=bell,
        owner=uuid.uuid4().hex,
        pace=pace,
    )


def _connections(settings: Settings, http: httpx.AsyncClient) -> OneKey | KeyOfEach:
    if settings.uses_oauth:
        return KeyOfEach(http, settings.origami_base_url, _seal(settings))
    assert settings.origami_api_key is not None
    return OneKey(http, settings.origami_base_url, settings.origami_api_key.get_secret_value())


def _connecting(context: Context) -> Connecting | None:
    keys = context.origami
    return Connecting(context.db, keys) if isinstance(keys, KeyOfEach) else None


def _seal(settings: Settings) -> Seal:
    return Seal([key.get_secret_value() for key in settings.encryption_keys])


def _clients(settings: Settings, session: aiohttp.ClientSession, store: Installations | None) -> Clients:
    if store is not None:
        return InstalledClients(settings, session, store)
    return OneWorkspace(web_client(settings, session, repeats=False))


async def _bolt(
    settings: Settings,
    context: Context,
    session: aiohttp.ClientSession,
    store: Installations | None,
    tasks: Tasks,
) -> AsyncApp:
    client = web_client(settings, session, repeats=True)
    if store is None:
        return await bolt_app(settings, client)

    async def installed(installation: Installation) -> None:
        # An organisation's workspaces are met when somebody in them speaks.
        if installation.team_id and await arrived(
            context.db,
            team_id=installation.team_id,
            enterprise_id=installation.enterprise_id or "",
            installer_id=installation.user_id,
            new_id=context.new_id,
        ):
            bot = web_client(settings, session, repeats=True)
            bot.token = installation.bot_token
            greeting = direct_message(bot, installation.user_id, context.new_id(), welcome())
            tasks.hold(greeting, what="greet who installed the app")

    return bolt_app_for_many(settings, client, store, context.db, installed)


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
        clock=context.clock,
        new_id=context.new_id,
        backoff=context.backoff,
        posts_apart=context.pace.posts_apart,
        sessions=Sessions(tasks),
        wake=context.wake,
        owner=context.owner,
    )


def _files(context: Context, sender: Sender) -> Files:
    return Files(
        db=context.db,
        clients=sender.clients,
        readers=sender.readers,
        http=sender.http,
        backoff=context.backoff,
        share_shows=context.pace.share_shows,
    )


def _ticks(context: Context, sender: Sender, retention_days: int) -> list[Tick[Any, Any]]:
    async def purge(limit: int) -> list[None]:
        async with context.db.write() as session:
            await retention.purge(session, days=retention_days, limit=10 * limit)
        return []

    share = _files(context, sender)
    return [
        Tick("submit", context.pace.tick, partial(submit.claim, context), partial(submit.submit, context)),
        Tick(
            "poll",
            context.pace.tick / 2,
            partial(poll.claim, context, ahead=context.pace.tick / 2),
            partial(poll.poll, context),
            settle=partial(poll.write_back, context),
            concurrency=POLLS_AT_ONCE,
            starts_at=attrgetter("starts_at"),
            gather=context.pace.tick / 5,
            is_urgent=poll.is_over,
        ),
        Tick(
            "export",
            context.pace.tick,
            partial(making.claim, context),
            partial(making.work, context, share),
            concurrency=EXPORTS_AT_ONCE,
        ),
        Tick(
            "watch",
            context.pace.tick,
            partial(watch.claim, context),
            partial(watch.read, context),
            concurrency=WATCHES_AT_ONCE,
        ),
        Tick("remind", 30 * context.pace.tick, partial(remind.claim, context), _nothing_to_do),
        Tick("purge", 600 * context.pace.tick, purge, _nothing_to_do),
        Tick("deliver", context.pace.tick / 2, sender.claim, sender.send),
    ]


def _schedule(context: Context, colleagues: Colleagues) -> Tick[Any, Any]:
    """Recurring briefs are due at whole minutes: nobody minds a few seconds."""
    return Tick(
        "schedule",
        10 * context.pace.tick,
        partial(occurrences.claim, context),
        partial(occurrences.work, context, colleagues),
    )


def _home(context: Context, viewers: Viewers) -> Tick[Any, Any]:
    """Home is published by the process that heard that it was opened."""
    return Tick("home", 3 * context.pace.tick, viewers.moved, viewers.publish)


async def _nothing_to_do(_item: object) -> None:
    """For ticks whose claim is all there is to do."""


def _health(db: Database, ticks: Ticks) -> Health:
    async def database() -> str | None:
        try:
            await asyncio.wait_for(db.ping(), timeout=5)
        except Exception as error:  # noqa: BLE001  (whatever it is, it is what keeps us from work)
            return f"does not answer ({type(error).__name__})"
        return None

    return Health(live={"ticks": lambda: ticks.ailment(STALE_SECONDS)}, ready={"database": database})


async def _release(db: Database, owner: str) -> None:
    async with db.write() as session:
        await runs.release_all(session, owner)
        await deliveries.release_all(session, owner)
        await exports.release_all(session, owner)
        await schedules.release_all(session, owner)
        await watches.release_all(session, owner)
