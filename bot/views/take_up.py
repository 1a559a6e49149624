"""The forms of next actions that ask for something: a file, or a few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.features import ATTACHMENTS
from bot.origami import ActionType
from bot.views import ids
from bot.views.blocks import Block, plain_text, section
from bot.views.escape import clip, mrkdwn
from bot.views.forms import FIELD, Values, View, labelled, modal, value
from bot.views.words import bold

if TYPE_CHECKING:
    from storage.records import Choice

FILE_BLOCK, WORDS_BLOCK = "file", "words"
FILE_TYPES = ("csv", "tsv", "txt", "xlsx")
"""What a list comes as. Slack's client offers no other files; it does not promise to hold to that."""
WORDS_LIMIT = 3_000
"""Slack: 3,000 characters per text input."""
_WHY = {
    "type": "Origami cannot use this kind of file here. Choose a CSV, TSV, TXT or XLSX file.",
    "size": "This file is larger than 10 MB, which is the most that can be handed over.",
}
_MAY_NOT_READ = (
    "Origami may not read files of this Slack. Ask a Slack admin to install the app again with the "
    f"permission `{ATTACHMENTS.scope}`, or upload the file in Origami."
)


def take_up_modal(choice: Choice, *, may_read_files: bool = True) -> View:
    """Ask for what a next action needs; a label longer than fits is cut."""
    asked = section(bold(clip(mrkdwn(choice.label), 2_900)))
    if choice.action_type == ActionType.UPLOAD_CSV and not may_read_files:
        return modal(ids.TAKE_UP_MODAL, "Hand over a file", None, [asked, section(_MAY_NOT_READ)])
    if choice.action_type == ActionType.UPLOAD_CSV:
        note = labelled(WORDS_BLOCK, "Anything to add?", _text("What it is, and what to do with it"))
        blocks = [asked, labelled(FILE_BLOCK, "File, up to 10 MB", _file()), note | {"optional": True}]
        return modal(ids.TAKE_UP_MODAL, "Hand over a file", "Send", blocks, choice.id)
    return modal(
        ids.TAKE_UP_MODAL,
        "Answer Origami",
        "Send",
        [asked, labelled(WORDS_BLOCK, "Your answer", _text("In your own words"))],
        choice.id,
    )


def read_take_up(values: Values) -> tuple[str, list[Any]]:
    """Read what was handed in: words, and files as Slack tells of them."""
    found = values.get(FILE_BLOCK, {}).get(FIELD, {}).get("files")
    return value(values, WORDS_BLOCK, "value") or "", found if isinstance(found, list) else []


def file_error(why: str) -> str:
    """Say under the form why a file cannot be taken."""
    return _WHY.get(why, "This file cannot be taken.")


def _file() -> Block:
    return {"type": "file_input", "action_id": FIELD, "filetypes": list(FILE_TYPES), "max_files": 1}


def _text(placeholder: str) -> Block:
    return {
        "type": "plain_text_input",
        "action_id": FIELD,
        "multiline": True,
        "max_length": WORDS_LIMIT,
        "placeholder": plain_text(placeholder, 150),
    }
