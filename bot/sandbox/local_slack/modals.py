"""Views: the modals a person has open, and their Home tab."""

import copy
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from bot.sandbox.local_slack.app import Installation
from bot.sandbox.local_slack.changes import ChangeFeed
from bot.sandbox.local_slack.elements import Form, completed
from bot.sandbox.local_slack.errors import SlackError
from bot.sandbox.local_slack.ids import Ids
from bot.sandbox.local_slack.validation import validate_view

Json = dict[str, Any]
# Slack shows three modals on top of each other at most.
STACK_MOST: Final = 3


@dataclass(kw_only=True, eq=False)
class View:
    """A view as one person has it on screen; `content` is what the app sent, with Slack's additions."""

    view_id: str
    user_id: str
    installation: Installation
    app_id: str
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    form: Form = field(default_factory=Form)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """The view's blocks."""
        return list(self.content["blocks"])

    @property
    def title(self) -> str:
        """The modal's title as shown."""
        return str(self.content.get("title", {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The app's name for this view."""
        return str(self.content.get("callback_id", ""))

    def as_json(self) -> Json:
        """The view as payloads and answers show it."""
        shown: Json = {
            "id": self.view_id,
            "team_id": self.installation.team_id,
            "type": self.content["type"],
            "blocks": self.blocks,
            "private_metadata": self.content.get("private_metadata") or "",
            "callback_id": self.callback_id,
            "state": self.form.state(self.blocks),
            "hash": self.hash,
            "title": self.content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(self.content.get("clear_on_close")),
            "notify_on_close": bool(self.content.get("notify_on_close")),
            "close": self.content.get("close"),
            "submit": self.content.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": self.app_id,
            "external_id": self.content.get("external_id") or "",
            "app_installed_team_id": self.installation.enterprise_id
            if self.installation.org_wide
            else self.installation.team_id,
            "bot_id": self.installation.bot_id,
        }
        return copy.deepcopy(shown)


class Views:
    """Every open modal stack and every published Home view."""

    def __init__(self, ids: Ids, feed: ChangeFeed, app_id: str) -> None:
        self._ids, self._feed, self._app_id = ids, feed, app_id
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[tuple[str, str], View] = {}

    def top(self, user_id: str) -> View | None:
        """The modal in front of this person."""
        stack = self.stacks.get(user_id)
        return stack[-1] if stack else None

    def find(self, view_id: str = "", external_id: str = "") -> View | None:
        """The open view with this id."""
        for view in [*(v for stack in self.stacks.values() for v in stack), *self.homes.values()]:
            if (view_id and view.view_id == view_id) or (
                external_id and view.content.get("external_id") == external_id
            ):
                return view
        return None

    def open(self, user_id: str, content: Json, installation: Installation) -> View:
        """A new modal in front of the person, in place of what was open."""
        view = self._made(user_id, content, installation)
        self.stacks[user_id] = [view]
        return self._told(view, "opened")

    def push(self, user_id: str, content: Json, installation: Installation) -> View:
        """A modal on top of the open one. Raises SlackError `push_limit_reached` above three."""
        stack = self.stacks.get(user_id)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= STACK_MOST:
            raise SlackError("push_limit_reached")
        view = self._made(user_id, content, installation)
        view.root_view_id, view.previous_view_id = stack[0].view_id, stack[-1].view_id
        stack.append(view)
        return self._told(view, "pushed")

    def update(self, view: View, content: Json) -> View:
        """New content in the same place; values stay where block and action ids stay."""
        view.content, view.hash, view.errors = self._stored(content), self._ids.view_hash(), {}
        return self._told(view, "updated")

    def publish(self, user_id: str, content: Json, installation: Installation) -> View:
        """The person's Home tab."""
        key = (installation.team_id, user_id)
        if key in self.homes:
            return self.update(self.homes[key], content)
        self.homes[key] = self._made(user_id, content, installation)
        return self._told(self.homes[key], "published")

    def close(self, view: View, *, whole_stack: bool = False) -> None:
        """Take the view, or everything, off the person's screen."""
        stack = self.stacks.get(view.user_id, [])
        self.stacks[view.user_id] = [] if whole_stack else [v for v in stack if v is not view]
        self._told(view, "closed")

    def _made(self, user_id: str, content: Json, installation: Installation) -> View:
        external = content.get("external_id")
        if external and self.find(external_id=external):
            raise SlackError("duplicate_external_id")
        view_id = self._ids.make("V")
        return View(
            view_id=view_id,
            user_id=user_id,
            installation=installation,
            app_id=self._app_id,
            content=self._stored(content),
            hash=self._ids.view_hash(),
            root_view_id=view_id,
        )

    def _stored(self, content: Json) -> Json:
        return {**copy.deepcopy(content), "blocks": completed(content["blocks"], self._ids)}

    def _told(self, view: View, what: str) -> View:
        self._feed.publish("view", what=what, user=view.user_id, view=view.as_json())
        return view


def check_view(view: object, kind: Literal["modal", "home"]) -> Json:
    """The view if Slack would show it; else SlackError `invalid_arguments` or `view_too_large` and why."""
    if not isinstance(view, dict):
        raise SlackError.with_messages("invalid_arguments", ["[ERROR] missing required field: view"])
    problems = validate_view(view, kind)
    if problems:
        special = [p.code for p in problems if p.code == "view_too_large"]
        code = special[0] if special else "invalid_arguments"
        messages = [f"[ERROR] {p.message} [json-pointer:/view{p.pointer}]" for p in problems]
        raise SlackError.with_messages(code, messages)
    return view
