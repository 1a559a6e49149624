"""Numbers as a table that a terminal shows well."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def table(rows: Sequence[Mapping[str, object]]) -> str:
    """Rows with the same columns, aligned; numbers to the right."""
    heads = list(rows[0])
    cells = [[str(row[head]) for head in heads] for row in rows]
    widths = [max(len(line[at]) for line in [heads, *cells]) for at in range(len(heads))]

    def line(texts: Sequence[str]) -> str:
        placed = (
            text.rjust(width) if text.isdigit() else text.ljust(width)
            for text, width in zip(texts, widths, strict=True)
        )
        return "  ".join(placed).rstrip()

    return "\n".join([line(heads), "  ".join("-" * width for width in widths), *map(line, cells)])
