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

from bot import intake, web
from bot.deliveries.audience import Audiences
from bot.deliveries.files import Files
from bot.deliveries.sender import Sender
from bot.deliveries.sessions import Sessions
from bot.health import STALE_SECONDS, Health
from bot.installed import Authorize, DeadTokens, InstalledClients
from bot.log_ids import ids_of, origami_answered
from bot.metrics import Metrics
from bot.newcomers import Newcomers
from bot.oauth import bolt_app_for_many, installations
from bot.origami import http_client
from bot.results import making, watch
from bot.results.chart import Charts
from bot.results.details import Details
from bot.runs import occurrences, opened, poll, remind, submit
from bot.runs.context import Admins, Context, Pace
from bot.runs.floor import Floor
from bot.sampling import Sampling, serve_figures
from bot.scheduler import Tick, Ticks
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
from storage import deliveries, exports, retention, rotation, runs, schedules, schema, watches
from storage.database import Database
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

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
        tasks = Tasks()
        metrics = Metrics.create()
        origami = _connections(settings, stack, metrics)
        leaving = Leaving(db, origami, store, lambda: str(uuid.uuid4()))
        clients = _clients(settings, session, store, leaving, tasks)
        files = SlackFiles(clients, session)
        people = People()
        groups = Groups()
        colleagues = Colleagues(people, clients, groups)
        context = _context(db, origami, bell, pace, files=files, admins=colleagues.admins, metrics=metrics)
        sender = _sender(context, clients, session, tasks, people)
        accounts = Accounts(context.db, context.origami)
        viewers = Viewers(context, people, accounts, own_keys=settings.uses_oauth)
        ticks = Ticks(
            [
                *(
                    _ticks(context, sender, settings.retention_days, Floor(accounts, colleagues))
                    if Role.WORK in role
                    else []
                ),
                *([_schedule(context, colleagues)] if Role.WORK in role else []),
                *([_home(context, viewers)] if Role.RECEIVE in role else []),
            ],
            about=ids_of,
            failed=lambda tick: context.metrics.item_failures.labels(tick).inc(),
        )
        bell.bind(ticks)
        stack.push_async_callback(_release, db, context.owner)
        stack.push_async_callback(tasks.drain, GRACE_SECONDS / 2)
        stack.push_async_callback(ticks.stop, GRACE_SECONDS)
        ticks.start()
        health = _health(db, ticks)
        ailment = None
        if Role.RECEIVE in role:
            newcomers = Newcomers(settings, session, db, store, tasks, context.new_id)
            app = await _bolt(settings, db, session, store, newcomers)
            details = Details(context.db, context.origami)
            desk = Desk(context, tasks, people, viewers, details, Charts(), groups)
            register(app, desk, leaving, newcomers.given, _connecting(context))
            intake.watch(app, context.metrics)
            hears_http = not settings.uses_socket_mode if over_http is None else over_http
            if not hears_http:
                assert settings.slack_app_token is not None
                connection = SocketMode(app, settings.slack_app_token.get_secret_value(), rhythm or Rhythm())
                await connection.start(stack, failure)
                ailment = connection.ailment
                health = health.also_ready("slack", ailment)
            secret = settings.slack_signing_secret if hears_http else None
            site = web.pages(health, app, signing_secret=secret.get_secret_value() if secret else None)
            url = await web.serve(stack, site, host=settings.host, port=settings.port)
        else:
            url = None
        metrics_url = await serve_figures(
            stack, settings, health, Sampling(context.metrics, db, ticks, ailment)
        )
        log.info("app.ready", owner=context.owner, url=url, metrics_url=metrics_url)
        yield Application(context, ticks, health, url, metrics_url, failure)
        log.info("app.stopping", owner=context.owner)


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
) -> Clients:
    async def gone(workspace: Workspace, token: str | None) -> None:
        await (await leaving.lost(workspace, token)).cancel()

    if store is not None:
        return InstalledClients(settings, session, store, DeadTokens(settings, session, tasks, gone))
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


def _files(context: Context, sender: Sender) -> Files:
    return Files(
        db=context.db,
        clients=sender.clients,
        readers=sender.readers,
        audiences=sender.audiences,
        http=sender.http,
        backoff=context.backoff,
        share_shows=context.pace.share_shows,
    )


def _ticks(context: Context, sender: Sender, retention_days: int, floor: Floor) -> list[Tick[Any, Any]]:
    async def purge(_limit: int) -> list[None]:
        await retention.purge_all(context.db, days=retention_days)
        return []

    share = _files(context, sender)
    return [
        Tick(
            "submit",
            context.pace.tick,
            partial(submit.claim, context),
            partial(submit.submit, context, floor=floor),
        ),
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
