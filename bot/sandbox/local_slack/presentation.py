"""Users, channels, messages and files in the shapes of Slack's JSON."""

from typing import Any

from bot.sandbox.local_slack.world import (
    AgentSession,
    Channel,
    File,
    Message,
    User,
    UserGroup,
    Workspace,
    World,
)

Json = dict[str, Any]


def user_json(user: User, world: World) -> Json:
    """A user as `users.info` shows one."""
    workspace = world.workspaces[user.team_id]
    enterprise = {"id": user.user_id, "enterprise_id": workspace.enterprise_id, "teams": [user.team_id]}
    return {
        "id": user.user_id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "color": "9f69e7",
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": user.tz_label,
        "tz_offset": user.tz_offset,
        "locale": user.locale,
        "profile": {
            "title": "",
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "display_name": user.name,
            "display_name_normalized": user.name,
            "team": user.team_id,
        },
        "is_admin": user.is_admin,
        "is_owner": user.is_owner,
        "is_primary_owner": user.is_owner,
        "is_restricted": bool(user.guest),
        "is_ultra_restricted": user.guest == "single",
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_email_confirmed": True,
        "updated": 1_735_689_600,
        "enterprise_user": enterprise if workspace.enterprise_id else None,
        "team_name": workspace.name,
    }


def group_json(group: UserGroup) -> Json:
    """A user group as `usergroups.list` shows it, without its users."""
    return {
        "id": group.group_id,
        "team_id": group.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "is_external": False,
        "date_delete": 0,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(group.users),
    }


def team_json(workspace: Workspace) -> Json:
    """A team as `team.info` shows it."""
    return {
        "id": workspace.team_id,
        "name": workspace.name,
        "domain": workspace.domain,
        "url": f"https://{workspace.domain}.slack.com/",
        "email_domain": "",
        "icon": {"image_default": True},
    }


def channel_json(channel: Channel, viewer: str) -> Json:
    """A conversation as `conversations.info` shows it to the user id `viewer`."""
    shown: Json = {
        "id": channel.channel_id,
        "created": channel.created,
        "context_team_id": channel.team_id,
        "is_archived": channel.archived,
        "is_channel": channel.kind == "public",
        "is_group": False,
        "is_im": channel.kind == "im",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_shared": bool(channel.shared_with),
        "is_ext_shared": bool(channel.shared_with),
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "shared_team_ids": list(channel.teams),
    }
    if channel.kind == "im":
        return shown | {"user": next((m for m in channel.members if m != viewer), viewer), "is_open": True}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": channel.name == "general",
        "is_member": viewer in channel.members,
        "is_read_only": channel.read_only,
        "creator": channel.creator,
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
    }


def message_json(message: Message, channel: Channel | None = None, *, metadata: bool = False) -> Json:
    """A message as history and events show it; thread counts when its `channel` is given."""
    shown: Json = {"type": "message", "user": message.user_id, "ts": message.ts, "text": message.text}
    optional: Json = {
        "subtype": message.subtype,
        "client_msg_id": message.client_msg_id,
        "bot_id": message.bot_id,
        "app_id": message.app_id,
        "thread_ts": message.thread_ts,
        "edited": message.edited,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "files": [file_json(file) for file in message.files],
        "reactions": [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ],
        "metadata": message.metadata if metadata else None,
    }
    shown |= {key: value for key, value in optional.items() if value}
    shown["team"] = message.team_id
    return shown | thread_json(message, channel)


def thread_json(message: Message, channel: Channel | None) -> Json:
    """What a message says of its thread."""
    if channel is None:
        return {}
    if message.is_reply:
        parent = channel.posted.get(message.thread_ts or "")
        return {"parent_user_id": parent.user_id} if parent else {}
    replies = channel.replies.get(message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user_id for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users_count": len(users),
        "reply_users": users,
        "latest_reply": replies[-1].ts,
        "is_locked": False,
        "subscribed": False,
    }


def file_json(file: File) -> Json:
    """A file as `files.info` shows it, without its content."""
    kind = file.name.rpartition(".")[2].lower() if "." in file.name else "text"
    mimetypes = {
        "csv": "text/csv",
        "txt": "text/plain",
        "json": "application/json",
        "png": "image/png",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    return {
        "id": file.file_id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": mimetypes.get(kind, "application/octet-stream"),
        "filetype": kind,
        "user": file.user_id,
        "user_team": file.team_id,
        "size": file.length,
        "mode": "hosted",
        "is_external": False,
        "is_public": True,
        "channels": list(file.channels),
        "url_private": file.url,
        "url_private_download": file.url,
    }


def session_json(session: AgentSession) -> Json:
    """An agent session, for the log and the page."""
    return dict(vars(session))
