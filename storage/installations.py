"""Where the app is installed, and with which tokens: slack_sdk's stores on our database, tokens sealed."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from slack_sdk.oauth.installation_store.sqlalchemy import AsyncSQLAlchemyInstallationStore
from slack_sdk.oauth.sqlalchemy_utils import normalize_datetime_for_db
from slack_sdk.oauth.state_store.sqlalchemy import AsyncSQLAlchemyOAuthStateStore
from sqlalchemy import CursorResult, Table, delete, insert, select, update

from storage.records.installations import SECRETS, bots, installations, oauth_states

if TYPE_CHECKING:
    from slack_sdk.oauth.installation_store.models.bot import Bot
    from slack_sdk.oauth.installation_store.models.installation import Installation
    from sqlalchemy import ColumnElement
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

    async def forget(self, *, enterprise_id: str, team_id: str) -> None:
        """Delete a workspace's tokens; an organisation's stay."""
        async with self._db.write() as session:
            await forget_tokens(session, enterprise_id=enterprise_id, team_id=team_id)


async def forget_tokens(session: AsyncSession, *, enterprise_id: str, team_id: str) -> bool:
    """Delete a workspace's tokens; whether there were any."""
    gone = 0
    for table in (installations, bots):
        place = (table.c.enterprise_id == (enterprise_id or None), table.c.team_id == team_id)
        done = await session.execute(delete(table).where(*place))
        gone += cast("CursorResult[Any]", done).rowcount
    return gone > 0


async def renew_tokens(session: AsyncSession, seal: Seal) -> int:
    """Seal every token with the newest key. Returns how many. Raises SealBrokenError."""
    renewed = 0
    for table in (installations, bots):
        names = [name for name in SECRETS if name in table.c]
        rows = (await session.execute(select(table.c.id, *(table.c[name] for name in names)))).all()
        for row in rows:
            sealed = {name: secret for name in names if (secret := getattr(row, name))}
            values = {name: seal.renew(secret) for name, secret in sealed.items()}
            if values:
                await session.execute(update(table).where(table.c.id == row.id).values(**values))
            renewed += len(values)
    return renewed


class OAuthStates(AsyncSQLAlchemyOAuthStateStore):
    """slack_sdk's store of the states of installations under way, each good once for ten minutes."""

    def __init__(self, db: Database) -> None:
        # A state is read and then deleted: on SQLite that must begin as a write.
        engine = db.engine.execution_options(begin="BEGIN IMMEDIATE")
        super().__init__(STATE_SECONDS, engine, logger=logging.getLogger("slack_sdk.oauth"))
        self.oauth_states = oauth_states
