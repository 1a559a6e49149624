"""The types of next actions, of which Origami may add more."""

import re
from enum import StrEnum

_SENDS = re.compile(r"(^|[^a-z])(send|launch)", re.IGNORECASE)


class ActionType(StrEnum):
    """The types that Origami documents; an action without one is a plain suggestion."""

    UPLOAD_CSV = "upload_csv"
    FIND_MORE_LEADS = "find_more_leads"
    EXPORT_CSV = "export_csv"
    INPUT_REQUIRED = "input_required"
    SEND_MESSAGES = "send_messages"
    SCHEDULE_PLAY = "schedule_play"


def reaches_people(action_type: str | None) -> bool:
    """Whether an action of this type, also of one that is new, could send something to a prospect."""
    return action_type is not None and _SENDS.search(action_type) is not None
