"""What people see: pure functions, records in, Block Kit out."""

from bot.views import ids
from bot.views.answer import answer
from bot.views.consent import asked_in, consent
from bot.views.ended import ending
from bot.views.forms import AS_SET
from bot.views.last_seen import LastSeen
from bot.views.message import Message
from bot.views.modals import (
    BRIEF_BLOCK,
    BriefForm,
    answer_modal,
    brief_from,
    brief_modal,
    gone_modal,
    read_answers,
    read_brief,
    refused_modal,
    table_options,
)
from bot.views.notices import notice
from bot.views.opening import Place, opening
from bot.views.preview import preview
from bot.views.reminder import reminder
from bot.views.suggestions import SUGGESTIONS
from bot.views.take_up import FILE_BLOCK, WORDS_BLOCK, file_error, read_take_up, take_up_modal
from bot.views.usage import usage

__all__ = [
    "AS_SET",
    "BRIEF_BLOCK",
    "FILE_BLOCK",
    "SUGGESTIONS",
    "WORDS_BLOCK",
    "BriefForm",
    "LastSeen",
    "Message",
    "Place",
    "answer",
    "answer_modal",
    "asked_in",
    "brief_from",
    "brief_modal",
    "consent",
    "ending",
    "file_error",
    "gone_modal",
    "ids",
    "notice",
    "opening",
    "preview",
    "read_answers",
    "read_brief",
    "read_take_up",
    "refused_modal",
    "reminder",
    "table_options",
    "take_up_modal",
    "usage",
]
