"""Where the app is installed, and with which tokens: slack_sdk's stores on our database, tokens sealed."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from slack_sdk.oauth.installation_store.sqlalchemy import (
    AsyncSQLAlchemyInstallationStore,
    SQLAlchemyInstallationStore,
)
from slack_sdk.oauth.sqlalchemy_utils import normalize_datetime_for_db
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import CursorResult, Table, Text, bindparam, delete, exists, insert, select

from storage.dialects import dialect, packed, rows_in
from storage.records.installations import SECRETS, bots, installations, oauth_states

if TYPE_CHECKING:
    from collections.abc import Collection

    from slack_sdk.oauth.installation_store.models.bot import Bot
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncSession

    from storage.database import Database
    from storage.sealing import Seal

STATE_SECONDS = 600
"""Ours: how long a person may take on Slack's consent page; the cookie lives as long."""

Where = tuple[str | None, str | None]
"""Enterprise id and team id as Slack's installation has them: no team in an organisation's."""


class Installations(AsyncSQLAlchemyInstallationStore):
    """slack_sdk's store; each installation has one row, the newest, and no token in the clear."""

    def __init__(self, db: Database, client_id: str, seal: Seal) -> None:
        super().__init__(client_id, db.engine, logger=logging.getLogger("slack_sdk.oauth"))
        self.installations, self.bots = installations, bots
        self._db, self._seal = db, seal
        self.version = 0
        """Another one whenever this process has kept an installation."""

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in the place of an earlier one by the same person."""
        who = installations.c.user_id == installation.user_id
        async with self._db.write() as session:
            await self._replace(session, installations, installation, who)
            await self._replace(session, bots, installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot's token in the place of an earlier one."""
        async with self._db.write() as session:
            await self._replace(session, bots, bot)

    async def _replace(
        self, session: AsyncSession, table: Table, kept: Installation | Bot, *which: ColumnElement[bool]
    ) -> None:
        values = {name: value for name, value in kept.to_dict().items() if name in table.c}
        for name, column in table.c.items():
            if name.endswith("_at") and values.get(name) is not None:
                values[column.name] = normalize_datetime_for_db(values[name])
        for name in SECRETS:
            if values.get(name):
                values[name] = self._seal.seal(values[name])
        await session.execute(delete(table).where(*self._at(table, kept.enterprise_id, kept.team_id), *which))
        await session.execute(insert(table).values(**values, client_id=self.client_id))
        self.version += 1

    def _at(self, table: Table, enterprise_id: str | None, team_id: str | None) -> tuple[Any, ...]:
        c = table.c
        return c.client_id == self.client_id, c.enterprise_id == enterprise_id, c.team_id == team_id

    async def async_find_bot(self, **where: Any) -> Bot | None:  # noqa: ANN401
        """The bot of a workspace, or of an organisation, with its token opened. Raises SealBrokenError."""
        bot: Bot | None = self._opened(await super().async_find_bot(**where))
        return bot

    async def async_find_installation(self, **where: Any) -> Installation | None:  # noqa: ANN401
        """The newest installation, with its tokens opened. Raises SealBrokenError."""
        found: Installation | None = self._opened(await super().async_find_installation(**where))
        return found

    def _opened(self, kept: Any) -> Any:  # noqa: ANN401  (a Bot or an Installation)
        for name in SECRETS:
            sealed = getattr(kept, name, None)
            # With a person's own installation the SDK asks us for the bot, whose token is open already.
            if sealed and sealed.startswith("gAAAA"):
                setattr(kept, name, self._seal.open(sealed))
        return kept

    async def bot_in(self, *, enterprise_id: str, team_id: str) -> Bot | None:
        """The bot that serves a workspace: installed there, or in its whole organisation."""
        found: Bot | None = await self.async_find_bot(enterprise_id=enterprise_id or None, team_id=team_id)
        if found is None and enterprise_id:
            found = await self.async_find_bot(
                enterprise_id=enterprise_id, team_id=None, is_enterprise_install=True
            )
        return found

    async def bots_in(
        self, session: AsyncSession, places: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], Bot]:
        """The same for many workspaces, by enterprise and own id; one without a bot is left out."""
        found: dict[tuple[str | None, str | None], Bot] = {}
        for in_organisations in {bool(enterprise_id) for enterprise_id, _ in places}:
            asked = [
                {"enterprise": one, "team": other} for one, other in places if bool(one) is in_organisations
            ]
            named = {"client": self.client_id, "places": packed(asked)}
            kept = await session.execute(_bots_in(dialect(session), in_organisations=in_organisations), named)
            found |= {
                (row["enterprise_id"], row["team_id"]): SQLAlchemyInstallationStore.build_bot_entity(row)
                for row in kept.mappings()
            }
        each = {
            (one, other): found.get((one or None, other)) or found.get((one, None)) for one, other in places
        }
        return {place: self._opened(bot) for place, bot in each.items() if bot is not None}

    async def in_place(self, *, enterprise_id: str, team_id: str) -> Bot | None:
        """The bot that was installed in just this workspace, or without ``team_id`` in the organisation."""
        place = {"enterprise_id": enterprise_id or None, "team_id": team_id or None}
        found: Bot | None = await self.async_find_bot(**place)
        return found


