"""The tables that runs changed are watched for the runs that changed them last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot import origami
from bot.runs.watched import watch_main_tables
from storage.records import Run, RunState, Watch
from tests.integration.storage.test_claims import seed

if TYPE_CHECKING:
    from storage.database import Database


def result(table_id: str | None, action: str = "table_created", spent: float = 0.0) -> origami.Run:
    """What Origami says of a run that changed a table, or none."""
    tables = [{"id": table_id, "name": "Leads", "credits": {"lifetimeUsed": spent}}] if table_id else []
    actions = [{"type": action, "tableId": table_id, "tableName": "Leads"}] if table_id else []
    return origami.Run.from_json(
        json.dumps(
            {"id": "o", "status": "completed", "response": {"text": "", "actions": actions, "tables": tables}}
        )
    )


async def test_each_run_has_its_table_read_and_knows_what_was_spent_on_it_before(db: Database) -> None:
    await seed(db, *({"id": name, "state": RunState.FINISHED} for name in "abcd"))
    async with db.write() as session:
        a, b, c, d = [await session.get_one(Run, name) for name in "abcd"]
        a.result = result("t1", spent=3.0).to_json()
        ended = [
            (a, result("t1")),
            (b, result("t2")),
            (c, result("t1", "rows_added", spent=5.0)),
            (d, result(None)),
        ]
        await watch_main_tables(session, ended)
    async with db.read() as session:
        found = (await session.execute(select(Watch).order_by(Watch.run_id))).scalars().all()
    assert [(one.run_id, one.table_id, one.ended) for one in found] == [
        ("a", "t1", None),
        ("b", "t2", None),
        ("c", "t1", None),
    ]
    assert [one.due_at is None for one in found] == [False, False, False]
    assert [one.credits_before for one in found] == [0.0, 0.0, 3.0]
