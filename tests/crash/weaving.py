"""Fault points woven into the real application from outside: commits, and calls to Origami and Slack."""

from __future__ import annotations

import re
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from slack_sdk.web.async_base_client import AsyncBaseClient
from sqlalchemy import text

from bot.deliveries import slack
from bot.origami import Http
from bot.slack_files import SlackFiles
from storage.database import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.ext.asyncio import AsyncSession

    Reach = Callable[[str], None]

_IDS = re.compile(r"/(agents|runs|tables|workspaces)/[^/]+")


def weave(reach: Reach) -> None:
    """From now on ``reach`` is told just before and just after each commit and each outgoing call."""
    _weave_commits(reach)
    _weave_origami(reach)
    _weave_slack(reach)


def _weave_commits(reach: Reach) -> None:
    plain = Database.write

    @asynccontextmanager
    async def write(db: Database) -> AsyncIterator[AsyncSession]:
        where = _writer()
        async with plain(db) as session:
            before = await _written(db, session)
            yield session
            await session.flush()
            # A tick that finds nothing due commits nothing: dying there is dying while idle.
            has_written = await _written(db, session) != before
            if has_written:
                reach(f"{where} commit:before")
        if has_written:
            reach(f"{where} commit:after")

    Database.write = write  # type: ignore[assignment,method-assign]


async def _written(db: Database, session: AsyncSession) -> Any:
    """Something that changes when the transaction writes."""
    asked = "total_changes()" if db.is_sqlite else "pg_current_xact_id_if_assigned() IS NOT NULL"
    return (await session.execute(text(f"SELECT {asked}"))).scalar_one()


def _writer() -> str:
    """Whose transaction it is, as ``module.function``."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals["__name__"] in {__name__, "contextlib"}:
        frame = frame.f_back
    return f"{frame.f_globals['__name__'].rpartition('.')[2]}.{frame.f_code.co_name}"


def _weave_origami(reach: Reach) -> None:
    plain = Http.ask

    async def ask(http: Http, method: str, base_url: str, target: str, **options: Any) -> Any:
        path = _IDS.sub(r"/\1/*", target.partition("?")[0])
        name = f"{method} {path}"
        reach(f"{name}:before")
        response = await plain(http, method, base_url, target, **options)
        reach(f"{name}:after")
        return response

    Http.ask = ask  # type: ignore[assignment,method-assign]


def _weave_slack(reach: Reach) -> None:
    plain_call, plain_respond, plain_fetch = AsyncBaseClient.api_call, slack.respond, SlackFiles.fetch

    async def api_call(client: AsyncBaseClient, api_method: str, **options: Any) -> Any:
        reach(f"{api_method}:before")
        answer = await plain_call(client, api_method, **options)
        reach(f"{api_method}:after")
        return answer

    async def respond(*args: Any) -> None:
        reach("response_url:before")
        await plain_respond(*args)
        reach("response_url:after")

    async def fetch(*args: Any, **options: Any) -> bytes:
        reach("download:before")
        content = await plain_fetch(*args, **options)
        reach("download:after")
        return content

    SlackFiles.fetch = fetch  # type: ignore[assignment,method-assign]
    AsyncBaseClient.api_call = api_call  # type: ignore[assignment,method-assign]
    slack.respond = respond  # type: ignore[assignment]
