"""Files: nothing in a cell computes, and what went in comes out."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.results.files import CELL_CHARACTERS, Csv, Xlsx, fitting, inert
from tests.spreadsheets import read_csv, read_xlsx

FORMULA = re.compile(r"[=+\-@\t\r\n]|[＝＋－＠]")  # noqa: RUF001
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["=1+1", "+44 20 7946 0958", "-5", "@x", "\t=1", " =1", "\ufeff=1", "a,b", '"', "_x0041_"]
    ),
    st.builds(str.__add__, st.sampled_from("=+-@\t\r\n;|"), st.text(max_size=10)),
)
NUMBER = st.one_of(st.integers(-(10**14), 10**14), st.floats(-1e14, 1e14, allow_nan=False))
TABLE = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(TEXT, NUMBER, st.none()), min_size=width, max_size=width), min_size=1, max_size=8
    )
)


def made(kind, header, rows, tmp_path_factory=None):
    content = io.BytesIO()
    writer = kind(content, header, "")
    writer.write(rows)
    writer.close()
    return content.getvalue()


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_a_csv_reads_back_with_every_cell_and_none_that_computes(table):
    header, *rows = [["" if cell is None else cell for cell in row] for row in table]
    content = made(Csv, [str(name) for name in header], rows)
    assert content.startswith(b"\xef\xbb\xbf")
    back = read_csv(content)
    assert len(back) == len(table)
    for row, wanted in zip(back[1:], rows, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            if isinstance(value, str):
                assert not FORMULA.match(cell)
                assert cell.removeprefix("'") == CONTROL.sub("", value).removeprefix("'")
            else:
                assert type(value)(cell) == value
    assert not [name for name in back[0] if FORMULA.match(name)]


@settings(max_examples=40, deadline=None)
@given(TABLE)
def test_a_workbook_reads_back_with_every_cell_as_it_was(table):
    table = [[place, *row] for place, row in enumerate(table)]
    header = [f"Column {number}" for number in range(len(table[0]))]
    back = read_xlsx(made(Xlsx, header, table))
    assert back[0] == header
    assert len(back) == len(table) + 1
    for row, wanted in zip(back[1:], table, strict=True):
        for cell, value in zip(row + [""] * (len(wanted) - len(row)), wanted, strict=True):
            if isinstance(value, str):
                assert cell == CONTROL.sub("", value)
            elif value is not None:
                assert float(cell) == pytest.approx(value)


@pytest.mark.parametrize("value", [-5, 0, 4420, -0.5, None, "Ana", "a=b", "5 - 3", "'quoted"])
def test_what_is_no_formula_stays_as_it_is(value):
    assert inert(value) == value


@pytest.mark.parametrize(
    "value",
    ["=1", "+44 20", "-5", "@x", "\tx", "\rx", "\nx", "  =1", "\u200b=1", "＝1", "\x00=1"],  # noqa: RUF001
)
def test_text_that_begins_like_a_formula_gets_an_apostrophe(value):
    assert inert(value) == "'" + value.replace("\x00", "")


def test_a_cell_that_excel_could_not_hold_is_cut_between_characters():
    cut = fitting("🧑" * CELL_CHARACTERS)
    assert len(cut.encode("utf-16-le")) // 2 <= CELL_CHARACTERS
    assert cut.endswith("🧑…")
    assert fitting("x" * CELL_CHARACTERS) == "x" * CELL_CHARACTERS
