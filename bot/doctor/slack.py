"""What Slack says of the token, its scopes, Socket Mode and the request URL."""

from __future__ import annotations

import json
import re
import secrets
import time
from typing import TYPE_CHECKING, Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from bot.doctor.lines import Line, fail, ok, skip, warn
from bot.features import off
from bot.manifest import EVENTS_PATH, manifest
from bot.slack_app import web_client

if TYPE_CHECKING:
    from bot.doctor.clock import Clocks
    from bot.settings import Settings

HELLO_SECONDS = 10.0
_UNREACHABLE = "Check SLACK_API_URL and that this machine may reach slack.com over HTTPS."
_SECRET = re.compile(r"[0-9a-f]{32}")


async def slack_lines(settings: Settings, session: aiohttp.ClientSession, clocks: Clocks) -> list[Line]:
    """``slack.token``, ``.scopes``, ``.app_token`` and ``.socket_mode``."""
    lines, app_id = await _token(settings, session, clocks)
    return [*lines, *await _socket(settings, session, app_id)]


async def _token(
    settings: Settings, session: aiohttp.ClientSession, clocks: Clocks
) -> tuple[list[Line], str | None]:
    """The lines, and the id of the app that the token is of, where Slack tells."""
    if settings.slack_bot_token is None:
        why = "Each workspace has its own." if settings.uses_oauth else "SLACK_BOT_TOKEN is not set."
        return [skip("slack.token", why), skip("slack.scopes", why)], None
    client = web_client(settings, session, repeats=False)
    try:
        who = await client.auth_test()
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        return [_refused("slack.token", error, "SLACK_BOT_TOKEN"), skip("slack.scopes", "Not told.")], None
    clocks.note("Slack", _header(who.headers, "Date"))
    known = ok("slack.token", f"{who['user']} in {who['team']} ({who['team_id']}).")
    lines = [known, _scopes(_header(who.headers, "x-oauth-scopes"))]
    try:
        bot = (await client.bots_info(bot=str(who["bot_id"])))["bot"]
        return lines, str(bot["app_id"])
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError, KeyError, TypeError):
        return lines, None


def _scopes(granted: str | None) -> Line:
    if granted is None:
        return skip("slack.scopes", "Slack did not say which scopes were granted.")
    asked = manifest()["oauth_config"]["scopes"]
    has = {scope.strip() for scope in granted.split(",")}
    missing = [scope for scope in asked["bot"] if scope not in has]
    optional = [scope for scope in asked.get("bot_optional", ()) if scope not in has]
    again = "Add them under OAuth & Permissions, or paste `origami-slack manifest` again; reinstall the app."
    if missing:
        return fail("slack.scopes", f"Missing: {', '.join(missing)}.", again)
    if optional:
        without = "; ".join(f"{one.scope} ({one.what})" for one in off(has))
        return warn("slack.scopes", f"Not granted, and so off: {without}.", again)
    return ok("slack.scopes", f"All {len(asked['bot'])} of the manifest are granted.")


async def _socket(settings: Settings, session: aiohttp.ClientSession, app_id: str | None) -> list[Line]:
    """The connection is closed at its first word, because Slack spreads what people do over all of an app's
    connections.
    """
    if settings.slack_app_token is None:
        why = "SLACK_APP_TOKEN is not set: Slack is heard over HTTP."
        return [skip("slack.app_token", why), skip("slack.socket_mode", why)]
    client = web_client(settings, session, repeats=False)
    try:
        opened = await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except (SlackApiError, aiohttp.ClientError, TimeoutError, OSError) as error:
        return [
            _refused("slack.app_token", error, "SLACK_APP_TOKEN"),
            skip("slack.socket_mode", "No address."),
        ]
    token = ok("slack.app_token", "Slack opens connections for it.")
    try:
        async with session.ws_connect(opened["url"], timeout=aiohttp.ClientWSTimeout(ws_close=1.0)) as socket:
            hello = await socket.receive_json(timeout=HELLO_SECONDS)
    except (aiohttp.ClientError, TypeError, ValueError, TimeoutError, OSError) as error:
        to_do = "Let this machine open WebSockets (wss://…slack.com, port 443); a proxy may stand in the way."
        return [token, fail("slack.socket_mode", f"No connection ({type(error).__name__}).", to_do)]
    theirs = hello.get("connection_info", {}).get("app_id") if isinstance(hello, dict) else None
    if app_id and theirs and app_id != theirs:
        words = f"It is of the app {theirs}, and SLACK_BOT_TOKEN of {app_id}."
        token = fail("slack.app_token", words, "Take both tokens from one and the same app.")
    return [token, _hello(hello)]


