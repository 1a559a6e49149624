"""``origami-slack runs``: which there are, what happened to one, and a hand where it is needed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.operating import describing, printing
from bot.operating.asking import Json, Limit, seconds_of
from bot.operating.opening import opened
from bot.operating.refusing import OperatingError, refusing
from bot.runs.notify import Actor
from bot.runs.redeliver import redeliver
from bot.runs.start import Team
from bot.runs.stop import stop_in
from storage import inspection, runs
from storage.audit import OPERATOR
from storage.records import OPEN_STATES, Run, RunState, Workspace

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from bot.runs.redeliver import Redelivery
    from storage.inspection import ListedRun, RunFile

app = typer.Typer(help="Runs: list, show, retry, stop.", no_args_is_help=True)

SHORTEST_BEGINNING = 6
"""Characters of an id: fewer are more likely a slip than a run."""
HEADS = ("run", "team", "state", "status", "accepted", "by", "channel", "dropped", "waits for")
OPEN = "open"

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or how it begins: 6 characters.")]


@app.command("list")
@refusing
def list_runs(
    *,
    team: Annotated[str | None, typer.Option(help="Only this workspace's: T….")] = None,
    state: Annotated[
        str | None, typer.Option(help="open, accepted, queued, submitting, running or finished.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="Accepted so long ago at the most: 30m, 12h, 2d.")] = None,
    dropped: Annotated[
        bool, typer.Option("--dropped", help="Only those with a message that Slack would not take.")
    ] = False,
    limit: Limit = 50,
    json: Json = False,
) -> None:
    """The newest runs, one a line."""
    wanted = inspection.Wanted(team, _states(state), seconds_of(since), dropped)

    async def read() -> list[ListedRun]:
        async with opened() as db, db.read() as session:
            return await inspection.list_runs(session, wanted, limit=limit + 1)

    found = asyncio.run(read())
    more, found = len(found) > limit, found[:limit]
    if json:
        printing.as_json({"runs": [describing.listed_run(one) for one in found], "more": more})
        return
    now = datetime.now(UTC)
    printing.table(HEADS, [describing.line(one, now) for one in found])
    if more:
        typer.echo(f"There are more than {limit}: ask for fewer with --since or --team.", err=True)


@app.command("show")
@refusing
def show_run(
    run: RunId,
    *,
    prompt: Annotated[
        bool, typer.Option("--prompt", help="Show what was asked, too: it is the workspace's business.")
    ] = False,
    json: Json = False,
) -> None:
    """All that is known about one run, with its timeline."""

    async def read() -> RunFile:
        async with opened() as db, db.read() as session:
            return await inspection.run_file(session, await _the_one(session, run))

    file = asyncio.run(read())
    if json:
        printing.as_json(describing.run_file(file, with_prompt=prompt))
    else:
        describing.print_run_file(file, with_prompt=prompt)


@app.command("retry")
@refusing
def retry_run(run: RunId) -> None:
    """Owe Slack once more what it would not take: it is looked for before it is posted again."""

    async def owe() -> tuple[Run, Redelivery]:
        async with opened() as db, db.write() as session:
            locked = await _locked(session, run)
            return locked, await redeliver(session, locked, actor_id=OPERATOR)

    locked, done = asyncio.run(owe())
    for delivery, why in done.left:
        typer.echo(f"Not again: {describing.message(delivery)}: {why}.", err=True)
    if not done.again:
        if not done.left:
            typer.echo(f"Run {locked.id} has no dropped message: there is nothing to retry.", err=True)
        raise typer.Exit(1)
    for delivery in done.again:
        typer.echo(f"Owed again: {describing.message(delivery)}.")
    typer.echo("A running bot sends it within seconds; without one, the next that starts does.")


@app.command("stop")
@refusing
def stop_run(run: RunId) -> None:
    """Ask for a run's end, as its Stop button does."""

    async def ask() -> tuple[Run, bool]:
        async with opened() as db, db.write() as session:
            locked = await _locked(session, run)
            asked_before = locked.stop_requested_at is not None
            if locked.state == RunState.FINISHED:
                raise OperatingError(f"Run {locked.id} has ended already ({locked.status}).")
            workspace = await session.get_one(Workspace, locked.workspace_id)
            actor = Actor("", Team(workspace.team_id, workspace.enterprise_id), OPERATOR)
            await stop_in(session, locked, actor)
            return locked, asked_before

    locked, asked_before = asyncio.run(ask())
    typer.echo(f"{'A stop was asked for before' if asked_before else 'Asked to stop'}: run {locked.id}.")
    typer.echo("A running bot ends it at Origami within seconds; without one, the next that starts does.")


def _states(state: str | None) -> tuple[str, ...]:
    if state is None:
        return ()
    if state == OPEN:
        return tuple(OPEN_STATES)
    if state not in set(RunState):
        raise typer.BadParameter(f"{state} is none of: {OPEN}, {', '.join(RunState)}", param_hint="--state")
    return (state,)


async def _the_one(session: AsyncSession, beginning: str) -> str:
    if len(beginning) < SHORTEST_BEGINNING:
        raise OperatingError(f"Give at least {SHORTEST_BEGINNING} characters of the run's id.")
    found = await inspection.ids_beginning_with(session, beginning, limit=2)
    if beginning in found:
        return beginning
    if not found:
        raise OperatingError(f"There is no run {beginning}: `origami-slack runs list` shows which there are.")
    if len(found) > 1:
        raise OperatingError(f"More than one run begins with {beginning}: give more of the id.")
    return found[0]


async def _locked(session: AsyncSession, beginning: str) -> Run:
    run: Any = await session.get_one(Run, await _the_one(session, beginning))
    locked = await runs.lock(session, run.id, run.workspace_id)
    assert locked is not None
    return locked
