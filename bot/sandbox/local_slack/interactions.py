"""The payloads of commands, clicks, modals and shortcuts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.sandbox.local_slack.app import App, Installation, Shortcut
from bot.sandbox.local_slack.elements import STATE_FIELDS, Control, controls
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.installations import Installations
from bot.sandbox.local_slack.modals import View
from bot.sandbox.local_slack.presentation import message_json, organisation_json
from bot.sandbox.local_slack.response_urls import ResponseUrls
from bot.sandbox.local_slack.triggers import Triggers
from bot.sandbox.local_slack.world import Channel, Message, User, World

Json = dict[str, Any]
CHANNEL_NAMES = {"im": "directmessage", "private": "privategroup"}


@dataclass(kw_only=True, eq=False)
class Interactions:
    """Builds payloads in the shapes that Slack documents, with their trigger ids and response URLs."""

    app: App
    world: World
    installations: Installations
    triggers: Triggers
    response_urls: ResponseUrls
    ids: Ids
    now: Callable[[], float]

    def command(
        self, user: User, channel: Channel, installation: Installation, command: str, text: str
    ) -> Json:
        """A slash command; every value is a string, for it travels as a form."""
        return {
            "token": self.app.verification_token,
            "team_id": installation.team_id,
            "team_domain": self.world.workspaces[installation.team_id].domain,
            **self._organisation(installation),
            "channel_id": channel.channel_id,
            "channel_name": CHANNEL_NAMES.get(channel.kind, channel.name),
            "user_id": user.user_id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": self.app.app_id,
            "is_enterprise_install": str(installation.org_wide).lower(),
            "response_url": self.response_urls.issue(installation, channel, user.user_id),
            "trigger_id": self.triggers.issue(user.user_id, installation.team_id),
        }

    def message_actions(self, user: User, message: Message, action: Json, state: Json) -> Json:
        """block_actions of an element in a message; an ephemeral message is not repeated."""
        channel = self.world.channels[message.channel_id]
        installation = self._author(message)
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.channel_id,
            "is_ephemeral": message.only_for is not None,
        } | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
        payload = self._base("block_actions", user, installation)
        payload |= {
            "container": container,
            "trigger_id": self.triggers.issue(user.user_id, installation.team_id),
            "channel": self._channel(channel),
            "state": state,
            "response_url": self.response_urls.issue(installation, channel, user.user_id, message),
            "actions": [action],
        }
        if message.only_for is None:
            payload["message"] = message_json(message, channel, metadata=True)
        return payload

    def view_actions(self, user: User, view: View, action: Json) -> Json:
        """block_actions of an element in a modal or the Home tab."""
        payload = self._base("block_actions", user, view.installation) | self._placeless(view.installation)
        modal = view.content["type"] == "modal"
        return payload | {
            "container": {"type": "view", "view_id": view.view_id},
            "trigger_id": self._trigger(user, view if modal else None, view.installation),
            "view": view.as_json(),
            "state": view.form.state(view.blocks),
            "actions": [action],
        }

    def view_submission(self, user: User, view: View) -> Json:
        """A submitted modal."""
        base = self._base("view_submission", user, view.installation) | self._placeless(view.installation)
        return base | {
            "trigger_id": self._trigger(user, view, view.installation),
            "view": view.as_json(),
            "response_urls": self._response_urls(user, view),
        }

    def view_closed(self, user: User, view: View, *, cleared: bool) -> Json:
        """A modal that was closed; `cleared` when the whole stack went."""
        return self._base("view_closed", user, view.installation) | {
            "view": view.as_json(),
            "is_cleared": cleared,
        }

    def global_shortcut(self, user: User, installation: Installation, shortcut: Shortcut) -> Json:
        """A shortcut from the search bar or the plus menu; it has no response_url."""
        return (
            self._base("shortcut", user, installation)
            | self._placeless(installation)
            | {
                "action_ts": self.ids.ts(),
                "callback_id": shortcut.callback_id,
                "trigger_id": self.triggers.issue(user.user_id, installation.team_id),
            }
        )

    def message_shortcut(
        self, user: User, installation: Installation, shortcut: Shortcut, message: Message
    ) -> Json:
        """A shortcut from a message's menu."""
        channel = self.world.channels[message.channel_id]
        return self._base("message_action", user, installation) | {
            "action_ts": self.ids.ts(),
            "callback_id": shortcut.callback_id,
            "trigger_id": self.triggers.issue(user.user_id, installation.team_id),
            "response_url": self.response_urls.issue(installation, channel, user.user_id),
            "message_ts": message.ts,
            "channel": self._channel(channel),
            "message": message_json(message, channel, metadata=True),
        }

    def suggestion(self, user: User, control: Control, query: str, place: View | Message) -> Json:
        """block_suggestion: an external select asks for options."""
        asked = {"action_id": control.action_id, "block_id": control.block_id, "value": query}
        if isinstance(place, View):
            container: Json = {"type": "view", "view_id": place.view_id}
            shown: Json = {"view": place.as_json()}
            installation = place.installation
        else:
            channel = self.world.channels[place.channel_id]
            container = {
                "type": "message",
                "message_ts": place.ts,
                "channel_id": channel.channel_id,
                "is_ephemeral": place.only_for is not None,
            }
            shown = {"channel": self._channel(channel), "message": message_json(place, channel)}
            installation = self._author(place)
        return self._base("block_suggestion", user, installation) | asked | shown | {"container": container}

    def action(self, control: Control, value: object, side: Json | None = None) -> Json:
        """One entry of `actions`: the element as pressed, or with what was chosen.

        `side` is the half of a feedback_buttons element that was pressed.
        """
        element = control.element
        action: Json = {
            "type": control.kind,
            "action_id": control.action_id,
            "block_id": control.block_id,
            "action_ts": self.ids.ts(),
        }
        if control.kind in STATE_FIELDS:
            action[STATE_FIELDS[control.kind][0]] = value
        elif control.kind == "overflow":
            action["selected_option"] = value
        else:
            pressed = side or element
            names = ("text", "value", "style", "url", "accessibility_label", "confirm")
            action |= {name: pressed[name] for name in names if name in pressed}
        if "placeholder" in element:
            action["placeholder"] = element["placeholder"]
        return action

    def _base(self, kind: str, user: User, installation: Installation) -> Json:
        domain = self.world.workspaces[installation.team_id].domain
        organisation = self.world.organisation(installation.team_id)
        return {
            "type": kind,
            "token": self.app.verification_token,
            "api_app_id": self.app.app_id,
            "team": {"id": installation.team_id, "domain": domain, **self._organisation(installation)},
            "user": {
                "id": user.user_id,
                "username": user.name,
                "name": user.name,
                "team_id": user.team_id,
            },
            "enterprise": organisation_json(organisation),
            "is_enterprise_install": installation.org_wide,
        }

    def _organisation(self, installation: Installation) -> Json:
        found = self.world.organisation(installation.team_id)
        return {"enterprise_id": found.enterprise_id, "enterprise_name": found.name} if found else {}

    def _placeless(self, installation: Installation) -> Json:
        """Of an organisation's installation, what happens outside of a conversation names no workspace."""
        return {"team": None} if installation.org_wide else {}

    def _trigger(self, user: User, view: View | None, installation: Installation) -> str:
        view_id = view.view_id if view else ""
        return self.triggers.issue(user.user_id, installation.team_id, view_id)

    def _author(self, message: Message) -> Installation:
        for installation in self.installations.active():
            if installation.bot_id == message.bot_id and installation.team_id == message.team_id:
                return installation
        raise CannotDoError("the app behind this message is not installed any more")

    def _channel(self, channel: Channel) -> Json:
        return {"id": channel.channel_id, "name": CHANNEL_NAMES.get(channel.kind, channel.name)}

    def _response_urls(self, user: User, view: View) -> list[Json]:
        urls = []
        for control in controls(view.blocks):
            chosen = view.form.value(control) if control.element.get("response_url_enabled") else None
            if isinstance(chosen, str):
                channel = self.world.channels[chosen]
                urls.append(
                    {
                        "block_id": control.block_id,
                        "action_id": control.action_id,
                        "channel_id": chosen,
                        "response_url": self.response_urls.issue(view.installation, channel, user.user_id),
                    }
                )
        return urls
