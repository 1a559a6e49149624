"""The three steps of an upload, and files.info."""

from typing import Any, Final

from bot.sandbox.local_slack.content import Content
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.mrkdwn import posted_text
from bot.sandbox.local_slack.presentation import file_json
from bot.sandbox.local_slack.shared_files import announced
from bot.sandbox.local_slack.web_api.call import TIER_4, Call, Method
from bot.sandbox.local_slack.world import Channel, File

Json = dict[str, Any]


def get_upload_url(call: Call) -> Json:
    """Announce a file; its bytes go to the URL."""
    core = call.core
    name = call.text("filename")
    try:
        length = int(call.text("length"))
    except ValueError as error:
        raise SlackError("invalid_arguments") from error
    if length <= 0:
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] must be greater than 0: length"])
    file = announced(core, call.bot.team_id, call.bot.bot_user_id, name, length)
    return {"upload_url": f"{core.base}upload/{file.file_id}", "file_id": file.file_id}


def complete_upload(call: Call) -> Json:
    """Share uploaded files: membership is needed, also in public channels."""
    listed = call.json("files")
    if not isinstance(listed, list) or not listed:
        raise SlackError("invalid_arguments")
    files = [uploaded(call, entry) for entry in listed]
    wanted = call.text("channel_id", "") or call.text("channels", "")
    if wanted:
        share(call, files, wanted)
    return {"files": [file_json(file) for file in files]}


def share(call: Call, files: list[File], wanted: str) -> None:
    """Post the files as one message."""
    call.args["channel"] = wanted
    channel: Channel = call.channel()
    if call.bot.bot_user_id not in channel.members:
        raise SlackError("not_in_channel")
    if channel.archived:
        raise SlackError("is_archived")
    text = posted_text(call.text("initial_comment", ""))
    call.core.messaging.post(
        call.bot,
        channel,
        Content(text, [], [], None),
        thread_ts=call.text("thread_ts", "") or None,
        files=files,
    )


def uploaded(call: Call, entry: object) -> File:
    """The announced file whose bytes have come. Raises `file_not_found`."""
    file_id = entry.get("id") if isinstance(entry, dict) else None
    file = call.core.world.files.get(str(file_id))
    if file is None or file.content is None or not own(call, file):
        raise SlackError("file_not_found")
    if isinstance(entry, dict) and entry.get("title"):
        file.title = str(entry["title"])
    file.completed = True
    return file


def own(call: Call, file: File) -> bool:
    """Whether a file is of the caller's workspace, or of its organisation as such."""
    return file.team_id in {call.bot.team_id, call.bot.enterprise_id}


def info(call: Call) -> Json:
    """One file."""
    file = call.core.world.files.get(call.text("file"))
    if file is None or not own(call, file):
        raise SlackError("file_not_found")
    return {"file": file_json(file), "comments": []}


METHODS: Final = (
    Method("files.getUploadURLExternal", get_upload_url, scopes=("files:write",), per_minute=TIER_4),
    Method("files.completeUploadExternal", complete_upload, scopes=("files:write",), per_minute=TIER_4),
    Method("files.info", info, scopes=("files:read",), per_minute=TIER_4),
)
