"""What a person typed in Slack, as plain words: Slack's markup means nothing to Origami."""

from __future__ import annotations

import html
import re

_MARKUP = re.compile(r"<([^<>]*)>")


def plain_words(text: str) -> str:
    """Slack's message text with its links, channels and entities in plain words.

    ``<https://a.example|a>`` becomes ``https://a.example``, ``<#C1|sales>`` ``#sales``, ``&amp;`` ``&``.
    People stay as Slack's ids: their names are not ours to look up here.
    """
    return html.unescape(_MARKUP.sub(_plain, text)).strip()


def _plain(match: re.Match[str]) -> str:
    target, _, label = match[1].partition("|")
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:].partition('^')[0]}"
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    return target.removeprefix("mailto:")


def mentions(text: str) -> list[str]:
    """The ids of the people mentioned, in order."""
    return re.findall(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>", text)


def without_mention(text: str, user_id: str) -> str:
    """The text without the mentions of one person."""
    return re.sub(rf"<@{re.escape(user_id)}(?:\|[^<>]*)?>[ \t]*", "", text).strip()
