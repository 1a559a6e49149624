"""The shapes in which Slack sends its payloads, as far as Bolt and our listeners read them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(max_length=64)]
"""Ours, as wide as where we keep them: Slack's ids have 9 to 20 characters."""
Name = Annotated[str, Field(max_length=255)]
"""Slack: 255 characters of an action, block or callback id."""
Trigger = Annotated[str, Field(max_length=200)]
"""Ours, as wide as where we keep them: Slack's have some 60 characters."""
Address = Annotated[str, Field(max_length=3_000, pattern=r"^https?://[\w.-]+(:\d{1,5})?/[!-~]*$")]
Value = Annotated[str, Field(max_length=3_000)]
"""Slack: 2,000 characters of a button's value, 3,000 of a view's private metadata."""


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True, defer_build=True)


class Named(_Shape):
    """A person, a workspace, an organisation or a channel, as far as it is named."""

    id: Id | None = None
    team_id: Id | None = None
    enterprise_id: Id | None = None


class Known(Named):
    """The same, where its id is read."""

    id: Id


Ref = Named | Id | None
"""Slack names such things by object in interactions and by bare id in events."""


class Option(_Shape):
    """What was chosen from a menu."""

    value: Value


class Action(_Shape):
    """One element that was pressed or chosen from."""

    action_id: Name
    block_id: Name | None = None
    type: Name
    value: Value | None = None
    selected_option: Option | None = None


class File(_Shape):
    """A file beside a message or in a form; of another organisation's there may be only an id."""

    id: Id | None = None
    name: str | None = None
    title: str | None = None
    filetype: Name | None = None
    size: Annotated[int, Field(ge=0, lt=2**53)] | None = None


class Input(_Shape):
    """One input of a form, as far as it was filled in."""

    value: str | None = None
    selected_option: Option | None = None
    selected_options: list[Option] | None = None
    selected_conversation: Id | None = None
    selected_conversations: list[Id] | None = None
    selected_users: list[Id] | None = None
    selected_time: Id | None = None
    files: list[File] | None = None


class State(_Shape):
    """What a form holds, by block and element."""

    values: dict[Name, dict[Name, Input]]


class View(_Shape):
    """A modal, or a Home."""

    id: Annotated[Id, Field(min_length=1)]
    type: Name | None = None
    callback_id: Name | None = None
    hash: Id | None = None
    team_id: Id | None = None
    app_installed_team_id: Id | None = None
    private_metadata: Value | None = None


class FilledIn(View):
    """A modal that was sent."""

    type: Name
    callback_id: Name
    state: State


class Message(_Shape):
    """A message that something was done with."""

    ts: Id
    text: str | None = None
    thread_ts: Id | None = None
    user: Id | None = None
    user_id: Id | None = None


class ResponseUrl(_Shape):
    """Where an answer may be sent."""

    response_url: Address


class Container(_Shape):
    """Where an element stands."""

    channel_id: Id | None = None
    message_ts: Id | None = None
    thread_ts: Id | None = None


class Authorization(_Shape):
    """For which installation an event is sent."""

    team_id: Id | None = None
    enterprise_id: Id | None = None
    user_id: Id | None = None
    is_enterprise_install: bool | None = None


class Payload(_Shape):
    """What Bolt reads of every payload."""

    type: Name | None = None
    team: Ref = None
    team_id: Id | None = None
    enterprise: Ref = None
    enterprise_id: Id | None = None
    user: Ref = None
    user_id: Id | None = None
    channel: Ref = None
    channel_id: Id | None = None
    thread_ts: Id | None = None
    context_team_id: Id | None = None
    context_enterprise_id: Id | None = None
    is_enterprise_install: bool | Id | None = None
    response_url: Address | None = None
    response_urls: list[ResponseUrl] = []
    authorizations: list[Authorization] | None = None
    event: dict[str, Any] | None = None
    function_data: None = None
    function_execution_id: Id | None = None
    bot_access_token: None = None
    message: Message | None = None
    view: View | None = None
    container: Container | None = None
    actions: list[Action] | None = None


class Command(Payload):
    """A slash command."""

    command: Name
    text: str = ""
    trigger_id: Trigger
    channel_id: Id
    user_id: Id
    team_id: Id


class Interaction(Payload):
    """What all interactions have in common."""

    user: Known
    channel: Named | None = None


class Click(Interaction):
    """An element of a message, a modal or Home was pressed."""

    type: Literal["block_actions"]
    trigger_id: Trigger
    actions: list[Action] = Field(min_length=1)


class Submission(Interaction):
    """A modal was sent."""

    type: Literal["view_submission"]
    view: FilledIn


class Suggestion(Interaction):
    """A menu asks what to offer."""

    type: Literal["block_suggestion"]
    action_id: Name
    value: str = ""


class Shortcut(Interaction):
    """A shortcut from anywhere."""

    type: Literal["shortcut"]
    callback_id: Name
    trigger_id: Trigger


class MessageShortcut(Shortcut):
    """A shortcut from a message."""

    type: Literal["message_action"]  # type: ignore[assignment]
    channel: Known
    message: Message


class AssistantThread(_Shape):
    """A conversation with the app."""

    channel_id: Id | None = None
    thread_ts: Id | None = None
    user_id: Id | None = None


class Tokens(_Shape):
    """Whose tokens were revoked."""

    bot: list[Id] | None = None


class Event(Payload):
    """Something that happened; the inner part of an envelope."""

    type: Name
    event_ts: Id | None = None
    user_team: Id | None = None
    text: str | None = None
    ts: Id | None = None
    bot_id: Id | None = None
    bot_profile: dict[str, Any] | None = None
    subtype: Id | None = None
    channel_type: Id | None = None
    tab: Id | None = None
    files: list[File] | None = None
    tokens: Tokens | None = None
    team_ids: list[Id] | None = None
    item: Named | None = None
    assistant_thread: AssistantThread | None = None
    view: View | None = None
    message: Any = None
    previous_message: Any = None


class Written(Event):
    """What somebody wrote."""

    type: Literal["message", "app_mention"]
    channel: Id
    ts: Id
    user: Id | None = None


class SessionStopped(Event):
    """Slack's own Stop was pressed."""

    type: Literal["agent_session_stopped"]
    channel: Id
    thread_ts: Id
    user: Id | None = None


class HomeOpened(Event):
    """Somebody opened Home, or the conversation beside it."""

    type: Literal["app_home_opened"]
    channel: Id
    user: Id


class ChannelRenamed(Event):
    """A channel has another id."""

    type: Literal["channel_id_changed"]
    old_channel_id: Id
    new_channel_id: Id


EVENTS: dict[str, type[Event]] = {
    "channel_id_changed": ChannelRenamed,
    "message": Written,
    "app_mention": Written,
    "agent_session_stopped": SessionStopped,
    "app_home_opened": HomeOpened,
}


class Envelope(Payload):
    """What an event comes in."""

    type: Literal["event_callback"]
    event_id: Id | None = None
    is_ext_shared_channel: bool | None = None
    event: dict[str, Any]


class Challenge(_Shape):
    """Slack asks whether this address is ours."""

    type: Literal["url_verification"]
    challenge: Value
