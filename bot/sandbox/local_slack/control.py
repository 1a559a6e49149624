"""The control API: plays the people, reads the world and makes the server misbehave, as JSON over HTTP."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web

from bot.sandbox.local_slack.control_acts import VERBS
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.faults import Fault
from bot.sandbox.local_slack.outcomes import Outcome
from bot.sandbox.local_slack.people import Person
from bot.sandbox.local_slack.presentation import (
    channel_json,
    message_json,
    session_json,
    team_json,
    user_json,
)
from bot.sandbox.local_slack.world import Message

Json = dict[str, Any]
Serve = Callable[[Core, web.Request], Awaitable[web.StreamResponse]]
LOOPBACK_HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


def control_routes(core: Core) -> list[web.RouteDef]:
    """Routes below `/_control/`; only for requests that name a loopback host and come from its own page."""

    def bound(serve: Serve) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def serving(request: web.Request) -> web.StreamResponse:
            refuse_strangers(request)
            try:
                return await serve(core, request)
            except CannotDoError as error:
                return web.json_response({"ok": False, "error": str(error)}, status=409)
            except (KeyError, TypeError, ValueError) as error:
                return web.json_response({"ok": False, "error": f"bad request: {error}"}, status=400)

        return serving

    return [
        web.get("/_control/state", bound(state)),
        web.get("/_control/calls", bound(calls)),
        web.get("/_control/deliveries", bound(deliveries)),
        web.get("/_control/changes", bound(changes)),
        web.get("/_control/channels/{channel}", bound(channel_messages)),
        web.get("/_control/files/{file}", bound(file_content)),
        web.get("/_control/people/{person}", bound(person_sees)),
        web.post("/_control/people/{person}/{verb}", bound(person_does)),
        web.post("/_control/faults", bound(add_fault)),
        web.delete("/_control/faults", bound(clear_faults)),
        web.post("/_control/socket/{verb}", bound(socket_does)),
        web.post("/_control/workspaces/{team}/install", bound(install)),
        web.post("/_control/workspaces/{team}/uninstall", bound(uninstall)),
    ]


def refuse_strangers(request: web.Request) -> None:
    """Another site's page must not steer this server through the browser (DNS rebinding, CSRF)."""
    origin = request.headers.get("Origin")
    if request.url.host is None or request.host.rpartition(":")[0] not in LOOPBACK_HOSTS:
        raise web.HTTPForbidden
    if origin is not None and origin != f"http://{request.host}":
        raise web.HTTPForbidden


async def state(core: Core, request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - one shape for all
    """Workspaces, people, channels, sessions and the app's connections."""
    world = core.world
    return web.json_response(
        {
            "app": {"id": core.app.app_id, "name": core.app.name, "mode": core.app.mode},
            "commands": list(core.app.commands),
            "shortcuts": [
                {"callback_id": s.callback_id, "name": s.name, "type": s.kind} for s in core.app.shortcuts
            ],
            "connections": len(core.socket.connections),
            "workspaces": [
                team_json(w) | {"installed": core.installations.active_in(w.team_id) is not None}
                for w in world.workspaces.values()
            ],
            "people": [user_json(u, world) | {"alias": u.alias} for u in world.users.values()],
            "channels": [
                channel_json(c, "") | {"members": sorted(c.members)} for c in world.channels.values()
            ],
            "sessions": [session_json(s) for s in world.sessions.values()],
        }
    )


async def calls(core: Core, request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - one shape for all
    """Every Web API call."""
    return web.json_response([call.as_json() for call in core.calls])


async def deliveries(core: Core, request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - one shape for all
    """Everything sent to the app."""
    return web.json_response([delivery.as_json() for delivery in core.deliveries])


async def file_content(core: Core, request: web.Request) -> web.StreamResponse:
    """What is in a shared file, to be saved."""
    file = core.world.files.get(request.match_info["file"])
    if file is None or file.content is None or not file.channels:
        raise web.HTTPNotFound
    saved = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
    return web.Response(
        body=file.content,
        content_type="application/octet-stream",
        headers={"Content-Disposition": saved, "X-Content-Type-Options": "nosniff"},
    )


async def changes(core: Core, request: web.Request) -> web.StreamResponse:
    """Every change from now on, as server-sent events."""
    stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await stream.prepare(request)
    await stream.write(b": connected\n\n")
    async for change in core.feed.subscribe():
        data = json.dumps(change.as_json(), default=str)
        await stream.write(f"event: {change.kind}\ndata: {data}\n\n".encode())
    return stream


async def channel_messages(core: Core, request: web.Request) -> web.StreamResponse:
    """A channel's messages, or one thread with `?thread_ts=`."""
    channel = core.world.channel(request.match_info["channel"])
    thread_ts = request.query.get("thread_ts")
    messages = channel.thread(thread_ts) if thread_ts else channel.messages
    return web.json_response([message_json(m, channel, metadata=True) for m in messages])


async def person_sees(core: Core, request: web.Request) -> web.StreamResponse:
    """A person's ephemeral messages, open modal and Home tab."""
    person = Person(core, core.world.person(request.match_info["person"]))
    modal, home = person.modal(), person.home
    return web.json_response(
        {
            "id": person.id,
            "ephemerals": [message_json(m) | {"channel": m.channel_id} for m in person.ephemerals],
            "modal": modal.as_json() | {"errors": modal.errors} if modal else None,
            "home": home.as_json() if home else None,
        }
    )


async def person_does(core: Core, request: web.Request) -> web.StreamResponse:
    """One act of a person; the arguments are those of the method of `Person`, messages as channel and ts."""
    person = Person(core, core.world.person(request.match_info["person"]))
    verb = VERBS.get(request.match_info["verb"])
    if verb is None:
        raise CannotDoError(f"there is no such act; there are {sorted(VERBS)}")
    result = await verb(person, await request.json() if request.can_read_body else {})
    if isinstance(result, Outcome):
        return web.json_response(result.as_json())
    shown = message_json(result) | {"channel": result.channel_id} if isinstance(result, Message) else None
    return web.json_response({"ok": True, "message": shown})


async def add_fault(core: Core, request: web.Request) -> web.StreamResponse:
    """Put a fault in force; the fields are those of `Fault`."""
    given = await request.json()
    known = {field.name for field in fields(Fault)} - {"struck"}
    if not set(given) <= known:
        raise CannotDoError(f"a fault has the fields {sorted(known)}")
    core.faults.add(Fault(**given))
    return web.json_response({"ok": True})


async def clear_faults(core: Core, request: web.Request) -> web.StreamResponse:  # noqa: ARG001 - one shape for all
    """Behave again."""
    core.faults.clear()
    return web.json_response({"ok": True})


async def socket_does(core: Core, request: web.Request) -> web.StreamResponse:
    """Drop or silence the Socket Mode connections, or ask them to refresh."""
    match request.match_info["verb"]:
        case "drop":
            core.socket.drop()
        case "silence":
            core.socket.silence()
        case "disconnect":
            await core.socket.disconnect(request.query.get("reason", "refresh_requested"))
        case other:
            raise CannotDoError(f"there is no {other}; there are drop, silence and disconnect")
    return web.json_response({"ok": True})


async def install(core: Core, request: web.Request) -> web.StreamResponse:
    """Put the app into a workspace; answers with its bot token."""
    installation = core.install(request.match_info["team"])
    return web.json_response({"ok": True, "bot_token": installation.bot_token})


async def uninstall(core: Core, request: web.Request) -> web.StreamResponse:
    """Take the app out of a workspace."""
    core.uninstall(request.match_info["team"])
    return web.json_response({"ok": True})
