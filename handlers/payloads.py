"""What Slack sends, read and held against its shapes before a listener sees it.

Slack signs what it sends, so what is refused here was never sent by a Slack that keeps to its own documents;
but Bolt, and every listener after it, reads these fields without asking. Fields that nobody reads are let
through as they are: Slack adds new ones at any time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson
from pydantic import ValidationError

from handlers import shapes

if TYPE_CHECKING:
    from pydantic import BaseModel

MOST_FIELDS = 100
"""Of a form. Slack: a command has some fifteen, everything else comes in one."""


class MalformedError(Exception):
    """What came is in none of Slack's shapes; the message says where, and quotes nothing of it."""


_KINDS: dict[str, type[BaseModel]] = {
    "command": shapes.Command,
    "block_actions": shapes.Click,
    "view_submission": shapes.Submission,
    "block_suggestion": shapes.Suggestion,
    "shortcut": shapes.Shortcut,
    "message_action": shapes.MessageShortcut,
    "event_callback": shapes.Envelope,
    "url_verification": shapes.Challenge,
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
    kind = "command" if "command" in body and "type" not in body else body.get("type")
    _hold(_KINDS.get(kind, shapes.Payload) if isinstance(kind, str) else shapes.Payload, body)
    if isinstance(event := body.get("event"), dict):
        # Bolt reads it of every payload, whatever its type says.
        name = event.get("type")
        _hold(shapes.EVENTS.get(name, shapes.Event) if isinstance(name, str) else shapes.Event, event)
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
