"""What holds for every message, whatever is in it."""

import json
import re

from bot.sandbox.local_slack.validation import validate_message
from bot.views.message import TEXT_LIMIT
from tests.unit.views.samples import COLLEAGUE, REQUESTER, payload

OURS = {f"<@{REQUESTER}>", f"<@{COLLEAGUE}>", "<#C0LEADS>"}
_LIVE = re.compile(r"<[^>]*>")


def assert_sound(message):
    """Slack takes the message and its plain version, and nothing in it is live but what we put there."""
    for version in (message, message.plain()):
        assert validate_message(payload(version)) == []
        assert 0 < len(version.text) <= TEXT_LIMIT
        json.dumps(payload(version)).encode()
        for text in [version.text, *_mrkdwn(version.blocks)]:
            _assert_tame(text)
        for url in _values(version.blocks, "url"):
            assert re.match(r"https://", url)
        kinds = set(_values(version.blocks, "type"))
        assert not kinds & {"broadcast", "user", "usergroup", "channel", "image", "video"}


def _assert_tame(text):
    for live in _LIVE.findall(text):
        assert live in OURS or re.match(r"<(https://)", live), live
    assert "<!" not in text


def _mrkdwn(blocks):
    return [text["text"] for text in _objects(blocks) if text.get("type") == "mrkdwn"]


def _values(blocks, key):
    return [found[key] for found in _objects(blocks) if isinstance(found.get(key), str)]


def _objects(value):
    if isinstance(value, dict):
        yield value
        value = value.values()
    if not isinstance(value, str | int | None):
        for part in value:
            yield from _objects(part)


def shown(blocks):
    """All that blocks show, in one string."""
    return " ".join(_values(blocks, "text"))
