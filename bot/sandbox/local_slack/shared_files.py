"""Files that people upload, beside a message or into a form."""

import base64
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from bot.sandbox.local_slack.core import Core
from bot.sandbox.local_slack.elements import Control
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.presentation import file_json
from bot.sandbox.local_slack.world import File, User

Json = dict[str, Any]
FORM_BYTES: Final = 10 * 1024**2
"""Slack: 10 MB a file in a form."""
MESSAGE_FILES: Final = 10
"""Slack: ten files a message."""


def announced(core: Core, team_id: str, user_id: str, name: str, length: int) -> File:
    """A file that Slack knows of, without its bytes."""
    file_id = core.ids.make("F0")
    file = File(
        file_id=file_id,
        team_id=team_id,
        user_id=user_id,
        name=name,
        title=name,
        length=length,
        created=int(core.now()),
        url=f"{core.base}files-pri/{file_id}/{quote(name, safe='') or 'file'}",
    )
    core.world.files[file_id] = file
    return file


def uploaded(core: Core, user: User, files: Mapping[str, bytes | str]) -> list[File]:
    """A person's files by name, as bytes, or as base64 where they come in JSON."""
    if len(files) > MESSAGE_FILES:
        raise CannotDoError(f"a message takes {MESSAGE_FILES} files")
    found = []
    for name, given in files.items():
        content = base64.b64decode(given) if isinstance(given, str) else given
        file = announced(core, user.team_id, user.user_id, name, len(content))
        file.content = content
        found.append(file)
    return found


def files_for(core: Core, user: User, control: Control, wanted: object) -> list[Json]:
    """What a file input holds when a person chooses `wanted`, files by name.

    CannotDoError for what Slack's client would not take.
    """
    if not isinstance(wanted, Mapping):
        raise CannotDoError("files are given by name")
    most, kinds = control.element.get("max_files", 10), control.element.get("filetypes")
    if len(wanted) > most:
        raise CannotDoError(f"this input takes {most} files at most")
    for name in wanted:
        if kinds and name.rpartition(".")[2].lower() not in kinds:
            raise CannotDoError(f"{name} is not one of {kinds}")
    files = uploaded(core, user, wanted)
    if any(file.length > FORM_BYTES for file in files):
        raise CannotDoError("a file in a form may have 10 MB")
    return [file_json(file) for file in files]
