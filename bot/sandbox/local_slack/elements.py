"""Interactive elements: where they stand in blocks, what they are called, and the state they carry."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.local_slack.errors import CannotDoError
from bot.sandbox.local_slack.ids import Ids

Json = dict[str, Any]

# Element type: (its field in `state.values` and in an action, the property with its initial value)
STATE_FIELDS: Final[dict[str, tuple[str, str]]] = {
    "plain_text_input": ("value", "initial_value"),
    "number_input": ("value", "initial_value"),
    "email_text_input": ("value", "initial_value"),
    "url_text_input": ("value", "initial_value"),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "file_input": ("files", ""),
}
PLURAL: Final = frozenset(kind for kind, (name, _) in STATE_FIELDS.items() if name.endswith("s"))
STATELESS: Final = frozenset({"button", "overflow", "feedback_buttons", "icon_button", "workflow_button"})
HOLDERS: Final = ("accessory", "element", "elements", "actions", "child_blocks")


@dataclass(frozen=True, slots=True)
class Control:
    """An interactive element and its place: the block, and the input label above it if there is one."""

    element: Json
    block: Json
    block_id: str

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def action_id(self) -> str:
        """The element's action id."""
        return str(self.element.get("action_id", ""))

    @property
    def names(self) -> list[str]:
        """Everything a person may call it by: labels as shown, then ids."""
        shown = [self.block.get("label"), self.element.get("text"), self.element.get("placeholder")]
        shown += [self.element.get(side, {}).get("text") for side in ("positive_button", "negative_button")]
        labels = [text["text"] for text in shown if isinstance(text, dict)]
        return [*labels, self.action_id, self.block_id, self.address]

    @property
    def address(self) -> str:
        """`block_id/action_id`: unique in its message or view, where an action id alone need not be."""
        return f"{self.block_id}/{self.action_id}"


def controls(blocks: list[Json]) -> Iterator[Control]:
    """Every interactive element in the blocks, in reading order."""
    for block in blocks:
        yield from controls_in(block, block, str(block.get("block_id", "")))


def controls_in(node: Json, block: Json, block_id: str) -> Iterator[Control]:
    """The element itself, or those that a block, a card or a container holds."""
    kind = node.get("type")
    if kind in STATE_FIELDS or kind in STATELESS:
        yield Control(node, block, block_id)
        return
    for name in HOLDERS:
        held = node.get(name)
        for child in held if isinstance(held, list) else [held]:
            if isinstance(child, dict):
                inner = child if "block_id" in child else block
                yield from controls_in(child, inner, str(child.get("block_id", block_id)))


def find_control(blocks: list[Json], wanted: str) -> Control:
    """The element that shows this label or has this action or block id; CannotDoError if none does.

    An address from before an update, which names the blocks anew, is that of the one element with its action.
    """
    found = list(controls(blocks))
    for control in found:
        if wanted in control.names:
            return control
    renamed = [control for control in found if "/" in wanted and control.action_id == wanted.split("/", 1)[1]]
    if len(renamed) == 1:
        return renamed[0]
    offered = [control.names[0] for control in found]
    raise CannotDoError(f"there is nothing called {wanted!r} here, only {offered}")


def completed(blocks: list[Json], ids: Ids) -> list[Json]:
    """A copy with what Slack fills in: block and action ids, `emoji` and `verbatim` of texts."""
    stored = copy.deepcopy(blocks)
    for block in stored:
        if not block.get("block_id"):
            block["block_id"] = ids.short()
    for control in controls(stored):
        if not control.element.get("action_id"):
            control.element["action_id"] = ids.short()
    stack: list[Any] = list(stored)
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if item.get("type") == "plain_text":
                item.setdefault("emoji", True)
            elif item.get("type") == "mrkdwn":
                item.setdefault("verbatim", False)
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return stored


@dataclass(eq=False)
class Form:
    """What one person has typed and chosen in a view or a message."""

    given: dict[tuple[str, str], Any] = field(default_factory=dict)

    def set(self, control: Control, value: object) -> None:
        """Remember a value, in the shape of the element's state field."""
        self.given[control.block_id, control.action_id] = value

    def value(self, control: Control) -> object:
        """The current value, or the element's initial one."""
        key = (control.block_id, control.action_id)
        if key in self.given:
            return self.given[key]
        initial = control.element.get(STATE_FIELDS[control.kind][1])
        return [] if initial is None and control.kind in PLURAL else initial

    def state(self, blocks: list[Json]) -> Json:
        """`state` of a view or message payload: values by block id and action id."""
        values: Json = {}
        for control in controls(blocks):
            if control.kind in STATE_FIELDS:
                name = STATE_FIELDS[control.kind][0]
                entry = {"type": control.kind, name: self.value(control)}
                values.setdefault(control.block_id, {})[control.action_id] = entry
        return {"values": values}


class Forms:
    """What people have chosen in messages: each person's choices are their own."""

    def __init__(self) -> None:
        self._forms: dict[tuple[str, str, str], Form] = {}

    def of(self, user_id: str, channel_id: str, ts: str) -> Form:
        """The person's form in one message."""
        return self._forms.setdefault((user_id, channel_id, ts), Form())
