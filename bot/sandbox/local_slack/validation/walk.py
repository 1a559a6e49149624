"""Every object of a payload with its JSON pointer and its kind."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

# Composition objects carry no `type`: the property that holds them says what they are.
KIND_BY_PROPERTY: Final = {
    "options": "option",
    "option_groups": "option_group",
    "initial_option": "option",
    "initial_options": "option",
    "confirm": "confirm",
    "positive_button": "feedback_button",
    "negative_button": "feedback_button",
}
OPAQUE: Final = frozenset({"metadata", "event_payload", "private_metadata"})


@dataclass(frozen=True, slots=True)
class Place:
    """An object inside a payload; `parent` is the kind of the object that holds it, `name` the property."""

    pointer: str
    kind: str
    value: dict[str, Any]
    parent: str
    name: str


def kind_of(value: dict[str, Any], name: str, parent: str) -> str:
    """The object's `type`, or what its place says; inside a confirm dialog `confirm` is a text."""
    declared = value.get("type")
    if isinstance(declared, str):
        return declared
    if name == "confirm" and parent == "confirm":
        return ""
    return KIND_BY_PROPERTY.get(name, "")


def escaped(key: str) -> str:
    """A key as a JSON pointer token (RFC 6901, section 3)."""
    return key.replace("~", "~0").replace("/", "~1")


def places(value: object, pointer: str = "", name: str = "", parent: str = "") -> Iterator[Place]:
    """All objects in `value`, outermost first; a stack rather than recursion, for JSON of any depth."""
    stack: list[tuple[object, str, str, str]] = [(value, pointer, name, parent)]
    while stack:
        item, at, under, above = stack.pop()
        if isinstance(item, list):
            stack.extend((child, f"{at}/{i}", under, above) for i, child in reversed(list(enumerate(item))))
        elif isinstance(item, dict):
            kind = kind_of(item, under, above)
            yield Place(at, kind, item, above, under)
            stack.extend(
                (child, f"{at}/{escaped(key)}", key, kind)
                for key, child in reversed(list(item.items()))
                if key not in OPAQUE
            )


def depth(value: object) -> int:
    """How deep the arrays and objects of `value` are nested."""
    deepest, stack = 0, [(value, 1)]
    while stack:
        item, level = stack.pop()
        deepest = max(deepest, level)
        if isinstance(item, dict):
            stack.extend((child, level + 1) for child in item.values())
        elif isinstance(item, list):
            stack.extend((child, level + 1) for child in item)
    return deepest
