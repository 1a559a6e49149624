"""What the bot can leave out, each for want of one scope that whoever installs it may not have granted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


@dataclass(frozen=True, slots=True)
class Feature:
    """A scope, and what people do without where it was not granted."""

    scope: str
    what: str


JOINING = Feature("channels:join", "entering public channels by itself")
UNINVITED = Feature("chat:write.public", "answering in public channels where nobody has invited it")
ATTACHMENTS = Feature("files:read", "files that people hand to the agent")
FILES = Feature("files:write", "tables and the audit as files in Slack, and the chart in Details")
SESSIONS = Feature("assistant:write", "Slack's own sign that a thread is worked on, and suggested prompts")
USER_GROUPS = Feature("usergroups:read", "naming user groups that may start runs")
FEATURES = (JOINING, UNINVITED, ATTACHMENTS, FILES, SESSIONS, USER_GROUPS)


def off(granted: Collection[str]) -> list[Feature]:
    """What these scopes do not allow."""
    return [feature for feature in FEATURES if feature.scope not in granted]
