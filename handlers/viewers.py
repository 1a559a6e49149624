"""Who has Home open, and what stands on it: published when they open it, and again when their runs move."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog
from slack_sdk.errors import SlackApiError

from bot.runs import lists, reasons, schedules
from bot.views.home import Connection, ForAdmins, home
from bot.views.lists import Page
from bot.views.schedules import recurring_blocks
from bot.views.times import month_start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from bot.runs.context import Context
    from bot.views.blocks import Block
    from bot.views.lists import Look
    from bot.workspaces.account import Accounts, Standing
    from bot.workspaces.known import Workspace
    from bot.workspaces.people import People
    from handlers.asker import Asker

log = structlog.get_logger(__name__)

FORGET_SECONDS = 1_800.0
"""Whoever opened Home so long ago gets it anew when they open it again."""
MOST_VIEWERS = 1_000
FIRST = Page()
UNKNOWN = "unknown"
"""The mark of a Home of which it is not known what it shows; no real mark is like it."""


@dataclass(slots=True)
class Viewer:
    """A person who has opened Home."""

    asker: Asker
    opened_at: float
    offset: int = 0
    recurring: Page = FIRST
    workspace_id: str = ""
    mark: Hashable = None
    """Where their runs stood when it was published; None before."""
    hash: str | None = None
    """Slack's hash of the view, by which it sees that a newer one was published meanwhile."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_awaited: bool = False
    """Whether somebody waits for that turn already, who will show whatever is so then."""

    @contextlib.asynccontextmanager
    async def next_turn(self) -> AsyncIterator[None]:
        """Wait until nobody else publishes it; whoever comes meanwhile need not wait as well."""
        self.is_awaited = True
        try:
            await self.turn.acquire()
        finally:
            self.is_awaited = False
        try:
            yield
        finally:
            self.turn.release()


class Viewers:
    """Publishes Home for the people who have opened it lately, in this process: a best effort."""

    def __init__(
        self,
        context: Context,
        people: People,
        accounts: Accounts,
        clock: Callable[[], float] = time.monotonic,
        *,
        own_keys: bool = False,
        support_url: str | None = None,
    ) -> None:
        self._context, self._people, self._accounts, self._clock = context, people, accounts, clock
        self._own_keys, self._support_url = own_keys, support_url
        self._viewers: OrderedDict[tuple[str, str], Viewer] = OrderedDict()

    async def again(
        self,
        asker: Asker,
        *,
        offset: int | None = None,
        recurring: Page | None = None,
        view_hash: str | None = None,
    ) -> None:
        """Publish somebody's Home as ``open`` does, with the pages that they see but for what is given."""
        known = self._viewers.get((asker.team.team_id, asker.user_id))
        await self.open(
            asker,
            offset=offset if offset is not None else known.offset if known else 0,
            recurring=recurring or (known.recurring if known else FIRST),
            view_hash=view_hash,
        )

    async def open(
        self, asker: Asker, *, offset: int = 0, recurring: Page = FIRST, view_hash: str | None = None
    ) -> None:
        """Publish somebody's Home, and go on doing so for a while; ``view_hash`` is of what they see now."""
        key = (asker.team.team_id, asker.user_id)
        viewer = self._viewers.setdefault(key, Viewer(asker, self._clock()))
        self._viewers.move_to_end(key)
        viewer.asker, viewer.opened_at, viewer.offset = asker, self._clock(), offset
        viewer.recurring, viewer.hash = recurring, view_hash or viewer.hash
        while len(self._viewers) > MOST_VIEWERS:
            self._viewers.popitem(last=False)
        await self.publish(viewer)

    async def moved(self, limit: int) -> list[Viewer]:
        """The viewers whose runs or recurring briefs have moved since their Home was published."""
        self._forget()
        by_workspace: dict[str, dict[str, Viewer]] = {}
        for viewer in self._viewers.values():
            if viewer.mark is not None:
                by_workspace.setdefault(viewer.workspace_id, {})[viewer.asker.user_id] = viewer
        found: list[Viewer] = []
        for workspace_id, viewers in by_workspace.items():
            for user_id, mark in (await lists.marks(self._context.db, workspace_id, set(viewers))).items():
                if mark != viewers[user_id].mark and len(found) < limit:
                    viewers[user_id].mark = mark
                    found.append(viewers[user_id])
        return found

    async def publish(self, viewer: Viewer) -> None:
        """Show a viewer what is so now; admins then also what Origami says, when it was not known yet."""
        if viewer.is_awaited:
            return
        async with viewer.next_turn():
            asker, context = viewer.asker, self._context
            person = await self._people.find(asker.client, asker.team.team_id, asker.user_id)
            workspace = await asker.workspace(context)
            viewer.workspace_id = workspace.id
            standing = self._accounts.known(workspace) if person.is_admin else None
            look = asker.look(person, context.clock())
            await self._show(viewer, workspace, look, is_admin=person.is_admin, standing=standing)
            if person.is_admin and standing is None:
                standing = await self._accounts.ask(workspace)
                await self._show(viewer, workspace, look, is_admin=True, standing=standing)

    async def _show(
        self, viewer: Viewer, workspace: Workspace, look: Look, *, is_admin: bool, standing: Standing | None
    ) -> None:
        db, asker, user_id = self._context.db, viewer.asker, viewer.asker.user_id
        viewer.mark = (await lists.marks(db, workspace.id, {user_id}))[user_id]
        overview = await lists.overview(db, workspace.id, user_id, viewer.offset)
        for_admins = None
        if is_admin:
            usage = await lists.usage(db, workspace.id, month_start(look.now, look.reader))
            for_admins = ForAdmins(_connection(standing), usage, own_key=self._own_keys)
        recurring = await self._recurring(viewer, workspace, look, is_admin=is_admin)
        client, view = asker.client, home(overview, look, for_admins, recurring, self._support_url)
        try:
            answer = await client.views_publish(user_id=user_id, view=view, hash=viewer.hash)
        except SlackApiError as error:
            viewer.hash = None
            if (code := _code(error)) == "hash_conflict":
                # Another one stands there, which may know less than this one: look again soon.
                viewer.mark = UNKNOWN
            else:
                self._viewers.pop((asker.team.team_id, user_id), None)
                log.warning("home.not_published", team=asker.team.team_id, error=code)
        else:
            viewer.hash = (answer.get("view") or {}).get("hash")

    async def _recurring(
        self, viewer: Viewer, workspace: Workspace, look: Look, *, is_admin: bool
    ) -> list[Block]:
        page = viewer.recurring if is_admin else Page(offset=viewer.recurring.offset)
        whose = None if page.everyone else viewer.asker.user_id
        found = await schedules.listed(self._context.db, workspace.id, whose, page.offset)
        return recurring_blocks(found, page, look, is_admin=is_admin)

    def _forget(self) -> None:
        now = self._clock()
        for key, viewer in list(self._viewers.items()):
            if now - viewer.opened_at > FORGET_SECONDS:
                del self._viewers[key]


def _code(error: SlackApiError) -> str:
    """Slack's own code, or the status of an answer without one."""
    data = error.response.data
    return str(data.get("error")) if isinstance(data, dict) else f"http_{error.response.status_code}"


def _connection(standing: Standing | None) -> Connection:
    if standing is None:
        return Connection(asked=False)
    return Connection(
        has_key=standing.has_key,
        account=standing.account,
        credits=standing.credits,
        reason=reasons.reason_for(standing.error) if standing.error else None,
    )
