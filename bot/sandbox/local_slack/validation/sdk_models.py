"""A second opinion: Slack's own Python models, read strictly.

The models drop what they do not know with a log line at most. Here a property or an element that does not
come back from the round trip is a problem.
"""

import copy
from collections.abc import Iterator
from typing import Any, Final

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from bot.sandbox.local_slack.validation.problem import Problem
from bot.sandbox.local_slack.validation.walk import escaped

# Known to Slack, unknown to slack_sdk 3.47.
UNKNOWN_TO_SDK: Final = frozenset({"data_table", "data_visualization"})
UNKNOWN_PROPERTIES: Final = frozenset({("header", "level"), ("card", "subtext"), ("card", "slack_icon")})
# Deeper than any real payload: the models recurse.
DEEPEST: Final = 40


def sdk_problems(block: dict[str, Any], pointer: str) -> Iterator[Problem]:
    """What slack_sdk's model of the block refuses or drops."""
    if block.get("type") in UNKNOWN_TO_SDK:
        return
    try:
        parsed = Block.parse(copy.deepcopy(block))
        if parsed is None:
            yield Problem(f"{pointer}/type", f"unsupported type: {block.get('type')}")
            return
        kept = parsed.to_dict()
    except SlackObjectFormationError as error:
        yield Problem(pointer, str(error))
    except Exception as error:  # noqa: BLE001 - the models raise anything on odd JSON; all of it means no
        yield Problem(pointer, f"malformed block: {type(error).__name__}")
    else:
        yield from dropped(block, kept, pointer)


def dropped(sent: object, kept: object, pointer: str, kind: str = "") -> Iterator[Problem]:
    """Where the round trip lost or changed something."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        kind = str(sent.get("type", kind))
        for key, value in sent.items():
            if value in (None, [], {}, "") or (kind, key) in UNKNOWN_PROPERTIES:
                continue
            if key not in kept:
                yield Problem(f"{pointer}/{escaped(str(key))}", "unknown property, or not allowed here")
            else:
                yield from dropped(value, kept[key], f"{pointer}/{escaped(str(key))}", kind)
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for i, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from dropped(one, other, f"{pointer}/{i}", kind)
    elif sent != kept:
        yield Problem(pointer, "unsupported value")
