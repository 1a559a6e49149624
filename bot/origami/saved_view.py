"""What is kept of a table and of the first rows of its saved view, which is the result of a run."""

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BeforeValidator

from bot.origami import _loose as loose
from bot.origami import _reading as reading
from bot.origami._bounds import COLUMNS, Bounds
from bot.origami._parts import LeftOut
from bot.origami._tables import Row, Table

if TYPE_CHECKING:
    from bot.origami.client import RowPage

ROWS = 20
CELL_CHARACTERS = 400
"""Ours: a cell of a preview shows far less, and a link that is longer is no link to show."""


def _words_by_slug(value: object) -> dict[str, str]:
    return {reading.line(slug): reading.text(words) for slug, words in reading.mapping(value).items()}


class SavedView(loose.Loose):
    """The first rows that meet the brief, each the words of its cells by column slug, at most 20 by 40.

    `matching` counts all rows of the view, None where Origami does not say.
    """

    rows: Annotated[tuple[dict[str, str], ...], BeforeValidator(reading.each(_words_by_slug))] = ()
    matching: loose.OptionalCount = None

    @classmethod
    def of(cls, page: "RowPage", table: Table) -> Self:
        """The view in its first page: no row twice, no blank cells, at most 400 characters in each."""
        slugs = [column.slug for column in table.columns if column.slug]
        if not slugs:
            slugs = list(dict.fromkeys(slug for row in page.rows for slug in row.cells))
        once: dict[str | int, Row] = {}
        for number, row in enumerate(page.rows):
            once.setdefault(row.id or number, row)
        first = list(once.values())[:ROWS]
        cut = ({slug: row.text(slug)[:CELL_CHARACTERS].strip() for slug in slugs[:COLUMNS]} for row in first)
        matching = page.total
        if matching is None and page.next_cursor is None:
            matching = len(once)
        return cls(
            rows=tuple({slug: words for slug, words in row.items() if words} for row in cut),
            matching=matching if matching is None else max(matching, len(first)),
        )

    @classmethod
    def kept(cls, content: str | None) -> Self:
        """The view that was kept as JSON; None stands for one in which nothing was."""
        return cls.from_json(content) if content else cls(matching=0)


def bounded_table(table: Table) -> Table:
    """The table cut to what is worth keeping: 40 columns, 20 lead sources."""
    return Bounds(LeftOut()).table(table)
