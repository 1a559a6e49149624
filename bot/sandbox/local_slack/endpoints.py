"""What the app and its users reach over HTTP besides the control API."""

import html
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from aiohttp import web

from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.default_world import HOME_TEAM
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.fault_injection import after_work, before_work
from bot.sandbox.local_slack.web_api.dispatch import handle

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def endpoint_routes(core: Core) -> list[web.RouteDef]:
    """The Web API, Socket Mode, response URLs, uploads and the OAuth consent page."""

    def bound(serve: Callable[[Core, web.Request], Awaitable[web.StreamResponse]]) -> Handler:
        async def serving(request: web.Request) -> web.StreamResponse:
            return await serve(core, request)

        return serving

    return [
        web.route("*", "/api/{method}", bound(handle)),
        web.get("/link/", core.socket.connect),
        web.post("/response/{key:.+}", bound(respond)),
        web.post("/upload/{file_id}", bound(upload)),
        web.get("/files-pri/{file_id}/{name}", bound(download)),
        web.get("/oauth/v2/authorize", bound(consent_page)),
        web.post("/oauth/v2/authorize", bound(consent)),
    ]


async def respond(core: Core, request: web.Request) -> web.StreamResponse:
    """A post to a response_url."""
    faults = core.faults.take("response_url")
    spoiled = await before_work(faults, request)
    if spoiled is not None:
        return spoiled
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
    try:
        core.response_urls.respond(request.match_info["key"], body)
    except SlackError as error:
        return web.json_response({"ok": False, "error": error.code, **error.fields}, status=error.status)
    return await after_work(faults, request) or web.Response(text="ok")


async def upload(core: Core, request: web.Request) -> web.StreamResponse:
    """The bytes of an announced file, raw or as a form."""
    faults = core.faults.take("upload")
    spoiled = await before_work(faults, request)
    if spoiled is not None:
        return spoiled
    file = core.world.files.get(request.match_info["file_id"])
    if file is None:
        return web.Response(status=404, text="not found")
    content = await request.read()
    if request.content_type.startswith("multipart/"):
        parts = [value for value in (await request.post()).values() if isinstance(value, web.FileField)]
        content = parts[0].file.read() if parts else b""
    if len(content) != file.length:
        return web.Response(status=400, text=f"expected {file.length} bytes, got {len(content)}")
    file.content = content
    core.feed.publish("file", file=file.file_id, name=file.name)
    return await after_work(faults, request) or web.Response(text=f"OK - {len(content)}")


async def download(core: Core, request: web.Request) -> web.StreamResponse:
    """The bytes of a file, for a bot token of its team with `files:read`; others are asked to sign in."""
    faults = core.faults.take("download")
    spoiled = await before_work(faults, request)
    if spoiled is not None:
        return spoiled
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = core.installations.with_token(token)
    reader = known[0] if known else None
    file = core.world.files.get(request.match_info["file_id"])
    if reader is None or not reader.active or "files:read" not in reader.scopes:
        return web.Response(text="<!DOCTYPE html><title>Sign in | Slack</title>", content_type="text/html")
    may_read = file is not None and any(one.team_id == file.team_id for one in known)
    if file is None or file.content is None or not may_read:
        return web.Response(status=404, text="not found")
    answer = web.Response(body=file.content, content_type="application/octet-stream")
    return await after_work(faults, request) or answer


async def consent_page(core: Core, request: web.Request) -> web.StreamResponse:
    """Slack's page that asks whether to install the app."""
    if request.query.get("client_id") != core.app.client_id:
        return web.Response(status=400, text="invalid_client_id")
    action = html.escape(f"/oauth/v2/authorize?{urlencode(dict(request.query))}")
    page = (
        f"<!DOCTYPE html><title>Install {html.escape(core.app.name)}</title>"
        f"<h1>{html.escape(core.app.name)} asks to access your workspace</h1>"
        f'<form method="post" action="{action}"><button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="cancel">Cancel</button></form>'
    )
    return web.Response(text=page, content_type="text/html")


async def consent(core: Core, request: web.Request) -> web.StreamResponse:
    """Allow or cancel; `team` and `user` in the query choose who does it (default: Northwind's admin).

    `team` may be an organisation; `withhold` in the form lists scopes that the person does not grant.
    """
    query, form = request.query, await request.post()
    if query.get("client_id") != core.app.client_id:
        return web.Response(status=400, text="invalid_client_id")
    redirect_uri = query.get("redirect_uri", "")
    if form.get("decision") == "cancel":
        answer = {"error": "access_denied", "state": query.get("state", "")}
    else:
        team_id = query.get("team", "") or HOME_TEAM
        scopes = tuple(scope for scope in query.get("scope", "").replace(" ", ",").split(",") if scope)
        withheld = str(form.get("withhold") or "").split(",")
        scopes = tuple(scope for scope in scopes if scope not in withheld)
        user_id = query.get("user") or core.admin_of(team_id)
        answer = {
            "code": core.oauth.issue(team_id, user_id, scopes, redirect_uri),
            "state": query.get("state", ""),
        }
    separator = "&" if "?" in redirect_uri else "?"
    raise web.HTTPFound(f"{redirect_uri}{separator}{urlencode(answer)}")
