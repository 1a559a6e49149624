"""The rules that hold for one object wherever it stands."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

from bot.sandbox.local_slack.validation import limits
from bot.sandbox.local_slack.validation.problem import Problem
from bot.sandbox.local_slack.validation.walk import Place

CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
LINKED: Final = {("button", "url"), ("option", "url"), ("image", "image_url"), ("url", "url")}


def object_problems(place: Place) -> Iterator[Problem]:
    """Everything wrong with the object itself (not with what is nested in it)."""
    for rule in RULES:
        yield from rule(place)


def required(place: Place) -> Iterator[Problem]:
    """Properties that must be there."""
    for name in limits.REQUIRED.get(place.kind, ()):
        if place.value.get(name) is None:
            yield Problem(place.pointer, f"missing required field: {name}")
    if place.kind == "section" and not (place.value.get("text") or place.value.get("fields")):
        yield Problem(place.pointer, "missing required field: text or fields")
    if place.kind == "image" and not (place.value.get("image_url") or place.value.get("slack_file")):
        yield Problem(place.pointer, "missing required field: image_url or slack_file")


def texts(place: Place) -> Iterator[Problem]:
    """Text objects: their kind, and their length in characters."""
    for (kind, name), (most, kinds) in limits.TEXTS.items():
        held = place.value.get(name)
        if kind != place.kind or held is None:
            continue
        many = name == "fields"
        items = list(enumerate(held)) if many and isinstance(held, list) else [(0, held)]
        for i, text in items:
            pointer = f"{place.pointer}/{name}/{i}" if many else f"{place.pointer}/{name}"
            yield from text_problems(text, pointer, most, kinds)


def text_problems(text: object, pointer: str, most: int, kinds: frozenset[str]) -> Iterator[Problem]:
    """One text object against the limit of its place."""
    kind = text.get("type") if isinstance(text, dict) else None
    if not isinstance(text, dict) or not isinstance(kind, str) or kind not in kinds:
        yield Problem(pointer, f"must be a text object of type {' or '.join(sorted(kinds))}")
        return
    content = text.get("text")
    if not isinstance(content, str):
        yield Problem(f"{pointer}/text", "missing required field: text")
    elif not content:
        yield Problem(f"{pointer}/text", "must be more than 0 characters")
    elif len(content) > most:
        yield Problem(f"{pointer}/text", f"must be less than {most + 1} characters")


def strings(place: Place) -> Iterator[Problem]:
    """Plain strings: their length, and the scheme of links."""
    for name, value in place.value.items():
        most = limits.STRINGS.get((place.kind, name), limits.STRINGS_ANYWHERE.get(name))
        if most is None or value is None:
            continue
        if not isinstance(value, str):
            yield Problem(f"{place.pointer}/{name}", "must be a string")
        elif len(value) > most:
            yield Problem(f"{place.pointer}/{name}", f"must be less than {most + 1} characters")
    for kind, name in LINKED:
        url = place.value.get(name)
        if kind == place.kind and isinstance(url, str) and not is_web_link(url):
            yield Problem(f"{place.pointer}/{name}", "invalid url: must be http or https")


def is_web_link(url: str) -> bool:
    """Whether Slack would link it: http(s) with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def lists(place: Place) -> Iterator[Problem]:
    """Lists: how many items, and of which kinds."""
    for (kind, name), (fewest, most) in limits.LISTS.items():
        items = place.value.get(name)
        if kind != place.kind or items is None:
            continue
        if not isinstance(items, list):
            yield Problem(f"{place.pointer}/{name}", "must be an array")
        elif not fewest <= len(items) <= most:
            yield Problem(f"{place.pointer}/{name}", f"must have between {fewest} and {most} items")


def children(place: Place) -> Iterator[Problem]:
    """Elements that this block may not hold."""
    for (kind, name), allowed in limits.CHILDREN.items():
        held = place.value.get(name)
        if kind != place.kind or held is None:
            continue
        items = enumerate(held) if isinstance(held, list) else [(None, held)]
        for i, child in items:
            pointer = f"{place.pointer}/{name}" if i is None else f"{place.pointer}/{name}/{i}"
            found = child.get("type") if isinstance(child, dict) else None
            if not isinstance(found, str) or found not in allowed:
                yield Problem(pointer, f"unsupported type: {found}")


def options(place: Place) -> Iterator[Problem]:
    """Initial choices must be among the options; options and groups exclude each other."""
    if place.kind not in {"static_select", "multi_static_select", "checkboxes", "radio_buttons"}:
        return
    own, groups = place.value.get("options"), place.value.get("option_groups")
    if place.kind.endswith("select") and (own is None) == (groups is None):
        yield Problem(place.pointer, "exactly one of options and option_groups must be given")
    known = list(own) if isinstance(own, list) else []
    for group in groups if isinstance(groups, list) else []:
        held = group.get("options") if isinstance(group, dict) else None
        known += held if isinstance(held, list) else []
    initial = place.value.get("initial_options")
    chosen = list(initial) if isinstance(initial, list) else []
    if place.value.get("initial_option") is not None:
        chosen.append(place.value["initial_option"])
    if any(choice not in known for choice in chosen):
        yield Problem(place.pointer, "the initial option must match one of the options exactly")


def bounds(place: Place) -> Iterator[Problem]:
    """Numbers within Slack's range, and every minimum at most its maximum."""
    for name, smallest, largest in limits.BOUNDS.get(place.kind, ()):
        value = place.value.get(name)
        if value is not None and not (is_number(value) and smallest <= value <= largest):
            yield Problem(f"{place.pointer}/{name}", f"must be between {smallest} and {largest}")
    for low, high in (("min_length", "max_length"), ("min_value", "max_value")):
        least, most = number(place.value.get(low)), number(place.value.get(high))
        if least is not None and most is not None and least > most:
            yield Problem(f"{place.pointer}/{low}", f"{low} must not be greater than {high}")


def is_number(value: object) -> bool:
    """Whether it is a JSON number (a bool is not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def number(value: object) -> float | None:
    """The number in a bound, which `number_input` writes as a string; None if it is none."""
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def times(place: Place) -> Iterator[Problem]:
    """A time picker's initial time: 24 hours, HH:mm."""
    initial = place.value.get("initial_time") if place.kind == "timepicker" else None
    if initial is not None and not (isinstance(initial, str) and CLOCK.fullmatch(initial)):
        yield Problem(f"{place.pointer}/initial_time", "must be a time in the format HH:mm")


def enumerations(place: Place) -> Iterator[Problem]:
    """Words from a closed list."""
    allowed: dict[str, tuple[Any, ...]] = {
        "button": ("style", "primary", "danger"),
        "confirm": ("style", "primary", "danger"),
        "task_card": ("status", "pending", "in_progress", "complete", "error"),
        "alert": ("level", "default", "info", "warning", "error", "success"),
    }
    name, *words = allowed.get(place.kind, ("",))
    value = place.value.get(name)
    if value is not None and value not in words:
        yield Problem(f"{place.pointer}/{name}", f"must be one of: {', '.join(words)}")


RULES: Final[tuple[Callable[[Place], Iterator[Problem]], ...]] = (
    required,
    texts,
    strings,
    lists,
    children,
    options,
    bounds,
    times,
    enumerations,
)
