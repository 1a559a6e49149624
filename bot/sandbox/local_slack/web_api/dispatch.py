"""HTTP in front of the methods: arguments, token, scope, rate, faults, log."""

import json
import secrets
from email.utils import formatdate
from typing import Any, Final

from aiohttp import web

from bot.sandbox.local_slack.core import ApiCall, Core
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.fault_injection import after_work, before_work
from bot.sandbox.local_slack.faults import first
from bot.sandbox.local_slack.org_wide import seen_from
from bot.sandbox.local_slack.web_api import agents, auth, chat, conversations, files, users, views
from bot.sandbox.local_slack.web_api.call import Call, Method

Json = dict[str, Any]
METHODS: Final[dict[str, Method]] = {
    method.name: method
    for family in (agents, auth, chat, conversations, files, users, views)
    for method in family.METHODS
}


async def handle(core: Core, request: web.Request) -> web.StreamResponse:
    """Answer one request to `/api/<method>`."""
    name = request.match_info["method"]
    faults = core.faults.take(name)
    args = await arguments(request)
    record = ApiCall(at=core.now(), method=name, args={k: v for k, v in args.items() if k != "token"})
    core.calls.append(record)
    spoiled = await before_work(faults, request)
    if spoiled is not None:
        record.status, record.error = spoiled.status, f"fault:{faults[0].kind}"
        told(core, record)
        return named(spoiled)
    answer = answered(core, name, args, request, record)
    told(core, record)
    if fault := first(faults, "skew"):
        answer.headers["Date"] = formatdate(core.now() + fault.seconds, usegmt=True)
    return named(await after_work(faults, request) or answer)


def named(answer: web.Response) -> web.Response:
    """The answer with Slack's id of the request."""
    answer.headers["x-slack-req-id"] = secrets.token_hex(16)
    return answer


def answered(core: Core, name: str, args: Json, request: web.Request, record: ApiCall) -> web.Response:
    """Do the work and put it, or the refusal, into the record and an answer."""
    headers: dict[str, str] = {}
    try:
        method = known_method(name)
        call = Call(
            core=core,
            method=name,
            args=args,
            token=token_of(request, args),
            headers=dict(request.headers),
        )
        admit(call, method)
        if call.installation is not None:
            record.team_id = call.installation.team_id
            headers["x-oauth-scopes"] = ",".join(call.installation.scopes)
        body, record.status = {"ok": True, **method.run(call)}, 200
    except SlackError as error:
        body, record.status = {"ok": False, "error": error.code, **error.fields}, error.status
        record.error = error.code
        headers |= error.headers
    record.response = body
    return web.json_response(body, status=record.status, headers=headers)


def known_method(name: str) -> Method:
    """The method of this name. Raises `unknown_method`."""
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    return METHODS[name]


def admit(call: Call, method: Method) -> None:
    """Check the token, its scopes and the rate."""
    if method.caller == "app":
        if call.token != call.core.app.app_token:
            raise SlackError("invalid_auth" if call.token else "not_authed")
    elif method.caller == "bot":
        authed = call.core.installations.authed(call.token)
        call.installation = seen_from(call.core, authed, method.name, call.args)
        call.need(*method.scopes)
    team = call.installation.team_id if call.installation else ""
    call.core.limits.spend(method.name, team, method.per_minute)


async def arguments(request: web.Request) -> Json:
    """The arguments from a JSON or form body and the query."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            body = {}
        return args | (body if isinstance(body, dict) else {})
    form = await request.post()
    return args | {key: value for key, value in form.items() if isinstance(value, str)}


def token_of(request: web.Request, args: Json) -> str:
    """The bearer token, or the `token` argument."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return value if scheme.lower() == "bearer" else str(args.get("token") or "")


def told(core: Core, record: ApiCall) -> None:
    """Publish the finished call."""
    core.feed.publish("call", **record.as_json())
