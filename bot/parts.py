"""What a running application is made of, each part wired to the others."""

from __future__ import annotations

import asyncio
import random
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bot.deliveries.audience import Audiences
from bot.deliveries.sender import Sender
from bot.deliveries.sessions import Sessions
from bot.deliveries.tools import Tools
from bot.installed import DeadTokens, InstalledClients
from bot.log_ids import origami_answered
from bot.metrics import Metrics
from bot.oauth import installations
from bot.origami import http_client
from bot.precedence import Precedence
from bot.runs import opened
from bot.runs.context import Admins, Context, Pace
from bot.slack_app import OneWorkspace, web_client
from bot.slack_files import SlackFiles
from bot.slack_session import shared_session
from bot.tasks import Tasks
from bot.views.times import Reader
from bot.workspaces.account import Accounts
from bot.workspaces.colleagues import Colleagues
from bot.workspaces.connection import KeyOfEach, OneKey
from bot.workspaces.groups import Groups
from bot.workspaces.leaving import Leaving
from bot.workspaces.people import People
from handlers import Viewers
from storage import rotation, schema
from storage.conflicts import was_deleted
from storage.database import Database
from storage.sealing import Seal, SealBrokenError

if TYPE_CHECKING:
    import contextlib

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.deliveries.slack import Clients
    from bot.scheduler import Ticks
    from bot.settings import Settings
    from storage.installations import Installations
    from storage.records import Workspace


class SchemaBehindError(Exception):
    """The database's schema is not this version's: run ``origami-slack migrate``."""


class Bell:
    """Wakes ticks by name, once there are any."""

    def __init__(self, soon_seconds: float) -> None:
        self._ticks: Ticks | None = None
        self._soon_seconds = soon_seconds
        self._soon: set[str] = set()

    def bind(self, ticks: Ticks) -> None:
        """From now on these are woken."""
        self._ticks = ticks

    def __call__(self, tick: str) -> None:
        """Wake the named tick, if this process ticks it."""
        if self._ticks is not None:
            self._ticks.wake(tick)

    def soon(self, tick: str) -> None:
        """Wake it a moment later, once for all who ask meanwhile: together they cost little more than one."""
        if tick not in self._soon:
            self._soon.add(tick)
            asyncio.get_running_loop().call_later(self._soon_seconds, self._ring, tick)

    def _ring(self, tick: str) -> None:
        self._soon.discard(tick)
        self(tick)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts, as those who hear from Slack and those who work need them."""

    session: aiohttp.ClientSession
    store: Installations | None
    """None where there is one workspace, whose token stands in the settings."""
    tasks: Tasks
    bell: Bell
    precedence: Precedence
    context: Context
    behind: Context
    """The same for work that an ack goes before."""
    sender: Sender
    leaving: Leaving
    people: People
    groups: Groups
    colleagues: Colleagues
    accounts: Accounts
    viewers: Viewers


async def assembled(stack: contextlib.AsyncExitStack, settings: Settings, pace: Pace) -> Parts:
    """Make all parts; the ``stack`` closes what has to be closed.

    Raises SchemaBehindError, and SealBrokenError when ENCRYPTION_KEYS do not open what is kept.
    """
    db = await _database(stack, settings)
    session = await stack.enter_async_context(shared_session(pace.slack_call))
    store = installations(settings, db, _seal(settings)) if settings.uses_oauth else None
    if settings.uses_oauth and await rotation.unopened(db, _seal(settings)):
        raise SealBrokenError
    tasks, metrics, precedence = Tasks(was_deleted), Metrics.create(), Precedence()
    bell = Bell(pace.tick / 5)
    origami = _connections(settings, stack, metrics)
    leaving = Leaving(db, origami, store, lambda: str(uuid.uuid4()))
    clients = _clients(settings, session, store, leaving, tasks, grace=pace.dead_token)
    people, groups = People(), Groups()
    colleagues = Colleagues(people, clients, groups)
    files = SlackFiles(clients, session)
    context = _context(db, origami, bell, pace, files=files, admins=colleagues.admins, metrics=metrics)
    behind = replace(context, db=db.behind(precedence.give_way))
    accounts = Accounts(db, origami)
    return Parts(
        session=session,
        store=store,
        tasks=tasks,
        bell=bell,
        precedence=precedence,
        context=context,
        behind=behind,
        sender=_sender(context, behind, clients, session=session, tasks=tasks, people=people),
        leaving=leaving,
        people=people,
        groups=groups,
        colleagues=colleagues,
        accounts=accounts,
        viewers=Viewers(
            context, people, accounts, own_keys=settings.uses_oauth, support_url=settings.support_url
        ),
    )


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
        wakes_later=bell.soon,
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


def _sender(
    context: Context,
    behind: Context,
    clients: Clients,
    *,
    session: aiohttp.ClientSession,
    tasks: Tasks,
    people: People,
) -> Sender:
    async def readers(client: AsyncWebClient, team_id: str, user_id: str) -> Reader:
        person = await people.find(client, team_id, user_id)
        return Reader(person.locale, person.time_zone)

    tools = Tools(
        db=behind.db,
        at_once=context.db,
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
    return Sender(tools)
