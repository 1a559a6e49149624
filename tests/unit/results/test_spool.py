"""The spool: each row once, each column told apart, nothing lost on the way."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Column, Row, RowPage
from bot.results import spool as module
from bot.results.spool import Spool


def page(*rows):
    return RowPage(tuple(Row.model_validate(row) for row in rows), None, None)


def row(row_id, **cells):
    return {
        "id": row_id,
        "cells": {slug: {"type": "scalar", "value": value} for slug, value in cells.items()},
    }


def column(name, slug=None, column_id="c"):
    return Column(id=column_id, name=name, slug=slug)


def all_of(columns, *pages):
    with Spool(columns) as spool:
        for one in pages:
            spool.add(one)
        return list(spool.columns().values()), list(spool.lines())


ROWS = st.lists(
    st.builds(
        row,
        st.integers(0, 12).map(str),
        a=st.one_of(st.none(), st.text(max_size=5), st.integers(-9, 9)),
        b=st.one_of(st.floats(-5, 5), st.booleans(), st.lists(st.text(max_size=3), max_size=2)),
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, max_size=5))
def test_however_pages_overlap_each_id_comes_once_in_the_order_of_its_first_sight(pages):
    first = {one["id"]: one for rows in reversed(pages) for one in reversed(rows)}
    order = list(dict.fromkeys(one["id"] for rows in pages for one in rows))
    tagged = [[{**one, "cells": {**one["cells"], "tag": one["id"]}} for one in rows] for rows in pages]
    _, lines = all_of([column("Tag", "tag"), column("A", "a")], *(page(*rows) for rows in tagged))
    assert [line[0] for line in lines] == order
    for line in lines:
        value = first[line[0]]["cells"]["a"]["value"]
        assert (
            line[1] == value
            or (line[1] is None and value in (None, ""))
            or str(line[1]) == str(value).replace("\x00", "")
        )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["Name", "name", "Name (2)", ""]), st.sampled_from("abcd")), max_size=6
    )
)
def test_headers_are_never_blank_and_never_the_same(described):
    header, lines = all_of(
        [column(name, slug) for name, slug in described], page(row("1", a=1, b=2, c=3, d=4, e=5))
    )
    assert all(header)
    assert max(Counter(name.casefold() for name in header).values()) == 1
    assert Counter(lines[0]) == Counter([1, 2, 3, 4, 5])


def test_columns_without_a_slug_go_by_id_or_name_and_unknown_ones_come_last():
    columns = [column("Internal", None, "c1"), column("Score", None, "c2"), column("Name", "name")]
    header, lines = all_of(columns, page(row("1", name="Ana", c2=7)), page(row("2", extra="x")))
    assert header == ["Score", "Name", "extra"]
    assert lines == [[7, "Ana", None], [None, None, "x"]]


def test_numbers_stay_numbers_and_everything_else_becomes_words():
    values = [5.0, -2.5, 10**17, True, None, "", ["b2b", 2], {"state": "TX", "geo": {"lat": 30.2}}]
    _, [line] = all_of([], page(row("1", **{f"c{place}": value for place, value in enumerate(values)})))
    assert line == [5, -2.5, "1" + "0" * 17, "yes", None, None, "b2b, 2", "state: TX; geo: lat: 30.2"]


def test_a_page_of_rows_without_ids_that_comes_again_adds_nothing():
    flat = page({"name": "Ana"}, {"name": "Ana"})
    _, lines = all_of([column("Name", "name")], flat, page({"name": "Bo"}), flat)
    assert lines == [["Ana"], ["Ana"], ["Bo"]]


def test_what_is_more_than_a_sheet_holds_is_left_out_and_said(monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 3)
    monkeypatch.setattr(module, "MOST_COLUMNS", 2)
    with Spool([]) as spool:
        assert spool.add(page(*(row(str(number), a=number, b=1) for number in range(3)))) == 3
        assert not spool.is_full
        assert not spool.lacks_columns
        assert spool.add(page(row("x", a=1))) == 0
        assert spool.is_full
        assert list(spool.lines()) == [[0, 1], [1, 1], [2, 1]]
    with Spool([]) as spool:
        spool.add(page(row("1", a=1, b=2, c=3)))
        assert spool.lacks_columns
        assert list(spool.lines()) == [[1, 2]]
