"""Databases for the lives of one test process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.crash.databases import Databases

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def made(sqlite_template: Path, postgresql_server: str) -> Databases:
    """SQLite's template and PostgreSQL's server."""
    return Databases(sqlite_template, postgresql_server)
