"""Exports: one worker at a time, fenced writes, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from storage import exports
from storage.records import Export, ExportState
from storage.runs import LeaseLostError
from storage.times import database_now
from tests.integration.storage.test_claims import seed

if TYPE_CHECKING:
    from storage.database import Database
    from storage.exports import Claim


async def want(db: Database, export_id: str = "e1") -> None:
    await seed(db, {"id": "r-" + export_id})
    async with db.write() as session:
        await exports.keep(
            session,
            id=export_id,
            workspace_id="W",
            run_id="r-" + export_id,
            table_id="T",
            requester_id="U",
            file_format="csv",
        )


async def claimed(db: Database, owner: str, *, limit: int = 5, lease: float = 60.0) -> list[Claim]:
    async with db.write() as session:
        return await exports.claim(session, owner=owner, limit=limit, lease_seconds=lease)


async def test_an_export_is_worked_on_by_one_and_by_another_when_its_lease_ends(db: Database) -> None:
    await want(db)
    [mine] = await claimed(db, "me/1", lease=-1.0)
    assert (mine.run.id, mine.thread.id, mine.workspace.id) == ("r-e1", "t-r-e1", "W")
    [theirs] = await claimed(db, "other/1")
    assert theirs.export.attempts == 2
    assert await claimed(db, "third/1") == []
    with pytest.raises(LeaseLostError):
        async with db.write() as session:
            await exports.write_back(session, mine, rows_read=1)
    async with db.write() as session:
        await exports.renew(session, theirs, lease_seconds=60, rows_read=7)
        await exports.release_all(session, "other")
    [again] = await claimed(db, "me/2")
    assert again.export.rows_read == 7


async def test_what_has_ended_or_is_not_due_is_left_alone(db: Database) -> None:
    await want(db)
    await want(db, "e2")
    claims = {claim.export.id: claim for claim in await claimed(db, "me/1")}
    async with db.write() as session:
        await exports.finish(session, claims["e1"], ExportState.DONE, None)
        await exports.renew(session, claims["e2"], lease_seconds=60, due_at=database_now(60))
        await exports.release_all(session, "me")
        with pytest.raises(LeaseLostError):
            await exports.finish(session, claims["e1"], ExportState.FAILED, {"code": "X"})
    assert await claimed(db, "me/2") == []
    async with db.read() as session:
        ended = await session.get_one(Export, "e1")
        assert (ended.state, ended.lease_owner, ended.due_at) == (ExportState.DONE, None, None)
        assert ended.finished_at is not None
        assert await exports.pending(session, run_id="r-e1", requester_id="U", file_format="csv") is None
        waits = await exports.pending(session, run_id="r-e2", requester_id="U", file_format="csv")
        assert waits is not None
