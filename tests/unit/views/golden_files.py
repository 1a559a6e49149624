"""Golden files: what people see, kept beside the tests; `UPDATE_GOLDEN=1 pytest` makes them again."""

import json
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "golden"


def assert_golden(name, shown):
    """Compare with the file of that name, or write it."""
    content = json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
    file = FOLDER / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(content, encoding="utf-8")
    assert file.exists(), f"{file.name} is missing: run UPDATE_GOLDEN=1 pytest tests/unit/views"
    assert content == file.read_text(encoding="utf-8")
