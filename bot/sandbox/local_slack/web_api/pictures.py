"""Uploaded pictures in image blocks."""

from typing import Any, Final

from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.validation.walk import places
from bot.sandbox.local_slack.web_api.call import Call
from bot.sandbox.local_slack.world import File

# Slack's page on slack file objects names these.
PICTURES: Final = frozenset({"png", "jpg", "jpeg", "gif"})


def refuse_unknown_pictures(call: Call, blocks: object, error: str, pointer: str) -> None:
    """Refuse image blocks whose `slack_file` is no picture that the app has uploaded, or has access to."""
    wrong = [
        f"{pointer}{place.pointer}/slack_file"
        for place in places(blocks)
        if place.kind == "image" and "slack_file" in place.value and not shown(call, place.value)
    ]
    if wrong:
        messages = [f"[ERROR] invalid slack file [json-pointer:{where}]" for where in wrong]
        raise SlackError.with_messages(error, messages)


def shown(call: Call, image: dict[str, Any]) -> bool:
    """Whether the image names one file, by id, that is uploaded in full and the bot's own."""
    named = image["slack_file"]
    if not isinstance(named, dict) or set(named) != {"id"} or "image_url" in image:
        return False
    file = call.core.world.files.get(str(named["id"]))
    return file is not None and file.completed and file.user_id == call.bot.bot_user_id and is_picture(file)


def is_picture(file: File) -> bool:
    """Whether its name says that it can be shown."""
    return file.name.rpartition(".")[2].lower() in PICTURES
