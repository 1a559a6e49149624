"""A workspace with one thing of each kind, all of one id, for whatever is pressed in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from storage import workspaces
from storage.records import Choice, ChoiceKind, Run, RunState, Schedule, Thread
from tests.security.corpus import NOBODY
from tests.unit.origami import samples

if TYPE_CHECKING:
    from storage.database import Database
    from tests.security.corpus import Place

RUNNING = "00000000-0000-4000-8000-000000000001"
"""A run that goes on in the same thread."""
ANSWER = json.dumps(
    samples.finished(
        "needs_input",
        todo={"pendingQuestions": [{"question": "Where?", "suggestedAnswers": []}], "nextActions": []},
        tables=[samples.table()],
    )
)


async def furnish(db: Database, place: Place) -> None:
    """Give a place's workspace a thread with two runs, a choice and a recurring brief, in place of others."""
    async with db.write() as session:
        workspace = await workspaces.ensure(session, new_id=NOBODY, team_id=place.team)
        for record in (Thread, Schedule):
            for kept in (await session.execute(select(record))).scalars():
                await session.delete(kept)
        await session.flush()
        common = {"id": NOBODY, "workspace_id": workspace.id}
        rep = {"requester_id": place.user}
        session.add(Thread(**common, **rep, channel_id=place.channel, thread_ts=place.ts, agent_id="a1"))
        await session.flush()
        asked = {"thread_id": NOBODY, "source": "command", "prompt": "find roofers", "agent_id": "a1"}
        run = Run(**common, **rep, **asked)
        run.state, run.status, run.result = RunState.FINISHED, "needs_input", ANSWER
        going = Run(**{**common, "id": RUNNING}, **rep, **asked, state=RunState.RUNNING)
        session.add_all([run, going])
        await session.flush()
        session.add(Choice(**common, run_id=NOBODY, kind=ChoiceKind.NEXT_ACTION, label="Find more"))
        session.add(
            Schedule(
                **common,
                owner_id=place.user,
                channel_id=place.channel,
                prompt="find roofers",
                weekdays=["mon"],
                time_of_day="09:00",
                time_zone="UTC",
            )
        )
