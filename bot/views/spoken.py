"""What blocks say, as text: all that a screen reader reads, and the plain version of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.views.escape import https_link, mrkdwn, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.views.blocks import Block


def said(blocks: Iterable[Block]) -> str:
    """Say in escaped mrkdwn what blocks show, in their order, buttons and menus included."""
    return "\n".join(filter(None, (_block(block).strip("\n") for block in blocks)))


def _block(block: Block) -> str:
    match block["type"]:
        case "section":
            beside = _actions([block["accessory"]]) if "accessory" in block else ""
            return "\n".join(filter(None, [str(block["text"]["text"]), beside]))
        case "context":
            return "\n".join(str(element["text"]) for element in block["elements"])
        case "header":
            return mrkdwn(block["text"]["text"])
        case "actions":
            return _actions(block["elements"])
        case "table":
            return "\n".join(
                " | ".join(_inline(cell).strip() or "-" for cell in row) for row in block["rows"]
            )
    return "\n".join(_rich(element) for element in block.get("elements", ()))


def _actions(elements: list[Block]) -> str:
    links = [https_link(e["url"], e["text"]["text"]) for e in elements if "url" in e]
    buttons = [mrkdwn(e["text"]["text"]) for e in elements if e["type"] == "button" and "url" not in e]
    menus = [
        ", ".join(mrkdwn(option["text"]["text"]) for option in e["options"])
        for e in elements
        if "options" in e
    ]
    lines = [
        f"Open: {', '.join(links)}" if links else "",
        *(f"Choices: {menu}" for menu in menus),
        f"Buttons: {', '.join(buttons)}" if buttons else "",
    ]
    return "\n".join(filter(None, lines))


def _rich(element: Block) -> str:
    if element["type"] != "rich_text_list":
        return _inline(element)
    first = element.get("offset", 0) + 1
    ordered = element["style"] == "ordered"
    indent = "    " * element.get("indent", 0)
    return "\n".join(
        f"{indent}{f'{number}.' if ordered else '•'} {_inline(entry)}"
        for number, entry in enumerate(element["elements"], first)
    )


def _inline(element: Block) -> str:
    match element["type"]:
        case "text" | "raw_text":
            return mrkdwn(element["text"])
        case "link":
            label = one_line(element.get("text", ""))
            return https_link(element["url"], label or element["url"])
    return "".join(_inline(part) for part in element.get("elements", ()))