async def serves(session: AsyncSession, *, enterprise_id: str, team_id: str) -> bool:
    """Whether there is a token for a workspace, its own or its organisation's."""
    c = bots.c
    own = (c.enterprise_id == (enterprise_id or None)) & (c.team_id == team_id)
    whole = (c.enterprise_id == enterprise_id) & c.team_id.is_(None)
    return bool((await session.execute(select(exists().where(own | whole)))).scalar())


async def with_own_token(session: AsyncSession, enterprise_id: str) -> set[str]:
    """The organisation's workspaces in which the app was installed by itself, by team id."""
    own = select(bots.c.team_id).where(bots.c.enterprise_id == enterprise_id, bots.c.team_id.is_not(None))
    return set((await session.execute(own)).scalars())


async def installers(session: AsyncSession, *, enterprise_id: str, team_id: str) -> list[str]:
    """Who installed the app in a workspace or, without ``team_id``, in an organisation, the latest first."""
    c = installations.c
    place = (c.enterprise_id == (enterprise_id or None), c.team_id == (team_id or None))
    found = select(c.user_id).where(*place).order_by(c.installed_at.desc())
    return list((await session.execute(found)).scalars())


async def forget_tokens(session: AsyncSession, *, enterprise_id: str, team_id: str) -> bool:
    """Delete the tokens of a workspace, or without ``team_id`` of an organisation. Whether any were there."""
    gone = 0
    for table in (installations, bots):
        place = (table.c.enterprise_id == (enterprise_id or None), table.c.team_id == (team_id or None))
        done = await session.execute(delete(table).where(*place))
        gone += cast("CursorResult[Any]", done).rowcount
    return gone > 0


@cache
def _bots_in(kind: str, *, in_organisations: bool) -> Select[Any]:
    """Those of workspaces, and of the organisations that they are in, the newest last."""
    c = bots.c
    asked = rows_in(kind, bindparam("places", type_=Text), enterprise=Text(), team=Text()).c
    own = c.team_id.in_(select(asked.team))
    place = (
        c.enterprise_id.in_(select(asked.enterprise)) & (own | c.team_id.is_(None))
        if in_organisations
        else c.enterprise_id.is_(None) & own
    )
    ours = (c.client_id == bindparam("client")) & c.bot_token.is_not(None)
    return select(bots).where(ours, place).order_by(c.installed_at)


class OAuthStates(AsyncSQLAlchemyOAuthStateStore):
    """The states of installations under way, each good once for ten minutes.

    In slack_sdk's table. Its own store reads a state and then deletes it, so that two replicas may both take
    it, and calls a database that does not answer a state that is not good.
    """

    def __init__(self, db: Database) -> None:
        super().__init__(STATE_SECONDS, db.engine, logger=logging.getLogger("slack_sdk.oauth"))
        self.oauth_states, self._db = oauth_states, db

    async def async_issue(self, *_: object, **__: object) -> str:
        """A new state."""
        state = str(uuid.uuid4())
        expires_at = normalize_datetime_for_db(datetime.now(UTC) + timedelta(seconds=STATE_SECONDS))
        async with self._db.write() as session:
            await session.execute(insert(oauth_states).values(state=state, expire_at=expires_at))
        return state

    async def async_consume(self, state: str) -> bool:
        """Whether the state is good, which it is then no more."""
        good = oauth_states.c.expire_at > normalize_datetime_for_db(datetime.now(UTC))
        used = delete(oauth_states).where(oauth_states.c.state == state, good)
        async with self._db.write() as session:
            return cast("CursorResult[Any]", await session.execute(used)).rowcount == 1


async def purge_states(session: AsyncSession) -> None:
    """Forget the states of installations that were never finished."""
    late = oauth_states.c.expire_at <= normalize_datetime_for_db(datetime.now(UTC))
    await session.execute(delete(oauth_states).where(late))
