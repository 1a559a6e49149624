"""The first rows of a table, as a message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Row, RowPage, SavedView, Table
from bot.views.last_seen import LastSeen
from bot.views.preview import CELL_LIMIT, ROWS_LIMIT, preview
from storage.records import WatchEnd
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import assert_sound
from tests.unit.views.samples import FOUNDERS, a_result, a_table, an_action, founders, payload
from tests.unit.views.strategies import NAME, TEXT, URL

quick = settings(max_examples=60, deadline=None)

COLUMNS = [
    {"id": "c1", "name": "Name", "slug": "name", "kind": "input"},
    {"id": "c2", "name": "Work email", "slug": "work-email", "kind": "enrichment"},
    {"id": "c3", "name": "Website", "slug": "website", "kind": "input"},
    {"id": "c4", "name": "Fit", "slug": "fit", "kind": "score"},
    {"id": "c5", "name": "Place id", "slug": "place-id", "kind": "input"},
]
ROWS = [
    {
        "name": "Ada Abernathy",
        "work-email": "ada@birch.example",
        "website": "https://birch.example/",
        "fit": 97,
    },
    {"name": "Bruno & <Sons>", "website": "http://plain.example", "fit": 88.5},
    {"name": "=HYPERLINK(1)", "work-email": "", "website": "https://birch.example@evil.example/", "fit": 71},
]


def last_seen(rows=ROWS, *, matching=None, ended="complete", columns=COLUMNS, **changes):
    table = Table.read(a_table(columns=columns, **changes))
    found = tuple(Row.model_validate({"id": f"r{number}", "cells": row}) for number, row in enumerate(rows))
    page = RowPage(found, None, len(rows) if matching is None else matching)
    return LastSeen(table, SavedView.from_json(SavedView.of(page, table).to_json()), ended)


def grid(message):
    tables = [block for block in message.blocks if block["type"] == "table"]
    return tables[0]["rows"] if tables else []


def words(cell):
    return cell["text"] if cell["type"] == "raw_text" else cell["elements"][0]["elements"][0]["text"]


def the_words(message):
    return [[words(cell) for cell in row] for row in grid(message)]


PREVIEWS = {
    "complete": last_seen(leads=3),
    "some_match": last_seen(matching=30, leads=150, errored=12),
    "filling": last_seen(
        leads=3,
        running=2,
        ended=None,
        columns=[column | {"cells": {"running": 2 * (column["id"] == "c2")}} for column in COLUMNS],
    ),
    "gave_up": last_seen(leads=3, running=2, errored=1, ended=WatchEnd.GAVE_UP),
    "gone": last_seen(leads=3, ended=WatchEnd.GONE),
    "passed_on": last_seen(leads=3, running=2, ended=WatchEnd.PASSED_ON),
    "emptied": last_seen([], leads=3),
}


@pytest.mark.parametrize("name", sorted(PREVIEWS))
def test_a_preview_looks_as_it_did(name):
    message = preview(founders(), PREVIEWS[name])
    assert_sound(message)
    assert_golden(f"preview_{name}", payload(message) | {"plain": payload(message.plain())["blocks"]})


def test_a_whole_web_address_is_a_link_and_nothing_else_is():
    cells = [row[-1] for row in grid(preview(founders(), last_seen()))[1:]]
    link, *others = cells
    inline = link["elements"][0]["elements"]
    assert inline == [{"type": "link", "url": "https://birch.example/", "text": "birch.example"}]
    assert {cell["type"] for cell in others} == {"raw_text"}


def test_cells_are_plain_words():
    assert the_words(preview(founders(), last_seen())) == [
        ["Name", "Fit", "Work email", "Website"],
        ["Ada Abernathy", "97", "ada@birch.example", "birch.example"],
        ["Bruno & <Sons>", "88.5", " ", "http://plain.example"],
        ["=HYPERLINK(1)", "71", " ", "https://birch.example@evil.example/"],
    ]


def test_the_rows_stand_in_the_plain_version_and_for_screen_readers():
    message = preview(founders(), last_seen())
    for text in (message.text, message.plain().blocks[0]["text"]["text"]):
        assert "Name | Fit | Work email | Website" in text
        assert "Bruno &amp; &lt;Sons&gt; | 88.5 | - | http://plain.example" in text


def test_at_most_twenty_rows_are_shown_and_the_heading_says_so():
    many = [{"name": f"Lead {number}"} for number in range(30)]
    message = preview(founders(), last_seen(many, matching=300, leads=2_000))
    assert len(grid(message)) == 1 + ROWS_LIMIT
    assert "300 match of 2,000 candidates, the first 20 below" in message.text


def test_a_row_that_comes_twice_is_shown_once():
    table = Table.read(a_table(columns=COLUMNS))
    row = Row.model_validate({"id": "r1", "cells": {"name": "Ada"}})
    other = Row.model_validate({"id": "r2", "cells": {"name": "Ada"}})
    nameless = Row.model_validate({"name": "Ada"})
    view = SavedView.of(RowPage((row, other, row, nameless, nameless), None, None), table)
    assert (len(view.rows), view.matching) == (4, 4)


def test_a_column_that_the_run_added_is_shown_but_not_preferred_when_it_made_the_whole_table():
    columns = [{"id": f"f{n}", "name": f"Fact {n}", "slug": f"fact-{n}"} for n in range(9)]
    row = {column["slug"]: "x" for column in columns}
    seen = last_seen([row], columns=columns)
    added = an_action("column_added", columnId="f8")
    assert the_words(preview(a_result(actions=[added]), seen))[0][0] == "Fact 8"
    made = a_result(actions=[an_action("table_created"), added])
    assert the_words(preview(made, seen))[0][0] == "Fact 0"


def test_the_table_is_linked_only_where_that_is_safe():
    assert f"<https://origami.chat/workspace/6a1f?table={FOUNDERS}" in preview(founders(), last_seen()).text
    assert "<http" not in preview(founders(), last_seen(ROWS[2:], url="http://origami.chat/t")).text


CELLS = TEXT | URL | st.integers() | st.floats() | st.none() | st.booleans() | st.lists(NAME, max_size=4)
VALUES = CELLS | st.dictionaries(NAME, CELLS, max_size=3) | st.just("w" * 100_000)
HOSTILE_COLUMNS = st.lists(
    st.builds(
        lambda n, name, kind: {"id": f"c{n}", "slug": f"s{n}", "name": name, "kind": kind},
        st.integers(0, 30),
        NAME,
        st.sampled_from(["input", "enrichment", "score", "sequence"]),
    ),
    max_size=30,
)
SLUGS = st.integers(0, 30).map("s{}".format) | NAME
SEEN = st.builds(
    lambda rows, columns, matching, ended, name, url, leads, running, errored: last_seen(
        rows,
        columns=columns,
        matching=matching,
        ended=ended,
        name=name,
        url=url,
        leads=leads,
        running=running,
        errored=errored,
    ),
    st.lists(st.dictionaries(SLUGS, VALUES, max_size=12), max_size=30),
    HOSTILE_COLUMNS,
    st.none() | st.integers(0, 10**9),
    st.none() | st.sampled_from(WatchEnd),
    NAME,
    URL,
    st.integers(0, 10**9),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)


@quick
@given(SEEN)
def test_whatever_a_table_holds_the_message_keeps_every_limit_and_pings_nobody(seen):
    message = preview(founders(), seen)
    assert_sound(message)
    rows = grid(message)
    assert len(rows) <= 1 + ROWS_LIMIT
    assert {len(row) for row in rows} <= set(range(1, 9))
    assert all(0 < len(words(cell)) <= CELL_LIMIT for row in rows for cell in row)
    assert len(seen.view.to_json()) < 1_000_000


def test_even_the_heaviest_row_is_shown():
    columns = [{"id": f"c{n}", "slug": f"s{n}", "name": "<" * 300} for n in range(8)]
    heavy = [{f"s{n}": "https://x.example/" + "&" * 55 for n in range(8)}] * 20
    rows = grid(preview(founders(), last_seen(heavy, columns=columns)))
    assert len(rows) > 1
