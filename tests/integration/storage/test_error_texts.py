"""What a failing statement says of itself: it ends in logs, so it must not quote what people wrote."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from storage.records import Workspace
from storage.times import database_now

if TYPE_CHECKING:
    from storage.database import Database

WORDS = "xylophone makers of Ouagadougou"


@pytest.mark.parametrize("fault", [{"team_id": None}, {"id": "twice"}])
async def test_an_error_does_not_quote_the_row(db: Database, fault: dict[str, str | None]) -> None:
    row = {"id": WORDS, "team_id": "T1", "sealed_key": WORDS, "settings": {}, "created_at": database_now()}
    first = row | {"id": fault.get("id", "another"), "team_id": "T0", "sealed_key": None}
    async with db.write() as session:
        await session.execute(insert(Workspace).values(**first))
    with pytest.raises(IntegrityError) as raised:
        async with db.write() as session:
            await session.execute(insert(Workspace).values(**(row | fault)))
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + repr(raised.value.orig)
    assert WORDS not in told
    assert "workspaces" in told
