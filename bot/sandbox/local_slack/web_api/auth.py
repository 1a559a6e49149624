"""auth.*, apps.*, oauth.* and team.info."""

import base64
import binascii
from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import organisation_json, team_json
from bot.sandbox.local_slack.web_api.call import SPECIAL, TIER_1, TIER_3, TIER_4, Call, Method

Json = dict[str, Any]


def auth_test(call: Call) -> Json:
    """Who the token is, with its scopes in a header."""
    place = call.core.world.place(call.bot.team_id)
    bot = call.core.world.users[call.bot.bot_user_id]
    within = {"enterprise_id": call.bot.enterprise_id} if call.bot.enterprise_id else {}
    kind = ".enterprise" if call.bot.is_organisation else ""
    return {
        "url": f"https://{place.domain}{kind}.slack.com/",
        "team": place.name,
        "user": bot.name,
        "team_id": call.bot.team_id,
        "user_id": bot.user_id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": call.bot.org_wide,
    } | within


def auth_teams_list(call: Call) -> Json:
    """The workspaces that the token is good for."""
    given = [
        one.team_id
        for one in call.core.installations.with_token(call.token)
        if one.active and not one.is_organisation
    ]
    page, cursor = call.page([call.core.world.workspaces[team_id] for team_id in given], 100, 1000)
    return {"teams": [{"id": team.team_id, "name": team.name} for team in page]} | cursor


def auth_revoke(call: Call) -> Json:
    """The token dies; the app is told with tokens_revoked."""
    if not call.flag("test"):
        call.core.events.revoked(call.core.installations.end(call.bot.team_id, "revoked"))
    return {"revoked": not call.flag("test")}


def apps_connections_open(call: Call) -> Json:
    """A single-use WebSocket URL for Socket Mode."""
    core = call.core
    if core.app.mode != "socket":
        raise SlackError("socket_mode_disabled")
    address = core.base.replace("http://", "ws://", 1)
    return {"url": f"{address}link/?ticket={core.socket.ticket()}&app_id={core.app.app_id}"}


def apps_uninstall(call: Call) -> Json:
    """The app leaves the workspace of its token."""
    client(call)
    call.core.uninstall(call.bot.team_id)
    return {}


def team_info(call: Call) -> Json:
    """The workspace of the token."""
    return {"team": team_json(call.core.world.workspaces[call.bot.team_id])}


def oauth_v2_access(call: Call) -> Json:
    """Exchange a code for a bot token."""
    client(call)
    core = call.core
    grant = core.oauth.exchange(call.text("code"), call.text("redirect_uri", ""))
    installation = core.installations.install(grant.team_id, grant.user_id, grant.scopes)
    core.feed.publish("installation", what="installed", team=grant.team_id)
    organisation = core.world.organisation(grant.team_id)
    return {
        "access_token": installation.bot_token,
        "token_type": "bot",
        "scope": ",".join(installation.scopes),
        "bot_user_id": installation.bot_user_id,
        "app_id": core.app.app_id,
        "team": None
        if installation.org_wide
        else {"id": grant.team_id, "name": core.world.workspaces[grant.team_id].name},
        "enterprise": organisation_json(organisation),
        "is_enterprise_install": installation.org_wide,
        "authed_user": {"id": grant.user_id},
    }


def client(call: Call) -> None:
    """Check the client id and secret, from the arguments or HTTP Basic authentication."""
    given = (call.text("client_id", ""), call.text("client_secret", ""))
    scheme, _, encoded = call.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, client_secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise SlackError("invalid_client_id") from error
        given = (client_id, client_secret)
    if given[0] != call.core.app.client_id:
        raise SlackError("invalid_client_id")
    if given[1] != call.core.app.client_secret:
        raise SlackError("bad_client_secret")


METHODS: Final = (
    Method("auth.test", auth_test, per_minute=SPECIAL),
    Method("auth.teams.list", auth_teams_list, per_minute=TIER_3),
    Method("auth.revoke", auth_revoke, per_minute=TIER_3),
    # Documented as tier 1, "1+"; a client that reconnects at once is not refused in practice.
    Method("apps.connections.open", apps_connections_open, per_minute=20 * TIER_1, caller="app"),
    Method("apps.uninstall", apps_uninstall, per_minute=TIER_1 * 20),
    Method("team.info", team_info, scopes=("team:read",), per_minute=TIER_3),
    Method("oauth.v2.access", oauth_v2_access, per_minute=TIER_4 * 6, caller="anyone"),
)
