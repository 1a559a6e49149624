"""Pages of lists, in both of the shapes that Origami has had."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from bot.origami import _reading as reading
from bot.origami.errors import MalformedAnswer

_NAMES = ("items", "agents", "runs", "tables", "rows")


@dataclass(frozen=True)
class Page:
    """One page; `items` are unread. `following` is the query of the next page, None on the last one.

    `total` is the size of the whole list, where Origami says.
    """

    items: tuple[object, ...]
    following: tuple[str, str] | None = None
    total: int | None = None

    @classmethod
    def read(cls, value: object) -> Self:
        """The page in an answer: `{items, nextCursor}`, `{runs, pagination}` or a bare list.

        Raises MalformedAnswer for anything else.
        """
        if isinstance(value, list):
            return cls(tuple(value))
        found = reading.mapping(value)
        items = next((found[name] for name in _NAMES if isinstance(found.get(name), list)), None)
        if items is None:
            raise MalformedAnswer("Page: no list in the answer")
        pagination = reading.mapping(found.get("pagination"))
        total = reading.count_or_none(found.get("total", pagination.get("total")))
        return cls(tuple(reading.sequence(items)), _following(found, pagination), total)


def _following(found: Mapping[str, object], pagination: Mapping[str, object]) -> tuple[str, str] | None:
    cursor = reading.text(found.get("nextCursor"))
    if cursor:
        return ("cursor", cursor)
    page = reading.count_or_none(pagination.get("page"))
    more = pagination.get("hasMore") is True
    return ("page", str(page + 1)) if more and page is not None else None
