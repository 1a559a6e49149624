"""Make untrusted text safe to show: nothing in it can become a mention, a link or a broadcast."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

URL_LIMIT = 3_000
"""Slack: 3,000 characters per button URL."""

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
_ATOM = re.compile(r"<[^<>\n]*>|&(?:amp|lt|gt);")
_UNFIT_FOR_URL = re.compile(r"[\s<>|\"\\^`{}]")


def plain(text: str) -> str:
    """Clean text for a ``plain_text`` object: no control, bidi or zero-width characters.

    Line feeds and tabs stay; other line separators become line feeds.
    """
    if text.isascii() and text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    return "".join(c for c in lines if c in "\n\t" or unicodedata.category(c) not in _INVISIBLE)


def mrkdwn(text: str) -> str:
    """Clean and escape text for a ``mrkdwn`` object or a message's ``text``."""
    return plain(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def one_line(text: str) -> str:
    """Clean text with every run of white space made one space."""
    return " ".join(plain(text).split())


def quote(text: str) -> str:
    """Escape text and set it as a block quote, each line of it."""
    return "\n".join(f">{line}" for line in mrkdwn(text).strip("\n").split("\n"))


def clip(text: str, limit: int) -> str:
    """Cut text to ``limit`` code points, the last of them "…", never inside an escape or a ``<…>``."""
    if len(text) <= limit:
        return text
    return (text[: _cut(text, max(limit - 1, 0))].rstrip() + "…")[:limit]


def pieces(text: str, limit: int) -> list[str]:
    """Split text into pieces of at most ``limit`` code points, at line ends or spaces where there are any."""
    found: list[str] = []
    rest = text
    while len(rest) > limit:
        end = _cut(rest, limit)
        space = max(rest.rfind("\n", limit // 2, end), 0) or max(rest.rfind(" ", limit // 2, end), 0)
        end = (_cut(rest, space) if space else end) or limit
        found.append(rest[:end].rstrip())
        rest = rest[end:].lstrip("\n ")
    return [piece for piece in [*found, rest] if piece]


def _cut(text: str, end: int) -> int:
    """Move a cut to before the escape or ``<…>`` that it would fall into."""
    for atom in _ATOM.finditer(text):
        if atom.start() < end < atom.end():
            return atom.start()
        if atom.end() >= end:
            break
    return end


def is_https(url: str | None) -> bool:
    """Whether a URL may become a link: https, with a host, and nothing that could end the link early."""
    if not url or len(url) > URL_LIMIT or _UNFIT_FOR_URL.search(url) or plain(url) != url:
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host)


def https_link(url: str | None, label: str) -> str:
    """Link a label in mrkdwn if its URL is https; otherwise the escaped label only.

    A ``|`` or line break in the label would end it early, so both are replaced.
    """
    shown = mrkdwn(one_line(label).replace("|", "¦"))
    if not url or not is_https(url):
        return shown
    return f"<{mrkdwn(url)}|{shown}>" if shown else f"<{mrkdwn(url)}>"
