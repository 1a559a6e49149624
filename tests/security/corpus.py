"""One payload of each kind for each listener that there is, in the shapes of the local Slack.

The listeners are asked for what they listen to, so that a new one cannot be forgotten.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.manifest import manifest
from bot.views import ids
from handlers.registry import surfaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Json = dict[str, Any]
NOBODY = "00000000-0000-4000-8000-000000000000"
PREFIXES = {
    ids.FEEDBACK: "good:",
    ids.DETAILS_PAGE: "transcript:0:",
    ids.SHARED_SETTINGS: "channel:",
}
"""What stands before the id in what a button carries; most carry nothing else."""
TAILS = {f"{ids.EXPORT}:": "csv"}
"""What ends a listener's id that is no subject."""
LINKS = (ids.OPEN_TABLE, ids.OPEN_LINK)


class Ear:
    """Stands where Bolt's app stands, and notes what is listened to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[Any]] = defaultdict(list)

    def __getattr__(self, kind: str) -> Any:
        def listen(what: Any) -> Any:
            self.heard[kind].append(what)
            return lambda listener: listener

        return listen


def listened_to(*, own_keys: bool = True) -> dict[str, list[Any]]:
    """What every surface binds: ``action``, ``view``, ``options``, ``shortcut``, ``event``, ``command``."""
    ear, uncalled = Ear(), object()
    own = uncalled if own_keys else None
    for surface in surfaces(uncalled, uncalled, uncalled, own):  # type: ignore[arg-type]
        surface.listen(ear)  # type: ignore[arg-type]
    return ear.heard


def examples(constraint: Any, subject: str) -> list[str]:
    """Ids that a listener's constraint matches; where it ends open, ``subject`` follows."""
    if isinstance(constraint, str):
        return [constraint]
    pattern = constraint.pattern.removeprefix("^").removesuffix("$")
    head, choices, tail = re.fullmatch(r"([^(]*)(?:\(([^)]*)\))?(.*)", pattern).groups()  # type: ignore[union-attr]
    made = [f"{head}{choice}{tail}" for choice in (choices or "").split("|")]
    made = [one.removesuffix("$") for one in made]
    found = [one + TAILS.get(one, subject) if one.endswith(":") else one for one in made]
    found = found if all(constraint.match(one) for one in found) else [*found, f"{head}{subject}"]
    matching = [one for one in found if constraint.match(one)]
    assert matching, f"no example of {constraint.pattern} is known here"
    return matching


