"""Spans of time and names as people say them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.views.escape import clip, mrkdwn, one_line
from storage.audit import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

_PERSON = re.compile(r"[UW][A-Z0-9]{1,31}")
_CHANNEL = re.compile(r"[CDG][A-Z0-9]{1,31}")


def duration(seconds: float) -> str:
    """Say how long something takes, in whole minutes: "under a minute", "2 min", "1 h 5 min"."""
    minutes = int(max(seconds, 0) // 60)
    if minutes < 1:
        return "under a minute"
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def person(user_id: object) -> str:
    """Mention a person by Slack id; "somebody" for what is not a Slack id."""
    if user_id == OPERATOR:
        return "the operator of this app"
    return f"<@{user_id}>" if isinstance(user_id, str) and _PERSON.fullmatch(user_id) else "somebody"


def channel(channel_id: object) -> str:
    """Mention a channel by Slack id; "this channel" for what is not a Slack id."""
    return (
        f"<#{channel_id}>"
        if isinstance(channel_id, str) and _CHANNEL.fullmatch(channel_id)
        else "this channel"
    )


def name(text: str | None, *, limit: int = 80, otherwise: str = "an untitled table") -> str:
    """Escape somebody else's name for something, on one line."""
    return mrkdwn(clip(one_line(text or ""), limit)) or otherwise


def bold(escaped: str) -> str:
    """Set escaped text in bold; an asterisk inside would end it early."""
    return f"*{escaped.replace('*', '∗')}*" if escaped.strip() else escaped  # noqa: RUF001  (the look-alike is the point)


def listing(items: Sequence[str]) -> str:
    """Join items as a sentence does: "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
