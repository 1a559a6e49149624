"""The second line of defence for logs: what looks like a secret is struck out, and no text can forge a line.

The first is that no secret is ever handed to the log. This is for what libraries put into their errors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

STRUCK = "[secret]"

SECRETS = re.compile(
    r"xox[a-z](?:\.xox[a-z])?-[\w-]{4,}"  # Slack's tokens: bot, user, refresh, rotating
    r"|xapp-[\w-]{4,}"
    r"|og_live_\w{4,}"
    r"|gAAAA[\w=-]{20,}"  # what Fernet has sealed
    r"|(?<![\w+/-])[\w-]{43}=(?![\w=])"  # a Fernet key: 32 bytes as URL-safe base64
    r"|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"  # user and password in an address
    r"|(?<=://)[0-9a-f]{32}(?=@)"  # the key in Sentry's
)
"""Each shows what it is; client and signing secrets are bare hexadecimal, as are many ids of ours."""

_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}
_CONTROL |= {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
_LINE = _CONTROL | {ord("\n"): "\\n"}


def struck(text: str) -> str:
    """The text without what looks like a secret."""
    return SECRETS.sub(STRUCK, text)


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """A structlog processor, for entries whose tracebacks are text already.

    A value stays on its line, whatever it holds: what comes from outside can neither begin an entry of its
    own nor colour a terminal. A traceback keeps its lines.
    """
    for key, value in entry.items():
        lines = _CONTROL if key == "exception" else _LINE
        entry[key] = _clean(value, lines)
    return entry


def _clean(value: Any, controls: dict[int, str]) -> Any:  # noqa: ANN401  (whatever was logged)
    match value:
        case str():
            return struck(value).translate(controls)
        case dict():
            return {key: _clean(item, controls) for key, item in value.items()}
        case list() | tuple():
            return [_clean(item, controls) for item in value]
        case None | bool() | int() | float():
            return value
    return struck(str(value)).translate(controls)
