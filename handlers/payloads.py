"""The shapes in which Slack sends its payloads, held against what came before a listener sees it.

Slack signs what it sends, so what is refused here was never sent by a Slack that keeps to its own documents;
but Bolt, and every listener after it, reads these fields without asking. Fields that nobody reads are let
through as they are: Slack adds new ones at any time.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_FIELDS = 100
"""Of a form. Slack: a command has some fifteen, everything else comes in one."""

Id = Annotated[str, Field(max_length=64)]
"""Ours, as wide as where we keep them: Slack's ids have 9 to 20 characters."""
Name = Annotated[str, Field(max_length=255)]
"""Slack: 255 characters of an action, block or callback id."""
Trigger = Annotated[str, Field(max_length=200)]
"""Ours, as wide as where we keep them: Slack's have some 60 characters."""
Address = Annotated[str, Field(max_length=3_000, pattern=r"^https?://[\w.-]+(:\d{1,5})?/[!-~]*$")]
Value = Annotated[str, Field(max_length=3_000)]
"""Slack: 2,000 characters of a button's value, 3,000 of a view's private metadata."""


class MalformedError(Exception):
    """What came is in none of Slack's shapes; the message says where, and quotes nothing of it."""


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, hide_input_in_errors=True)


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

    id: Id
    type: Name | None = None
    callback_id: Name | None = None
    hash: Id | None = None
    team_id: Id | None = None
    app_installed_team_id: Id | None = None
    private_metadata: Value | None = None


class FilledIn(View):
    """A modal that was sent."""

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


class Command(Payload):
    """A slash command."""

    command: Name
    text: str = ""
    trigger_id: Trigger
    channel_id: Id
    user_id: Id
    team_id: Id
    response_url: Address


class Interaction(Payload):
    """What all interactions have in common."""

    user: Known


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


_EVENTS: dict[str, type[Event]] = {
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


_KINDS: dict[str, type[BaseModel]] = {
    "block_actions": Click,
    "view_submission": Submission,
    "block_suggestion": Suggestion,
    "shortcut": Shortcut,
    "message_action": MessageShortcut,
    "event_callback": Envelope,
    "url_verification": Challenge,
}


def read(raw: bytes) -> dict[str, Any]:
    """Read a request's body: a form for commands, JSON in a form for interactions, JSON for events.

    Raises MalformedError. Characters that no database and no Slack message can hold are gone from it.
    """
    try:
        text = raw.decode().lstrip()
        if not text.startswith("{"):
            form = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS))
            if "payload" not in form:
                return _checked(_without_nul(form) if "\0" in "".join(form.values()) else form)
            text = form["payload"]
        body = orjson.loads(text)
    except ValueError:
        # Bytes that are no UTF-8, lone surrogates, deep nesting: all are ValueErrors here.
        raise MalformedError("neither JSON nor a form") from None
    return _checked(_without_nul(body) if "\\u0000" in text else body)


def read_envelope(payload: object) -> dict[str, Any]:
    """Read what came over Socket Mode, as ``read`` does."""
    try:
        raw = orjson.dumps(payload)
    except TypeError:
        raise MalformedError("what it holds is no JSON") from None
    return read(raw)


def pressed(body: dict[str, Any]) -> str:
    """The value of the button that was pressed. Raises MalformedError where it has none."""
    value = body["actions"][0].get("value")
    if not isinstance(value, str):
        raise MalformedError("actions.0.value")
    return value


def chosen(body: dict[str, Any]) -> str:
    """The value of what was chosen from a menu. Raises MalformedError where nothing was."""
    option = body["actions"][0].get("selected_option")
    if not isinstance(option, dict):
        raise MalformedError("actions.0.selected_option")
    return str(option["value"])


def way_back(body: dict[str, Any]) -> str:
    """Where an answer to a click on a message goes. Raises MalformedError where Slack offers no way."""
    address = body.get("response_url")
    if not isinstance(address, str):
        raise MalformedError("response_url")
    return address


def shown_view(body: dict[str, Any]) -> str:
    """The id of the view in which an element was pressed. Raises MalformedError where it was in none."""
    view = body.get("view")
    if not isinstance(view, dict):
        raise MalformedError("view")
    return str(view["id"])


def _checked(body: Any) -> dict[str, Any]:  # noqa: ANN401  (whatever JSON holds)
    if not isinstance(body, dict):
        raise MalformedError("no object")
    kind = body.get("type")
    shape = _KINDS.get(kind, Payload) if isinstance(kind, str) else Command if "command" in body else Payload
    _hold(shape, body)
    if isinstance(event := body.get("event"), dict):
        # Bolt reads it of every payload, whatever its type says.
        name = event.get("type")
        _hold(_EVENTS.get(name, Event) if isinstance(name, str) else Event, event)
    return body


def _hold(shape: type[BaseModel], body: dict[str, Any]) -> None:
    try:
        shape.model_validate(body)
    except ValidationError as error:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        # The names of fields are ours; keys that came with the request are not repeated.
        named = ".".join(str(part) for part in where if isinstance(part, int) or part in shape.model_fields)
        raise MalformedError(f"{shape.__name__}: {named}") from None


def _without_nul(value: Any) -> Any:  # noqa: ANN401  (whatever JSON holds)
    match value:
        case str():
            return value.replace("\0", "")
        case list():
            return [_without_nul(item) for item in value]
        case dict():
            return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    return value
