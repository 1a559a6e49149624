"""What the manifest asks Slack for is what the code listens to and calls, and nothing else."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bot.features import FEATURES
from bot.manifest import manifest
from handlers.registry import surfaces

ROOT = Path(__file__).parents[2]
SCOPES_OF_METHODS = {
    "agents_sessions_setStatus": {"chat:write", "assistant:write"},
    "assistant_threads_setStatus": {"assistant:write"},
    "assistant_threads_setSuggestedPrompts": {"assistant:write"},
    "auth_test": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write", "chat:write.public"},
    "chat_update": {"chat:write"},
    "conversations_history": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "conversations_info": {"channels:read", "groups:read", "mpim:read"},
    "conversations_join": {"channels:join"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history", "im:history", "mpim:history"},
    "files_upload_v2": {"files:write"},
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "files_info": {"files:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "users_list": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
"""Slack's documentation of each method: what a bot token needs for it."""


class Ear:
    """Stands where Bolt's app stands, and notes what is listened to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = defaultdict(list)

    def __getattr__(self, kind: str) -> Any:
        def listen(what: Any) -> Any:
            self.heard[kind].append(what)
            return lambda listener: listener

        return listen


@pytest.fixture
def heard() -> dict[str, list[Any]]:
    ear = Ear()
    uncalled: Any = object()
    for surface in surfaces(uncalled, uncalled, uncalled, uncalled):
        surface.listen(ear)  # type: ignore[arg-type]
    return ear.heard


def test_every_command_of_the_manifest_is_answered_and_no_other(heard: dict[str, list[Any]]) -> None:
    asked = [command["command"] for command in manifest()["features"].get("slash_commands", [])]
    assert heard["command"] == asked


def test_every_shortcut_of_the_manifest_is_answered_and_no_other(heard: dict[str, list[Any]]) -> None:
    asked = [shortcut["callback_id"] for shortcut in manifest()["features"].get("shortcuts", [])]
    assert sorted(heard["shortcut"]) == sorted(asked)


def test_every_event_of_the_manifest_is_answered_and_no_other(heard: dict[str, list[Any]]) -> None:
    subscribed = manifest()["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert sorted(set(heard["event"])) == sorted({event.split(".")[0] for event in subscribed})


def test_clicks_and_forms_need_interactivity(heard: dict[str, list[Any]]) -> None:
    assert heard["action"]
    assert heard["view"]
    assert manifest()["settings"]["interactivity"]["is_enabled"] is True


def test_every_scope_is_needed_and_every_need_has_its_scope() -> None:
    events = manifest()["settings"].get("event_subscriptions", {}).get("bot_events", [])
    needed = {"commands"}.union(*(SCOPES_OF_METHODS[method] for method in called_methods()))
    needed |= {scope for event in events for scope in SCOPES_OF_EVENTS.get(event, set())}
    scopes = manifest()["oauth_config"]["scopes"]
    assert {*scopes["bot"], *scopes["bot_optional"]} == needed
    optional = {feature.scope for feature in FEATURES} - AGENTS
    assert set(scopes["bot_optional"]) == optional


AGENTS = {"assistant:write"}
"""The app can do without it; but ``agent_view`` and an event in the manifest ask for it."""

SCOPES_OF_EVENTS: dict[str, set[str]] = {
    "app_mention": {"app_mentions:read"},
    "agent_session_stopped": {"assistant:write"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "message.mpim": {"mpim:history"},
}


def called_methods() -> set[str]:
    """The Web API methods that our code calls on a client."""
    found = set()
    for folder in ("bot", "handlers"):
        for path in (ROOT / folder).rglob("*.py"):
            if "sandbox" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Attribute)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == "client"
                ):
                    found.add(node.attr)
    return {name for name in found if "_" in name and name.split("_")[0] in FAMILIES}


FAMILIES = {
    "auth",
    "chat",
    "conversations",
    "views",
    "usergroups",
    "users",
    "files",
    "reactions",
    "agents",
    "assistant",
    "team",
}
