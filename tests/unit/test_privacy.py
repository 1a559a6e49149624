"""The page about what is stored names each table that there is, and the terms that the code keeps."""

from __future__ import annotations

import re
from pathlib import Path

from bot.settings import Settings
from storage import inbox, installations, leaving
from storage.records import Base

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


def test_each_table_stands_there_with_what_why_and_until_when() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert {row[0] for row in rows} == set(Base.metadata.tables)


def test_the_terms_are_the_codes() -> None:
    assert f"`RETENTION_DAYS` ({Settings.model_fields['retention_days'].default}) days after a run" in PAGE
    assert f"{leaving.KEEP_DAYS} days after that" in PAGE
    assert f"| {inbox.KEEP_SECONDS / 3600:.0f} hours |" in PAGE
    assert installations.STATE_SECONDS == 600


def test_it_can_be_found() -> None:
    assert "(docs/privacy.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "(privacy.md)" in (ROOT / "docs" / "for-admins.md").read_text(encoding="utf-8")
