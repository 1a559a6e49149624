"""users.*, bots.info and usergroups.users.list."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import user_json
from bot.sandbox.local_slack.web_api.call import TIER_2, TIER_3, TIER_4, Call, Method

Json = dict[str, Any]


def info(call: Call) -> Json:
    """One user; a stranger from a shared channel is marked as such."""
    user = call.user()
    world = call.core.world
    shown = user_json(user, world)
    if user.team_id != call.bot.team_id:
        meets = any({call.bot.team_id, user.team_id} <= set(c.teams) for c in world.channels.values())
        if not meets:
            raise SlackError("user_not_found")
        shown |= {"is_stranger": True}
    if not call.flag("include_locale"):
        shown.pop("locale")
    return {"user": shown}


def list_(call: Call) -> Json:
    """The users of the workspace."""
    world = call.core.world
    own = [user for user in world.users.values() if user.team_id == call.bot.team_id]
    page, cursor = call.page(own, 200, 1000)
    return {"members": [user_json(user, world) for user in page], "cache_ts": int(call.core.now())} | cursor


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
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group)}


METHODS: Final = (
    Method("bots.info", bots_info, scopes=("users:read",), per_minute=TIER_3),
    Method("users.info", info, scopes=("users:read",), per_minute=TIER_4),
    Method("users.list", list_, scopes=("users:read",), per_minute=TIER_2),
    Method("usergroups.users.list", usergroup_users, scopes=("usergroups:read",), per_minute=TIER_2),
)
