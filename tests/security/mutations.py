"""What can be wrong with a payload, at random."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from tests.security.corpus import encoded

if TYPE_CHECKING:
    from random import Random

ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    2**63,
    10**400,
    1e308,
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\u202e\u200b\u2066",
    "\r\n\x1b[31mERROR all is lost\x1b[0m",
    "<!channel> <@U0ANAREP001> <https://evil.example|slack.com>",
    "' OR 1=1; DROP TABLE runs; --",
    "../../etc/passwd",
    "%s%n{0}{{7*7}}${x}",
    "9" * 5_000,
    "x" * 70,
    "x" * 300,
    "x" * 20_000,
    "²",
    "everyone:99999999999999999999",
    "stats:\u0661:x",
    [],
    {},
    [[]],
    [None],
    {"id": None},
    {"id": {"id": "T1"}},
    {"id": 7},
    [{"value": 7}],
)
"""Values where others are expected."""


def mutated(random: Random, kind: str, payload: dict[str, Any]) -> bytes:
    """A body that is wrong in one to six ways, or no body of Slack's at all."""
    trick = random.random()
    if trick < 0.03:
        return random.randbytes(random.randrange(200))
    if trick < 0.06:
        return nested(random, kind)
    made = orjson.loads(orjson.dumps(payload))
    places = _places(made)
    for _ in range(random.randint(1, 6)):
        _spoil(random, places)
    if kind == "form":
        fields = {str(key): value for key, value in made.items()}
        return urlencode({key: _text(value) for key, value in fields.items()}, errors="replace").encode()
    body = encoded(kind, made)
    return _spoiled_bytes(random, body) if trick < 0.16 else body


def nested(random: Random, kind: str) -> bytes:
    """JSON that nests deeply."""
    depth = random.choice([100, 300, 1_000])
    text = '{"type":"block_actions","team":' * depth if random.random() < 0.5 else "[" * (10 * depth)
    closed = text + ("1" + "}" * depth if text[0] == "{" else "]" * (10 * depth))
    text = random.choice([text, closed, f'{{"type":"event_callback","event":{closed}}}'])
    return urlencode({"payload": text}).encode() if kind == "payload" else text.encode()


def _places(payload: dict[str, Any]) -> list[tuple[Any, Any]]:
    """Each part of a payload: what it stands in, and under which key."""
    found: list[tuple[Any, Any]] = []
    within: list[Any] = [payload]
    for part in within:
        for key, value in part.items() if type(part) is dict else enumerate(part):
            found.append((part, key))
            if type(value) is dict or type(value) is list:
                within.append(value)
    return found


def _spoil(random: Random, places: list[tuple[Any, Any]]) -> None:
    """Change, take away, double or add something, somewhere; nothing where an earlier change took it away."""
    part, key = random.choice(places)
    if not _still_there(part, key):
        return
    match random.randrange(5):
        case 0 | 1:
            part[key] = copy.deepcopy(random.choice(ODD))
        case 2:
            part.pop(key)
        case 3:
            part[key] = [part[key]]
        case 4:
            other, there = random.choice(places)
            part[key] = copy.deepcopy(other[there]) if _still_there(other, there) else None


def _still_there(part: Any, key: Any) -> bool:
    return key in part if isinstance(part, dict) else key < len(part)


def _spoiled_bytes(random: Random, body: bytes) -> bytes:
    made = bytearray(body)
    for _ in range(random.randint(1, 8)):
        if made:
            made[random.randrange(len(made))] = random.randrange(256)
    return bytes(made[: random.randrange(len(made) + 1)]) if random.random() < 0.3 else bytes(made)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
