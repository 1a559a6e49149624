"""Which columns a preview shows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.origami import Column
from bot.views.columns import COLUMNS_LIMIT, Shown, choose

quick = settings(max_examples=60, deadline=None)

WORDS = st.sampled_from(
    ["name", "first-name", "company", "work-email", "phone", "linkedin", "id", "place_id", "fit", "city"]
)
ODD_WORDS = st.text("aZ9-_ é<漢", max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
SLUGS = WORDS | ODD_WORDS | st.just("s" * 300)
COLUMNS = st.lists(
    st.builds(
        lambda i, slug, name, kind, running: column(slug, name, kind=kind, column_id=str(i), running=running),
        st.integers(0, 99),
        st.none() | SLUGS,
        SLUGS,
        st.sampled_from(["input", "enrichment", "score", "sequence", "new"]),
        st.integers(0, 2),
    ),
    max_size=30,
)
ROWS = st.lists(st.dictionaries(SLUGS, st.text(max_size=5), max_size=8), max_size=20)


def column(slug, name="", *, kind="input", column_id=None, running=0):
    return Column.read(
        {
            "id": column_id or str(slug or "none"),
            "slug": slug,
            "name": name,
            "kind": kind,
            "cells": {"running": running},
        }
    )


def chosen(*columns, rows=None, fresh=()):
    full = [{made.slug: "x" for made in columns if made.slug}] if rows is None else rows
    return [shown.slug for shown in choose(columns, full, fresh=fresh)]


def test_who_it_is_comes_first_then_fit_then_how_to_reach_them_then_the_rest():
    made = [
        column("funding", kind="enrichment"),
        column("city"),
        column("website"),
        column("linkedin"),
        column("work-email", kind="enrichment"),
        column("phone"),
        column("fit", kind="score"),
        column("company"),
        column("name"),
    ]
    expected = ["name", "company", "fit", "work-email", "phone", "linkedin", "website", "city"]
    assert chosen(*made) == expected


def test_ids_drafts_and_empty_columns_are_left_out():
    made = [
        column("id"),
        column("linkedin-urn"),
        column("draft", kind="sequence"),
        column("empty"),
        column(None, "Internal"),
        column("key"),
        column("name"),
    ]
    row = {made_.slug: "x" for made_ in made if made_.slug not in {None, "empty"}}
    row["key"] = "6a1f0c0e-0000-4000-8000-000000000077"
    assert chosen(*made, rows=[row]) == ["name"]


def test_an_empty_column_that_is_being_filled_keeps_its_place():
    (shown,) = choose([column("email", "E-mail", running=3)], [{}])
    assert shown == Shown("email", "E-mail", filling=True)


def test_the_fuller_of_two_alike_goes_first_and_single_cells_move_nothing():
    made = [column("private-email"), column("work-email")]
    rows = [{"work-email": "a"}, {"work-email": "b"}, {"work-email": "c", "private-email": "d"}]
    assert chosen(*made, rows=rows) == ["work-email", "private-email"]
    half = [{"private-email": "a"}, {"work-email": "b", "private-email": "c"}, {"work-email": "d"}]
    assert chosen(*made, rows=[*half, {"work-email": "e"}]) == ["private-email", "work-email"]


def test_many_names_leave_room_for_an_address():
    made = [*[column(f"name-{number}") for number in range(9)], column("email")]
    assert chosen(*made)[4] == "email"


def test_what_a_run_added_is_shown_among_many():
    made = [*[column(f"fact-{number}") for number in range(12)], column("software", column_id="c9")]
    assert "software" not in chosen(*made)
    assert chosen(*made, fresh={"c9"})[0] == "software"


def test_columns_that_origami_does_not_name_are_taken_from_the_rows():
    rows = [{"full_name": "Ada", "id": "7"}]
    assert choose([], rows) == [Shown("full_name", "Full name")]
    assert choose([column(None, "Internal")], rows) == [Shown("full_name", "Full name")]


def test_a_table_of_nothing_but_ids_shows_them():
    assert chosen(column("id")) == ["id"]


@quick
@given(COLUMNS, ROWS)
def test_any_columns_and_rows_give_few_distinct_ones_with_something_in_them(columns, rows):
    found = choose(columns, rows)
    assert found == choose(columns, rows)
    assert len(found) <= COLUMNS_LIMIT
    assert len({shown.slug for shown in found}) == len(found)
    kinds = {made.slug: made.kind for made in reversed(columns)}
    for shown in found:
        assert shown.filling or any(row.get(shown.slug) for row in rows)
        assert kinds.get(shown.slug) != "sequence" or any(
            made.slug == shown.slug and made.kind != "sequence" for made in columns
        )
