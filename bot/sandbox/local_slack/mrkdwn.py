"""How Slack stores text: escapes, references and links."""

import re
from collections.abc import Callable
from typing import Any, Final

TEXT_CHARACTERS: Final = 40_000

CONTROL: Final = re.compile(
    r"<(?:[@#][UWCGD][A-Z0-9]+(?:\|[^<>]*)?|!(?:here|channel|everyone|subteam\^[A-Z0-9]+|date\^[^<>]+)"
    r"(?:\|[^<>]*)?|(?:https?|mailto|tel|slack)(?::|://)[^<>|]+(?:\|[^<>]*)?)>"
)
ENTITY: Final = re.compile(r"&(?!amp;|lt;|gt;)")
LINK: Final = re.compile(r"(?<![<|])\bhttps?://[^\s<>|]+[^\s<>|.,!?;:'\")\]]")
TYPED_USER: Final = re.compile(r"(?<![\w<])@([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)
TYPED_CHANNEL: Final = re.compile(r"(?<![\w<&])#([a-z0-9][a-z0-9_-]*)", re.IGNORECASE)
REFERENCE: Final = re.compile(r"<@([UW][A-Z0-9]+)>")

Names = Callable[[str], str | None]


def escape(text: str) -> str:
    """Escape the three characters that control Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def posted_text(text: str) -> str:
    """Text as Slack stores what an app posted.

    References and links in angle brackets stay, other brackets and bare ampersands are escaped, bare links
    are wrapped. More than 40,000 characters are cut off (Slack: chat.postMessage, truncating content).
    """
    out, last = [], 0
    for match in CONTROL.finditer(text):
        out += [loose(text[last : match.start()]), match.group()]
        last = match.end()
    out.append(loose(text[last:]))
    return "".join(out)[:TEXT_CHARACTERS]


def loose(text: str) -> str:
    """The part of a posted text outside of references."""
    escaped = ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    return LINK.sub(lambda found: f"<{found.group()}>", escaped)


def typed_text(text: str, user_id: Names, channel_id: Names, *, labels: bool = False) -> str:
    """Text as Slack stores what a person typed: escaped, `@name` and `#channel` as references, links wrapped.

    `labels` adds the name to each reference, as in the text of an escaped slash command.
    """

    def reference(sign: str, names: Names) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            known = names(found.group(1))
            if known is None:
                return found.group()
            return f"<{sign}{known}|{found.group(1)}>" if labels or sign == "#" else f"<{sign}{known}>"

        return replace

    stored = LINK.sub(lambda found: f"<{found.group()}>", escape(text))
    stored = TYPED_CHANNEL.sub(reference("#", channel_id), stored)
    return TYPED_USER.sub(reference("@", user_id), stored)


def rich_text(text: str, block_id: str) -> list[dict[str, Any]]:
    """The rich_text block that Slack gives a person's message, from its stored text."""
    elements: list[dict[str, Any]] = []
    for i, part in enumerate(REFERENCE.split(text)):
        if i % 2:
            elements.append({"type": "user", "user_id": part})
        elif part:
            plain = part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
            elements.append({"type": "text", "text": plain})
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "block_id": block_id, "elements": [section]}]