def _hello(hello: Any) -> Line:  # noqa: ANN401  (whatever Slack sent)
    if not isinstance(hello, dict) or hello.get("type") != "hello":
        return fail("slack.socket_mode", "Slack did not say hello.", "Run the doctor again in a minute.")
    others = max(0, int(hello.get("num_connections") or 1) - 1)
    beside = f" {others} more connected." if others else ""
    return ok("slack.socket_mode", f"Connected.{beside}")


def events_line() -> Line:
    """``slack.events``: Slack tells nobody but the app's owner what is switched on."""
    return skip(
        "slack.events",
        "Event subscriptions, interactivity and the slash command cannot be seen from here.",
        "Compare them with `origami-slack manifest`, or paste that under App Manifest.",
    )


def secret_line(settings: Settings) -> Line:
    """``slack.signing_secret``, by its form."""
    if settings.slack_signing_secret is None:
        needed = (
            "Socket Mode needs none." if settings.uses_socket_mode else "SLACK_SIGNING_SECRET is not set."
        )
        return skip("slack.signing_secret", needed)
    if _SECRET.fullmatch(settings.slack_signing_secret.get_secret_value()):
        return ok("slack.signing_secret", "Has the form of one.")
    return warn(
        "slack.signing_secret",
        "Does not look like one: 32 hexadecimal digits.",
        "Copy Signing Secret (not Client Secret, not Verification Token) from Basic Information.",
    )


async def request_url_line(settings: Settings, session: aiohttp.ClientSession) -> list[Line]:
    """``slack.request_url``: asks the running bot, signed as Slack signs, for what Slack asks a new URL."""
    name, secret = "slack.request_url", settings.slack_signing_secret
    if settings.uses_socket_mode or settings.public_url is None or secret is None:
        why = "Slack is heard over Socket Mode." if settings.uses_socket_mode else "PUBLIC_URL is not set."
        return [skip(name, why)]
    challenge = secrets.token_hex(16)
    body = json.dumps({"type": "url_verification", "challenge": challenge})
    headers = SignatureVerifier(secret.get_secret_value())
    stamp = str(int(time.time()))
    signed = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": headers.generate_signature(timestamp=stamp, body=body) or "",
    }
    url = settings.public_url + EVENTS_PATH
    try:
        async with session.post(url, data=body, headers=signed, allow_redirects=False) as answer:
            status, text = answer.status, (await answer.content.read(4096)).decode(errors="replace")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        to_do = "Start the bot and run the doctor again; then check PUBLIC_URL, DNS and the proxy."
        return [warn(name, f"{url} does not answer ({type(error).__name__}).", to_do)]
    return [_verified(name, url, status, echoed=challenge in text)]


def _verified(name: str, url: str, status: int, *, echoed: bool) -> Line:
    if status == 200 and echoed:
        return ok(name, f"{url} answers as Slack expects.")
    if status == 401:
        to_do = "Start the bot with the same SLACK_SIGNING_SECRET, and see the clock's line."
        return fail(name, f"{url} refuses the signature.", to_do)
    to_do = "Point PUBLIC_URL at the bot: its proxy must pass /slack/events on, method and body unchanged."
    return fail(name, f"{url} answers {status}, and not as the bot does.", to_do)


def _refused(name: str, error: Exception, setting: str) -> Line:
    if not isinstance(error, SlackApiError):
        return fail(name, f"Slack cannot be reached ({type(error).__name__}).", _UNREACHABLE)
    code = str(error.response.get("error"))[:100]
    if code in {"ratelimited", "internal_error", "service_unavailable", "fatal_error"}:
        return fail(name, f"Slack does not answer properly ({code}).", "Try again in a minute.")
    if code == "socket_mode_disabled":
        return fail(name, "Socket Mode is off for this app.", "Turn it on under Socket Mode, or use HTTP.")
    return fail(
        name, f"Slack refuses it ({code}).", f"Copy {setting} from the app's pages anew; reinstall it."
    )


def _header(headers: Any, name: str) -> str | None:  # noqa: ANN401  (the SDK's mapping)
    found = {str(key).lower(): value for key, value in dict(headers).items()}.get(name.lower())
    return str(found) if found is not None else None
