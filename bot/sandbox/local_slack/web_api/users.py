"""users.* and usergroups.users.list."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.presentation import user_json
from bot.sandbox.local_slack.web_api.call import TIER_2, TIER_4, Call, Method
from bot.sandbox.local_slack.world import User

Json = dict[str, Any]


def info(call: Call) -> Json:
    """One user; a stranger from a shared channel is marked as such."""
    user = call.user()
    world = call.core.world
    shown = user_json(user, world)
    if not known_to(call, user):
        meets = any({call.bot.team_id, user.team_id} <= set(c.teams) for c in world.channels.values())
        if not meets:
            raise SlackError("user_not_found")
        shown |= {"is_stranger": True}
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


def usergroup_users(call: Call) -> Json:
    """The members of a user group."""
    group = call.core.world.usergroups.get(call.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group)}


METHODS: Final = (
    Method("users.info", info, scopes=("users:read",), per_minute=TIER_4),
    Method("users.list", list_, scopes=("users:read",), per_minute=TIER_2),
    Method("usergroups.users.list", usergroup_users, scopes=("usergroups:read",), per_minute=TIER_2),
)
