"""What the docs say of the doctor is what it looks at."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from bot.doctor import NAMES, Verdict

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/doctor.md").read_text("utf-8")
MODULES = sorted((ROOT / "bot/doctor").glob("*.py"))
ROWS = dict(re.findall(r"^\| `([a-z_.]+)` \| .* \| (.*) \|$", PAGE, re.MULTILINE))


def test_each_line_has_its_row_and_says_what_to_do() -> None:
    assert tuple(ROWS) == NAMES
    assert all(ROWS.values())


def test_each_verdict_is_explained() -> None:
    assert [verdict for verdict in Verdict if f"`{verdict}`:" not in PAGE] == []


def test_the_code_tells_no_line_that_has_no_name() -> None:
    told = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                first = node.args[0] if node.args else None
                if node.func.id in {"ok", "warn", "fail", "skip", "_refused"} and isinstance(
                    first, ast.Constant
                ):
                    told.add(first.value)
    assert told <= set(NAMES)
    assert len(told) > len(NAMES) // 2
