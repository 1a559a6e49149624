"""Whole messages and whole views."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from bot.sandbox.local_slack.validation import limits
from bot.sandbox.local_slack.validation.problem import Problem
from bot.sandbox.local_slack.validation.rules import object_problems
from bot.sandbox.local_slack.validation.sdk_models import DEEPEST, sdk_problems
from bot.sandbox.local_slack.validation.tables import TABLE_FAMILY, characters, table_problems
from bot.sandbox.local_slack.validation.walk import Place, depth, escaped, places


def validate_message(payload: dict[str, Any]) -> list[Problem]:
    """Why Slack would refuse these `blocks` and `attachments`; empty when it would not.

    `payload` is what `chat.postMessage` takes, with lists rather than JSON strings. Never raises.
    """
    blocks = payload.get("blocks")
    problems = [] if blocks is None else list(surface_problems(blocks, "message", "/blocks"))
    attachments = payload.get("attachments")
    if attachments is not None:
        problems += attachment_problems(attachments)
    return problems


def validate_view(view: dict[str, Any], kind: str) -> list[Problem]:
    """Why Slack would refuse this view as a `modal` or as a `home`; empty when it would not. Never raises."""
    if view.get("type") != kind:
        return [Problem("/type", f"must be {kind}", "invalid_arguments")]
    if depth(view) > DEEPEST:
        return [Problem("", "nested too deeply", "invalid_arguments")]
    shell = {key: value for key, value in view.items() if key != "blocks"}
    problems = [
        Problem(p.pointer, p.message, "invalid_arguments")
        for p in object_problems(Place("", kind, {**shell, "blocks": view.get("blocks")}, "", ""))
    ]
    problems += surface_problems(view.get("blocks"), kind, "/blocks")
    problems += view_problems(view, kind)
    return problems


def attachment_problems(attachments: object) -> list[Problem]:
    """Blocks inside attachments obey the same rules."""
    if not isinstance(attachments, list):
        return [Problem("/attachments", "must be an array", "invalid_attachments")]
    if len(attachments) > limits.ATTACHMENTS_PER_MESSAGE:
        return [Problem("/attachments", "too many attachments", "too_many_attachments")]
    problems: list[Problem] = []
    for i, attachment in enumerate(attachments):
        if not isinstance(attachment, dict):
            problems.append(Problem(f"/attachments/{i}", "must be an object", "invalid_attachments"))
        elif attachment.get("blocks") is not None:
            problems += surface_problems(attachment["blocks"], "message", f"/attachments/{i}/blocks")
    return problems


def surface_problems(blocks: object, surface: str, pointer: str) -> Iterator[Problem]:
    """All that can be wrong with a list of blocks on a surface."""
    if not isinstance(blocks, list):
        yield Problem(pointer, "must be an array of blocks", "invalid_blocks_format")
        return
    if depth(blocks) > DEEPEST:
        yield Problem(pointer, "nested too deeply", "invalid_blocks_format")
        return
    most = limits.BLOCKS_PER_MESSAGE if surface == "message" else limits.BLOCKS_PER_VIEW
    if len(blocks) > most:
        yield Problem(pointer, f"no more than {most} items allowed")
    for i, block in enumerate(blocks):
        yield from block_problems(block, surface, f"{pointer}/{i}")
    yield from duplicates(blocks, "block_id", pointer)
    yield from sum_problems(blocks, pointer)


def block_problems(block: object, surface: str, pointer: str) -> Iterator[Problem]:
    """One top-level block; Slack's models are asked only about what our own rules accept."""
    kind = block.get("type") if isinstance(block, dict) else None
    if not isinstance(block, dict) or not isinstance(kind, str):
        yield Problem(pointer, "must be an object with a type")
        return
    if kind not in limits.SURFACES[surface]:
        yield Problem(f"{pointer}/type", f"unsupported type: {kind} in a {surface}")
        return
    found = []
    nested = list(places(block, pointer))
    for place in nested:
        found += [*object_problems(place), *table_problems(place)]
        if place.kind == "file_input" and surface != "modal":
            found.append(Problem(place.pointer, f"unsupported type: file_input in a {surface}"))
    found += duplicates([place.value for place in nested], "action_id", pointer)
    yield from found or sdk_problems(block, pointer)


def duplicates(items: list[Any], name: str, pointer: str) -> Iterator[Problem]:
    """Identifiers that occur twice."""
    given = Counter(
        item[name] for item in items if isinstance(item, dict) and isinstance(item.get(name), str)
    )
    for value, times in given.items():
        if times > 1:
            yield Problem(pointer, f"`{name}` already exists: {value}")


def sum_problems(blocks: list[Any], pointer: str) -> Iterator[Problem]:
    """Limits on all blocks together."""
    nested = list(places(blocks))
    markdown = sum(
        len(p.value["text"]) for p in nested if p.kind == "markdown" and isinstance(p.value.get("text"), str)
    )
    if markdown > limits.MARKDOWN_CHARACTERS:
        yield Problem(pointer, "markdown blocks exceed 12000 characters in all", "msg_too_long")
    tables = [p for p in nested if p.kind in TABLE_FAMILY]
    if len(tables) > 1:
        yield Problem(tables[1].pointer, "only_one_table_allowed", "invalid_attachments")
    if sum(characters(p.value.get("rows")) for p in tables if p.kind == "table") > limits.TABLE_CHARACTERS:
        yield Problem(tables[0].pointer, "table cells exceed 10000 characters in all")
    charts = [p for p in nested if p.kind == "data_visualization"]
    if len(charts) > 2:
        yield Problem(pointer, "no more than 2 data_visualization blocks allowed")
    data = sum(characters(p.value) for p in tables if p.kind == "data_table")
    if characters(blocks) - data > limits.BLOCK_TEXT_CHARACTERS:
        yield Problem(pointer, "the text of all blocks is too long", "msg_blocks_too_long")


def view_problems(view: dict[str, Any], kind: str) -> Iterator[Problem]:
    """Rules that only views have."""
    nested = list(places(view.get("blocks")))
    if kind == "modal" and any(p.kind == "input" for p in nested) and not view.get("submit"):
        yield Problem("/submit", "a modal with an input block needs a submit button", "invalid_arguments")
    if kind == "home" and (view.get("submit") or view.get("close")):
        yield Problem("", "a home view cannot have submit or close", "invalid_arguments")
    for name in view.keys() - limits.VIEW_PROPERTIES - limits.VIEW_ADDITIONS:
        yield Problem(f"/{escaped(name)}", "unknown property", "invalid_arguments")
    if sum(p.value.get("focus_on_load") is True for p in nested) > 1:
        yield Problem("/blocks", "only one element can have focus_on_load", "invalid_arguments")
    if len(json.dumps(view, ensure_ascii=False, default=str).encode(errors="replace")) > limits.VIEW_BYTES:
        yield Problem("", "the view is larger than 250 kB", "view_too_large")