@dataclass(frozen=True)
class Place:
    """Who acts, where, through whose installation, and on what."""

    team: str = "T0NORTHWND1"
    user: str = "U0ANAREP001"
    channel: str = "C0LEADS0001"
    bot: str = "U0BOT"
    ts: str = "1700000000.000100"
    respond: str = "http://127.0.0.1:9/never"
    subjects: Sequence[str] = (NOBODY,)
    """Ids that buttons carry: of choices, runs, recurring briefs …"""
    given: Sequence[str] = ("T0STRANGE01",)
    """Workspaces that an organisation says it has given the app to, and taken it from."""
    enterprise: str = ""
    """The organisation through whose installation it comes, if it does."""
    own_keys: bool = True
    """Whether each workspace brings its own key to Origami; there is a form for it only then."""
    counter: list[int] = field(default_factory=lambda: [0])

    def _fresh(self) -> str:
        self.counter[0] += 1
        return f"{self.counter[0]}.{self.team}"

    def everything(self) -> Iterator[tuple[str, Json]]:
        """Each listener's payload with each subject: the kind (``form``, ``payload``, ``json``) and it."""
        heard = listened_to(own_keys=self.own_keys)
        for subject in self.subjects:
            yield from self.clicks(heard["action"], subject)
            for callback_id in heard["view"]:
                yield "payload", self.submission(callback_id, subject)
        for action_id in heard["options"]:
            yield "payload", self.suggestion(action_id)
        for shortcut in manifest()["features"]["shortcuts"]:
            made = self.shortcut(shortcut["callback_id"], whole=shortcut["type"] == "message")
            yield "payload", made
        for words in ("", "help", "runs", "settings", "schedule", "find roofers in Austin"):
            yield "form", self.command(words)
        for kind in sorted(set(heard["event"])):
            for event in self.events(kind):
                yield "json", self.envelope(event)
                yield "json", self.envelope(event | {"user_team": "T0STRANGE02"}, shared=True)
        yield "json", {"type": "url_verification", "token": "t", "challenge": "c"}
        yield "form", {"ssl_check": "1", "token": "t"}

    def clicks(self, constraints: list[Any], subject: str) -> Iterator[tuple[str, Json]]:
        """Each button, in a message and in a modal, with what buttons carry about a subject."""
        buttons = [one for constraint in constraints for one in examples(constraint, subject)]
        for action_id in buttons:
            value = PREFIXES.get(action_id.partition(":")[0], "") + subject
            yield "payload", self.click(action_id, value)
            if subject == self.subjects[0]:
                yield "payload", self.click(action_id, value, in_view="modal")
                yield "payload", self.click(action_id, "everyone:10", in_view="home")

    def _base(self, kind: str) -> Json:
        return {
            "type": kind,
            "token": "t",
            "api_app_id": "A0LOCALAPP1",
            "team": {"id": self.team, "domain": "northwind"},
            "user": {"id": self.user, "username": "ana", "name": "ana", "team_id": self.team},
            "enterprise": {"id": self.enterprise} if self.enterprise else None,
            "is_enterprise_install": bool(self.enterprise),
            "trigger_id": self._fresh(),
        }

    def view(self, callback_id: str, metadata: str, kind: str = "modal") -> Json:
        """A view as payloads show it, with something in every field that we know."""
        return {
            "id": f"V{self._fresh()}",
            "team_id": self.team,
            "type": kind,
            "blocks": [],
            "private_metadata": metadata,
            "callback_id": callback_id,
            "state": {"values": filled_in(self.channel, metadata)},
            "hash": "1700000000.abc",
            "app_installed_team_id": self.team,
        }

    def click(self, action_id: str, value: str, in_view: str = "") -> Json:
        """A pressed button, or a choice from a menu, in a message or in a view."""
        action: Json = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": self.ts}
        if action_id.startswith(ids.CHOOSE_SELECT):
            action |= {"type": "static_select", "selected_option": option(value)}
        elif action_id.startswith(LINKS):
            action |= {"url": "https://origami.chat/"}
        else:
            action |= {"value": value}
        if in_view:
            place: Json = {"view": self.view("settings_modal", value, in_view)}
        else:
            place = {
                "channel": {"id": self.channel, "name": "leads"},
                "message": {"ts": self.ts, "text": "asked", "user": self.bot},
                "container": {"type": "message", "thread_ts": self.ts, "is_ephemeral": False},
                "response_url": self.respond,
            }
        return self._base("block_actions") | place | {"actions": [action], "state": {"values": {}}}

    def submission(self, callback_id: str, metadata: str) -> Json:
        """A modal that was sent."""
        urls = [{"response_url": self.respond, "channel_id": self.channel}]
        return self._base("view_submission") | {
            "view": self.view(callback_id, metadata),
            "response_urls": urls,
        }

    def suggestion(self, action_id: str, typed: str = "a") -> Json:
        """A menu that asks what to offer."""
        asked = {"action_id": action_id, "block_id": "b", "value": typed}
        return self._base("block_suggestion") | asked | {"view": self.view("schedule_modal", "")}

    def shortcut(self, callback_id: str, *, whole: bool) -> Json:
        """A shortcut; ``whole`` with the message that it was taken from."""
        made = self._base("message_action" if whole else "shortcut") | {"callback_id": callback_id}
        if not whole:
            return made
        message = {"ts": self.ts, "text": "roofers <https://a.example|in> Austin", "user": self.user}
        return made | {"channel": {"id": self.channel}, "message": message, "response_url": self.respond}

    def command(self, words: str) -> Json:
        """A slash command."""
        return {
            "command": "/origami",
            "text": words,
            "team_id": self.team,
            "user_id": self.user,
            "user_name": "ana",
            "channel_id": self.channel,
            "channel_name": "leads",
            "api_app_id": "A0LOCALAPP1",
            "is_enterprise_install": "false",
            "trigger_id": self._fresh(),
            "response_url": self.respond,
        }

    def events(self, kind: str) -> list[Json]:
        """What may have happened, of one type."""
        at = {"type": kind, "channel": self.channel, "event_ts": self.ts, "user": self.user}
        if kind == "channel_id_changed":
            at |= {"old_channel_id": "C0OLD", "new_channel_id": "C0NEW"}
        match kind:
            case "message" | "app_mention":
                said = at | {"ts": self.ts, "text": f"<@{self.bot}> find roofers", "channel_type": "channel"}
                shared = {"id": "F1", "name": "list.csv", "filetype": "csv", "size": 5}
                return [
                    said,
                    said | {"thread_ts": self.ts, "text": "stop", "files": [shared]},
                    said | {"channel_type": "im", "text": "find roofers", "subtype": "file_share"},
                    said | {"subtype": "message_changed", "message": {"user": self.user}},
                ]
            case "agent_session_stopped":
                return [at | {"thread_ts": self.ts}]
            case "app_home_opened":
                home = at | {"tab": "home", "view": self.view("", "", "home")}
                return [home, at | {"tab": "messages"}]
            case "tokens_revoked":
                # Of a person, not of the bot: the workspace is needed further on.
                return [{"type": kind, "tokens": {"oauth": [self.user], "bot": []}}]
            case "team_access_granted" | "team_access_revoked":
                return [{"type": kind, "event_ts": self.ts, "team_ids": list(self.given)}]
        return [at] if kind != "app_uninstalled" else []

    def envelope(self, event: Json, *, shared: bool = False) -> Json:
        """An event as it is sent; ``shared`` in a channel that other companies see."""
        authorization = {
            "enterprise_id": self.enterprise or None,
            "team_id": self.team,
            "user_id": self.bot,
            "is_bot": True,
            "is_enterprise_install": bool(self.enterprise),
        }
        return {
            "type": "event_callback",
            "token": "t",
            "team_id": self.team,
            "enterprise_id": self.enterprise or None,
            "api_app_id": "A0LOCALAPP1",
            "context_team_id": self.team,
            "context_enterprise_id": self.enterprise or None,
            "event": event,
            "event_id": f"Ev{self._fresh()}",
            "event_time": 1_700_000_000,
            "authorizations": [authorization],
            "is_ext_shared_channel": shared,
        }


