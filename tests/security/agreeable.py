"""A Slack that agrees to whatever it is asked, at once: for tests of what comes in, not of what goes out."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANSWER = {
    "ok": True,
    "team_id": "T0NORTHWND1",
    "user_id": "U0BOT",
    "bot_id": "B0BOT",
    "team": "Northwind",
    "url": "https://northwind.slack.com/",
    "channel": "C0LEADS0001",
    "ts": "1700000000.000100",
    "view": {"id": "V1", "hash": "1700000000.abc"},
    "user": {"id": "U0ANAREP001", "team_id": "T0NORTHWND1", "is_admin": True, "tz": "UTC"},
}
OTHERS = {
    "conversations.open": {"channel": {"id": "D0ANAREP001"}},
    "conversations.info": {"channel": {"id": "C0LEADS0001", "is_ext_shared": False}},
    "files.getUploadURLExternal": {"file_id": "F1"},
    "files.completeUploadExternal": {"files": [{"id": "F1"}]},
    "usergroups.list": {"usergroups": []},
}
"""What methods answer whose fields are of another kind than in most."""
OUTSIDER = "U0EVIOUTSID"
"""Somebody of another company, who is an admin there."""
MEMBER = "U0CATREP003"
"""Somebody of the same company, who is no admin."""


@contextlib.asynccontextmanager
async def agreeable_slack(asked: list[str] | None = None) -> AsyncIterator[str]:
    """Its address, without ``api/``, while it listens; answers sent to response URLs are taken as well.

    Each path that is asked for is added to ``asked``.
    """

    async def agree(request: web.Request) -> web.Response:
        await request.read()
        if asked is not None:
            asked.append(request.path)
        method = request.path.rpartition("/")[2]
        more = OTHERS.get(method, {})
        if method == "views.publish":
            # As long as Slack takes: a Home that is asked for meanwhile is published once.
            await asyncio.sleep(0.3)
        if method == "files.getUploadURLExternal":
            more = more | {"upload_url": f"http://{request.host}/upload"}
        if method == "users.info" and OUTSIDER in request.query_string + await request.text():
            more = {"user": {"id": OUTSIDER, "team_id": "T0STRANGE02", "is_admin": True, "tz": "UTC"}}
        if method == "users.info" and MEMBER in request.query_string + await request.text():
            more = {"user": {"id": MEMBER, "team_id": "T0NORTHWND1", "is_admin": False, "tz": "UTC"}}
        return web.json_response(ANSWER | more)

    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{anything:.*}", agree)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
