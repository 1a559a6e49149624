"""Reading files back, the way that other programs do."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from xml.etree import ElementTree as ET

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read_csv(content: bytes) -> list[list[str]]:
    """Every row of a CSV file."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def read_xlsx(content: bytes) -> list[list[str]]:
    """Every row of the first sheet as texts, by way of the file's own XML, up to its last filled cell.

    Raises AssertionError where there is a formula or a link.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        root = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    assert root.find(f".//{SHEET}f") is None
    assert root.find(f".//{SHEET}hyperlink") is None
    return [_row(row) for row in root.iter(f"{SHEET}row")]


def _row(row: ET.Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        place = 0
        for letter in re.sub(r"\d", "", cell.get("r", "")):
            place = 26 * place + ord(letter) - 64
        cells += [""] * (place - len(cells) - 1)
        text = "".join(cell.itertext())
        cells.append(re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text))
    return cells
