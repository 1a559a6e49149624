"""From what a person says they choose to the value that Slack sends."""

from typing import Any, Final

from bot.sandbox.local_slack.elements import PLURAL, Control
from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.validation.rules import CLOCK
from bot.sandbox.local_slack.world import User, World

Json = dict[str, Any]
TYPED: Final = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
AS_GIVEN: Final = frozenset({"datepicker", "timepicker", "datetimepicker"})


def options_of(element: Json) -> list[Json]:
    """All options of an element, those in groups too."""
    grouped = [option for group in element.get("option_groups", ()) for option in group.get("options", ())]
    return [*element.get("options", ()), *grouped]


def option_called(wanted: str, options: list[Json]) -> Json:
    """The option with this text or value."""
    for option in options:
        if wanted in {option["text"]["text"], option.get("value")}:
            return option
    raise CannotDoError(f"no option {wanted!r} among {[option['text']['text'] for option in options]}")


def value_for(
    control: Control, wanted: object, world: World, user: User, loaded: list[Json] | None = None
) -> object:
    """The state value for what the person gives: text, an option's label or value, a name, or a list of them.

    `loaded` are the options that the app answered for an external select.
    """
    if control.kind in PLURAL:
        items = wanted if isinstance(wanted, list) else [wanted]
        return [single(control, item, world, user, loaded) for item in items]
    return single(control, wanted, world, user, loaded)


def single(control: Control, wanted: object, world: World, user: User, loaded: list[Json] | None) -> object:
    """One value of the element."""
    kind = control.kind
    if wanted is None or kind in AS_GIVEN:
        return wanted
    if kind in TYPED:
        return str(wanted) or None
    if kind == "rich_text_input":
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(wanted)}]}
        return {"type": "rich_text", "elements": [section]}
    if kind.endswith("users_select"):
        return world.person(str(wanted)).user_id
    if kind.endswith(("channels_select", "conversations_select")):
        return world.channel(str(wanted), user.team_id).channel_id
    return option_called(str(wanted), options_of(control.element) if loaded is None else loaded)


def refusal(control: Control, value: object) -> str | None:
    """Why Slack's client would not submit this value, or None."""
    element, block = control.element, control.block
    empty = value in (None, "", [])
    if empty:
        return None if block.get("type") != "input" or block.get("optional") else "is required"
    if isinstance(value, str) and control.kind == "plain_text_input":
        if len(value) < element.get("min_length", 0):
            return f"needs {element['min_length']} characters"
        if len(value) > element.get("max_length", 3000):
            return f"takes {element.get('max_length', 3000)} characters at most"
    if control.kind == "timepicker" and not CLOCK.fullmatch(str(value)):
        return "must be a time"
    if control.kind == "number_input":
        return number_refusal(element, str(value))
    return None


def number_refusal(element: Json, value: str) -> str | None:
    """Why a number is not taken, or None."""
    try:
        number = float(value)
    except ValueError:
        return "must be a number"
    if not element.get("is_decimal_allowed") and not number.is_integer():
        return "must be a whole number"
    if element.get("min_value") is not None and number < float(element["min_value"]):
        return f"must be at least {element['min_value']}"
    if element.get("max_value") is not None and number > float(element["max_value"]):
        return f"must be at most {element['max_value']}"
    return None
