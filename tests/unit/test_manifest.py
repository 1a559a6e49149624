import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.manifest import manifest, render
from bot.views import SUGGESTIONS

ADDRESS = "https://leads.example.com"
SECTIONS_OF_SCOPES = ("bot", "bot_optional", "user", "user_optional")


@pytest.fixture(params=[None, ADDRESS], ids=["socket-mode", "http"])
def document(request):
    return manifest(request.param)


def test_the_socket_mode_manifest_is_the_file_as_it_stands():
    text = Path(__file__).parents[2].joinpath("manifest.yml").read_text(encoding="utf-8")
    assert manifest() == yaml.safe_load(text)
    assert "http" not in render(manifest())


def test_what_is_printed_reads_back_as_the_same_manifest(document):
    assert yaml.safe_load(render(document)) == document


def test_the_socket_mode_manifest_names_no_address():
    document = manifest()
    assert document["settings"]["socket_mode_enabled"] is True
    assert "redirect_urls" not in document["oauth_config"]
    assert "request_url" not in document["settings"]["interactivity"]


def test_the_http_manifest_sends_everything_to_the_address():
    document = manifest(ADDRESS)
    assert document["settings"]["socket_mode_enabled"] is False
    assert document["settings"]["interactivity"]["request_url"] == f"{ADDRESS}/slack/events"
    assert {command["url"] for command in document["features"]["slash_commands"]} == {
        f"{ADDRESS}/slack/events"
    }
    assert document["oauth_config"]["redirect_urls"] == [f"{ADDRESS}/slack/oauth_redirect"]


def test_events_have_an_address_exactly_when_there_are_events():
    expected = (
        {"request_url": f"{ADDRESS}/slack/events"} if "event_subscriptions" in manifest()["settings"] else {}
    )
    subscriptions = manifest(ADDRESS)["settings"].get("event_subscriptions", {})
    assert {name: value for name, value in subscriptions.items() if name == "request_url"} == expected


def test_but_for_addresses_socket_mode_and_organisations_both_manifests_are_the_same():
    over_http = manifest(ADDRESS)
    del over_http["oauth_config"]["redirect_urls"]
    del over_http["settings"]["interactivity"]["request_url"]
    over_http["settings"].get("event_subscriptions", {}).pop("request_url", None)
    for command in over_http["features"]["slash_commands"]:
        del command["url"]
    over_http["settings"]["socket_mode_enabled"] = True
    assert over_http["settings"].pop("org_deploy_enabled") is True
    over_http["settings"]["org_deploy_enabled"] = False
    assert over_http == manifest()


def test_a_path_below_the_host_and_a_closing_slash_are_fine():
    document = manifest("https://example.com/leads/")
    assert document["settings"]["interactivity"]["request_url"] == "https://example.com/leads/slack/events"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "leads.example.com",
        "http://leads.example.com",
        "HTTPS://leads.example.com",
        "https://",
        "https:///path",
        "https://[::1",
        "https://h:port",
        "https://h?x=1",
        "https://h#x",
        "https://user:pw@h",
        "https://h h",
        "https://h\n",
        "https://h/ü",
    ],
)
def test_an_address_that_slack_could_not_call_is_refused_in_one_line(url):
    with pytest.raises(ValueError, match=r"^the url must be https://HOST") as raised:
        manifest(url)
    assert "\n" not in str(raised.value)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60).map("https://".__add__))
def test_any_address_is_taken_or_refused(url):
    try:
        address = manifest(url)["settings"]["interactivity"]["request_url"]
    except ValueError as error:
        address = str(error)
    assert re.fullmatch(r"https://[!-~]+/slack/events|the url must be .+", address)


def test_texts_keep_slacks_limits(document):
    """Lengths from Slack's manifest schema 2.0.0."""
    shown = document["display_information"]
    assert 1 <= len(shown["name"]) <= 35
    assert 1 <= len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    features = document["features"]
    assert 1 <= len(features["bot_user"]["display_name"]) <= 80
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert 1 <= len(command["usage_hint"]) <= 1000
    shortcuts = features.get("shortcuts", [])
    assert len(shortcuts) <= 10
    for shortcut in shortcuts:
        assert 1 <= len(shortcut["name"]) <= 24
        assert 1 <= len(shortcut["description"]) <= 150
        assert 1 <= len(shortcut["callback_id"]) <= 255
        assert shortcut["type"] in {"global", "message"}
    agent = features.get("agent_view", {})
    assert len(agent.get("agent_description", "")) <= 300
    assert len(agent.get("suggested_prompts", [])) <= 4
    assert len(document["settings"].get("event_subscriptions", {}).get("bot_events", [])) <= 100


def test_people_and_channels_in_a_command_arrive_as_ids(document):
    assert all(command["should_escape"] for command in document["features"]["slash_commands"])


def test_scopes_are_sorted_and_asked_for_once(document):
    scopes = document["oauth_config"]["scopes"]
    assert scopes.keys() <= set(SECTIONS_OF_SCOPES)
    asked = [scope for section in SECTIONS_OF_SCOPES for scope in scopes.get(section, [])]
    assert len(asked) == len(set(asked))
    for section in scopes.values():
        assert section == sorted(section)


def test_every_scope_says_what_it_is_for():
    text = Path(__file__).parents[2].joinpath("manifest.yml").read_text(encoding="utf-8")
    for scope in manifest()["oauth_config"]["scopes"]["bot"]:
        assert re.search(rf"^ +- {re.escape(scope)} # \S", text, re.MULTILINE), scope


EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "member_left_channel": "channels:read",
    "agent_session_stopped": "assistant:write",
}


def test_every_feature_comes_with_the_scope_that_slack_asks_for(document):
    scopes = set(document["oauth_config"]["scopes"]["bot"])
    features, events = (
        document["features"],
        document["settings"].get("event_subscriptions", {}).get("bot_events", []),
    )
    assert "commands" in scopes
    assert ("agent_view" in features) == ("assistant:write" in scopes)
    assert {EVENT_SCOPES[event] for event in events if event in EVENT_SCOPES} <= scopes
    assert features["app_home"]["home_tab_enabled"] == ("app_home_opened" in events)
    assert features["app_home"]["messages_tab_read_only_enabled"] == ("message.im" not in events)


def test_the_manifest_suggests_what_the_conversation_with_the_app_does():
    assert manifest()["features"]["agent_view"]["suggested_prompts"] == list(SUGGESTIONS)