def option(value: str) -> Json:
    """One entry of a menu as it was chosen."""
    return {"text": {"type": "plain_text", "text": "x"}, "value": value}


def filled_in(channel: str, subject: str) -> Json:
    """Something in every field of every form that we know."""
    field = "field"
    files = [{"id": "F1", "name": "list.csv", "filetype": "csv", "size": 5}]
    texts = {"brief", "answer-0", "answer-1", "words", "prompt", "key"}
    numbers = {"runs_at_once", "runs_a_day", "credit_floor"}
    choices = {
        "model": "origami-max",
        "notify": "both",
        "replies": "anyone",
        "remind_minutes": "15",
        "who_may_stop": "anyone",
        "who_may_start": "everyone",
        "who_may_click": "anyone",
        "guests": "may",
    }
    return {
        **{name: {field: {"type": "plain_text_input", "value": "find roofers"}} for name in texts},
        **{name: {field: {"selected_option": option(value)}} for name, value in choices.items()},
        **{name: {field: {"type": "number_input", "value": "900"}} for name in numbers},
        "people": {field: {"selected_users": ["U0BENREP002"]}},
        "groups": {field: {"selected_options": []}},
        "channels": {field: {"selected_conversations": []}},
        "broadcast": {field: {"selected_options": [option("yes")]}},
        "tables": {ids.TABLES: {"selected_options": [option(subject or "table")]}},
        "channel": {field: {"selected_conversation": channel}},
        "channel_id": {field: {"selected_conversation": channel}},
        "weekdays": {field: {"selected_options": [option("mon")]}},
        "time_of_day": {field: {"selected_time": "09:00"}},
        "time_zone": {ids.TIME_ZONES: {"selected_option": option("Europe/Stockholm")}},
        "file": {field: {"files": files}},
    }


def encoded(kind: str, payload: Any) -> bytes:
    """As Slack sends it: a command as a form, an interaction as JSON in a form, an event as JSON."""
    if kind == "form":
        return urlencode(payload).encode()
    text = json.dumps(payload)
    return urlencode({"payload": text}).encode() if kind == "payload" else text.encode()
