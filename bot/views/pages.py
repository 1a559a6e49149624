"""Cut blocks into messages that Slack takes."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from bot.views.blocks import Block, weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE_LIMIT = 9_000
"""Characters per message; Slack refuses a message near 13,200, one report says 11,341."""
PAGE_BLOCKS = 40
"""Slack: 50 blocks per message; the rest is room for what stands around them."""
PIECE_LIMIT = 3_000
"""Characters per block, as Slack's 3,000 per section."""
TABLE_LIMIT = 8_000
"""Slack: 10,000 characters in all cells of a message."""
TABLE_ROWS = 100
TABLE_COLUMNS = 20
"""Slack: 100 rows and 20 columns per table."""


def pages(blocks: Iterable[Block], *, enough: int | None = None) -> list[list[Block]]:
    """Cut disarmed blocks into messages: at most 9,000 characters, 40 blocks and one table each.

    A header stays with what follows it; blocks that are too big are split first. What comes after ``enough``
    messages is left out.
    """
    made: list[list[Block]] = [[]]
    for block in chain.from_iterable(map(_split, blocks)):
        if made[-1] and not fits(made[-1], block):
            headers = _trailing_headers(made[-1])
            kept = made[-1][: len(made[-1]) - headers]
            made[-1:] = [kept, made[-1][len(kept) :]] if kept else [made[-1]]
            if not kept or not fits(made[-1], block):
                made.append([])
            if enough is not None and len(made) > enough:
                return [page for page in made[:enough] if page]
        made[-1].append(block)
    return [page for page in made if page]


def fits(page: list[Block], *more: Block) -> bool:
    """Whether a message that holds some blocks can take more of them."""
    whole = [*page, *more]
    tables = sum(block["type"] == "table" for block in whole)
    return tables <= 1 and len(whole) <= PAGE_BLOCKS and weight(whole) <= PAGE_LIMIT


def _trailing_headers(page: list[Block]) -> int:
    headers = 0
    for block in reversed(page):
        if block["type"] not in {"header", "divider"}:
            break
        headers += 1
    return headers


def _split(block: Block) -> list[Block]:
    if block["type"] == "table":
        return list(_split_table(block["rows"]))
    if block["type"] != "rich_text" or weight(block) <= PIECE_LIMIT:
        return [block]
    made: list[Block] = []
    for element in chain.from_iterable(map(_split_element, block["elements"])):
        if made and weight([made[-1], element]) <= PIECE_LIMIT:
            made[-1]["elements"].append(element)
        else:
            made.append({"type": "rich_text", "elements": [element]})
    return made


def _split_element(element: Block) -> list[Block]:
    if weight(element) <= PIECE_LIMIT:
        return [element]
    if element["type"] != "rich_text_list":
        return [element | {"elements": part} for part in split_inline(element["elements"], PIECE_LIMIT)]
    entries = [part for entry in element["elements"] for part in _split_element(entry)]
    starts, held = [0], 0
    for index, entry in enumerate(entries):
        size = weight(entry)
        if held + size > PIECE_LIMIT:
            starts.append(index)
            held = 0
        held += size
    starts.append(len(entries))
    first = element.get("offset", 0)
    return [
        element
        | {"elements": entries[start:end]}
        | ({"offset": first + start} if element["style"] == "ordered" and first + start else {})
        for start, end in pairwise(starts)
    ]


def split_inline(parts: list[Block], limit: int) -> list[list[Block]]:
    """Split a run of rich text into runs of at most ``limit`` characters, at spaces where there are any."""
    made: list[list[Block]] = [[]]
    for part in chain.from_iterable(_split_text(part, limit) for part in parts):
        if made[-1] and weight([*made[-1], part]) > limit:
            made.append([])
        made[-1].append(part)
    return [run for run in made if any(part["text"].strip() for part in run)]


def _split_text(part: Block, limit: int) -> Iterator[Block]:
    rest = part["text"]
    room = limit - (weight(part) - len(rest))
    if room < limit // 2:  # the link's address takes most of it: the label alone goes on
        part, room = {key: value for key, value in part.items() if key != "url"} | {"type": "text"}, limit
    while len(rest) > room:
        space = max(rest.rfind("\n", room // 2, room), rest.rfind(" ", room // 2, room))
        end = space + 1 if space > 0 else room
        yield part | {"text": rest[:end]}
        rest = rest[end:]
    if rest:
        yield part | {"text": rest}


def _split_table(rows: list[list[Block]]) -> Iterator[Block]:
    """Split a table into as many as it takes, each with the header row on top."""
    width = min(max(map(len, rows), default=0), TABLE_COLUMNS)
    limit = TABLE_LIMIT // 2 // max(width, 1)
    header, *body = [[_fit_cell(cell, limit) for cell in row[:TABLE_COLUMNS]] for row in rows] or [[]]
    table = [header]
    for row in body:
        if len(table) > 1 and (len(table) == TABLE_ROWS or weight([*table, row]) > TABLE_LIMIT):
            yield {"type": "table", "rows": table}
            table = [header]
        table.append(row)
    if header:
        yield {"type": "table", "rows": table}


def _fit_cell(cell: Block, limit: int) -> Block:
    if weight(cell) <= limit:
        return cell
    if cell["type"] == "raw_text":
        return cell | {"text": cell["text"][: limit - 1] + "…"}
    first, *_ = split_inline(cell["elements"][0]["elements"], limit - 1)
    inline = [*first, {"type": "text", "text": "…"}]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inline}]}
