"""users.*, bots.info and usergroups.*."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import group_json, user_json
from bot.sandbox.local_slack.web_api.call import TIER_2, TIER_3, TIER_4, Call, Method
from bot.sandbox.local_slack.world import User

Json = dict[str, Any]


def info(call: Call) -> Json:
    """One user; of another workspace one who shares a channel, or, marked, one who might."""
    user = call.user()
    world = call.core.world
    shown = user_json(user, world)
    if not known_to(call, user):
        shared = [c for c in world.channels.values() if {call.bot.team_id, user.team_id} <= set(c.teams)]
        if not shared:
            raise SlackError("user_not_found")
        # Slack: users.info; a stranger is in no shared channel that the app can see.
        seen = [c for c in shared if c.kind == "public" or call.bot.bot_user_id in c.members]
        shown |= {"is_stranger": not any(user.user_id in channel.members for channel in seen)}
    if not call.flag("include_locale"):
        shown.pop("locale")
    return {"user": shown}


def known_to(call: Call, user: User) -> bool:
    """Whether a person is of the caller's workspace, or of its organisation."""
    organisation = call.core.world.organisation(call.bot.team_id)
    return call.bot.team_id in user.teams or (
        organisation is not None and organisation is call.core.world.organisation(user.team_id)
    )


def list_(call: Call) -> Json:
    """The users of the workspace."""
    world = call.core.world
    own = [user for user in world.users.values() if call.bot.team_id in user.teams]
    page, cursor = call.page(own, 200, 1000)
    return {"members": [user_json(user, world) for user in page], "cache_ts": int(call.core.now())} | cursor


def usergroups(call: Call) -> Json:
    """The user groups of the workspace, with their users where asked for."""
    world = call.core.world
    own = [group for group in world.usergroups.values() if group.team_id == call.bot.team_id]
    with_users = call.flag("include_users")
    return {"usergroups": [group_json(g) | ({"users": list(g.users)} if with_users else {}) for g in own]}


def bots_info(call: Call) -> Json:
    """The bot that calls; others are not known here."""
    if call.text("bot") != call.bot.bot_id:
        raise SlackError("bot_not_found")
    app = call.core.app
    bot = {"id": call.bot.bot_id, "app_id": app.app_id, "user_id": call.bot.bot_user_id, "name": app.name}
    return {"bot": bot | {"deleted": False}}


def usergroup_users(call: Call) -> Json:
    """The members of a user group."""
    group = call.core.world.usergroups.get(call.text("usergroup"))
    if group is None or group.team_id != call.bot.team_id:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


METHODS: Final = (
    Method("bots.info", bots_info, scopes=("users:read",), per_minute=TIER_3),
    Method("users.info", info, scopes=("users:read",), per_minute=TIER_4),
    Method("users.list", list_, scopes=("users:read",), per_minute=TIER_2),
    Method("usergroups.list", usergroups, scopes=("usergroups:read",), per_minute=TIER_2),
    Method("usergroups.users.list", usergroup_users, scopes=("usergroups:read",), per_minute=TIER_2),
)
