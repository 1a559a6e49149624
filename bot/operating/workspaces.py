"""``origami-slack workspaces``: who uses this bot, and whether it can work for them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.operating import describing, printing
from bot.operating.asking import Json, Limit  # noqa: TC001  (typer reads them from the signatures)
from bot.operating.opening import opened
from bot.operating.refusing import OperatingError, refusing
from storage import inspection, preferences

if TYPE_CHECKING:
    from storage.inspection import ListedWorkspace

app = typer.Typer(help="Workspaces: list, show.", no_args_is_help=True)

HEADS = ("team", "name", "installed", "key refused", "open", "this month", "dropped", "last run")
MOST_OF_ONE_ID = 10


@app.command("list")
@refusing
def list_workspaces(*, limit: Limit = 50, json: Json = False) -> None:
    """The workspaces, those with the newest run first."""

    async def read() -> list[ListedWorkspace]:
        async with opened() as db, db.read() as session:
            return await inspection.list_workspaces(session, since=_month(), limit=limit + 1)

    found = asyncio.run(read())
    more, found = len(found) > limit, found[:limit]
    if json:
        printing.as_json({"workspaces": [describing.listed_workspace(one) for one in found], "more": more})
        return
    now = datetime.now(UTC)
    printing.table(HEADS, [_line(one, now) for one in found])
    if more:
        typer.echo(f"There are more than {limit}: ask for more with --limit.", err=True)


@app.command("show")
@refusing
def show_workspace(
    team: Annotated[str, typer.Argument(metavar="TEAM", help="Slack's id of the workspace: T….")],
    *,
    json: Json = False,
) -> None:
    """One workspace, and what it has set; one team id may stand in two organisations, so it can be two."""

    async def read() -> list[dict[str, Any]]:
        async with opened() as db, db.read() as session:
            return [
                {
                    **describing.listed_workspace(one),
                    "settings": await preferences.stored(session, one.workspace.id, "workspace", ""),
                }
                for one in await inspection.list_workspaces(
                    session, since=_month(), limit=MOST_OF_ONE_ID, team_id=team
                )
            ]

    told = asyncio.run(read())
    if not told:
        raise OperatingError(
            f"Nothing is kept of {team}: `origami-slack workspaces list` shows which there are."
        )
    if json:
        printing.as_json({"workspaces": told})
        return
    for number, one in enumerate(told):
        if number:
            typer.echo()
        printing.facts({name.replace("_", " "): value for name, value in one.items()})


def _month() -> datetime:
    return datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _line(one: ListedWorkspace, now: datetime) -> tuple[object, ...]:
    return (
        one.workspace.team_id,
        one.name,
        "left" if one.workspace.left_at else "yes",
        printing.ago(one.workspace.key_refused_at, now),
        one.open_runs,
        one.runs_since,
        one.dropped or "",
        printing.ago(one.last_run_at, now),
    )
