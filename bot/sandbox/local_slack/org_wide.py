"""An organisation's token: in which of its workspaces a call acts."""

from collections.abc import Mapping
from typing import Any, Final

from bot.sandbox.local_slack.app import Installation
from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.errors import SlackError

# Slack: developing for Enterprise organisations, "Use the team_id parameter".
NEED_TEAM: Final = frozenset({"conversations.list", "users.list", "usergroups.users.list"})


def seen_from(core: Core, installation: Installation, method: str, args: Mapping[str, Any]) -> Installation:
    """The installation as the call means it: a workspace's, where a workspace can be told.

    Raises SlackError `missing_argument` where a method needs `team_id`, and `team_access_not_granted` for a
    workspace that the app was not given. With a workspace's own token, `team_id` is ignored, and auth.* is
    about the token as such.
    """
    if not installation.org_wide or method.startswith("auth."):
        return installation
    asked = str(args.get("team_id") or "")
    if not asked and method in NEED_TEAM:
        raise SlackError("missing_argument")
    team_id = _place(core, args) or asked
    if not team_id:
        return installation
    for given in core.installations.with_token(installation.bot_token):
        if given.team_id == team_id and given.active:
            return given
    raise SlackError("team_access_not_granted")


def _place(core: Core, args: Mapping[str, Any]) -> str:
    """The workspace of what the call is about: a conversation, a trigger id, a view, a file, or a person."""
    channel = core.world.channels.get(str(args.get("channel") or args.get("channel_id") or ""))
    if channel is not None:
        return channel.team_id
    trigger = core.triggers.find(str(args.get("trigger_id") or ""))
    if trigger is not None:
        return trigger.team_id
    view = core.views.find(str(args.get("view_id") or ""))
    if view is not None:
        return view.installation.team_id
    file = core.world.files.get(str(args.get("file") or ""))
    if file is not None and file.team_id in core.world.workspaces:
        return file.team_id
    for name in ("users", "user_id", "channel"):
        user = core.world.users.get(str(args.get(name) or ""))
        if user is not None and not args.get("team_id"):
            return user.team_id
    return ""
