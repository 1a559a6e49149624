"""Origami's JSON for tables, columns and their economics."""

from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.economics import stats_json
from bot.sandbox.local_origami.records import Column, Lead, Table
from bot.sandbox.local_origami.refusals import Json
from bot.sandbox.local_origami.world import World


def cell_state(column: Column, lead: Lead, work: float) -> str:
    """complete, running or errored: where the cell stands at `work` seconds of scripted work."""
    if column.spec.kind != "enrichment":
        return "complete"
    if work < lead.settles:
        return "running"
    return "errored" if column.spec.slug in lead.errored else "complete"


def table_json(world: World, table: Table, *, stats: bool = False) -> Json:
    """Table, with the economics if `stats`."""
    work = world.clock.work()
    columns = [_column_json(column, table, work, stats=stats) for column in table.columns]
    answer: Json = {
        "object": "table",
        "id": table.id,
        "workspaceId": None,
        "name": table.name,
        "leadCount": len(table.leads),
        "columns": columns,
        "credits": {"lifetimeUsed": sum(column["credits"]["lifetimeUsed"] for column in columns)},
        "cells": {
            state: sum(column["cells"][state] for column in columns) for state in ("running", "errored")
        },
        "url": table_url(world, table),
        "createdAt": timestamp(table.created),
        "updatedAt": timestamp(table.updated),
    }
    if stats:
        answer["stats"] = stats_json(world, table)
    return answer


def table_url(world: World, table: Table) -> str:
    """The link to the table for a person."""
    return f"{world.app_url}/workspace/{table.source_id}?table={table.id}"


def workspace_column_json(column: Column) -> Json:
    """WorkspaceColumn: what GET /tables/{id}/columns lists."""
    return {
        "object": "column",
        "id": column.id,
        "name": column.spec.name,
        "slug": column.spec.slug,
        "kind": column.spec.kind,
        "autoTrigger": column.spec.kind in {"enrichment", "score"},
    }


def _column_json(column: Column, table: Table, work: float, *, stats: bool) -> Json:
    states = [cell_state(column, lead, work) for lead in table.leads]
    answer: Json = {
        **workspace_column_json(column),
        "type": "static" if column.spec.kind == "input" else "code",
        "credits": {"lifetimeUsed": round(column.credits)},
        "cells": {state: states.count(state) for state in ("running", "errored")},
    }
    if stats:
        runs = 0 if column.spec.kind == "input" else len(table.leads)
        answer["stats"] = {
            "avgCreditsPerRun": column.credits / runs if runs else 0,
            "callRate": 1 if runs else 0,
            "totalRuns": runs,
        }
        if column.spec.kind == "score":
            fitting = sum(lead.fits for lead in table.leads)
            failing = len(table.leads) - fitting
            answer["qualification"] = {
                "pass": fitting,
                "fail": failing,
                "unsure": 0,
                "total": len(table.leads),
            }
    return answer
