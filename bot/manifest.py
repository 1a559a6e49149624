"""The Slack app's manifest: ``manifest.yml`` as it stands, or its HTTP variant."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

EVENTS_PATH = "/slack/events"
OAUTH_REDIRECT_PATH = "/slack/oauth_redirect"


def manifest(url: str | None = None) -> dict[str, Any]:
    """The Socket Mode manifest, or with ``url`` (https://HOST[/PATH]) the one for HTTP.

    Raises ValueError for a ``url`` that Slack could not call.
    """
    document: dict[str, Any] = yaml.safe_load(_file().read_text(encoding="utf-8"))
    if url is not None:
        _turn_to_http(document, _base(url))
    return document


def render(manifest: dict[str, Any]) -> str:
    """The manifest as YAML, ready to be pasted into Slack."""
    return yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=110)


def _file() -> Path:
    # In a wheel it lies beside this module, in a checkout at the root.
    installed = Path(__file__).with_name("manifest.yml")
    return installed if installed.exists() else Path(__file__).parents[1] / "manifest.yml"


def _base(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = url.startswith("https://") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or {"?", "#", "@"} & set(url) or not (url.isascii() and url.isprintable()) or " " in url:
        raise ValueError("the url must be https://HOST, or https://HOST/PATH where the app lies below a path")
    return url.rstrip("/")


def _turn_to_http(document: dict[str, Any], base: str) -> None:
    features, settings = document["features"], document["settings"]
    for command in features["slash_commands"]:
        command["url"] = base + EVENTS_PATH
    settings["interactivity"]["request_url"] = base + EVENTS_PATH
    if "event_subscriptions" in settings:
        settings["event_subscriptions"]["request_url"] = base + EVENTS_PATH
    settings["socket_mode_enabled"] = False
    # Whoever hears over HTTP installs by OAuth, and that can be for a whole Enterprise organisation.
    settings["org_deploy_enabled"] = True
    document["oauth_config"]["redirect_urls"] = [base + OAUTH_REDIRECT_PATH]
