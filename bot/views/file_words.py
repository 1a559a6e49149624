"""Why a file could not be handed to the agent, in words for people."""

from __future__ import annotations

from bot.views.words import bold, name

_SEND_AGAIN = "Send it again with your request: nothing was spent."
_WORDS = {
    "FILE_GONE": ("{File} is no longer in Slack, or stands outside it.", _SEND_AGAIN),
    "FILE_TOO_LARGE": ("{File} is larger than 10 MB.", "Hand over a smaller part of it. Nothing was spent."),
    "FILE_NOT_ALLOWED": (
        "Slack does not let Origami read {file}.",
        "Ask a Slack admin to install the Origami app again with its current permissions, then try again.",
    ),
    "FILE_UNREACHABLE": (
        "Slack did not hand over {file} for several minutes.",
        "Try again. Nothing was spent.",
    ),
    "FILE_REFUSED": (
        "Origami could not read {file}.",
        "Check that it opens elsewhere, save it again as CSV (UTF-8) and send it anew. Nothing was spent.",
    ),
    "INVALID_ATTACHMENT": ("Origami no longer has a file that came with this.", _SEND_AGAIN),
}
FILE_CODES = tuple(_WORDS)


def file_words(code: str, file_name: object) -> tuple[str, str]:
    """Say what happened to a file and what to do next, both escaped mrkdwn."""
    what, next_step = _WORDS[code]
    named = bold(name(str(file_name))) if file_name else ""
    return what.format(file=named or "a file", File=named or "A file"), next_step
