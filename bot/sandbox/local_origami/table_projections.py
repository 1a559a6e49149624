"""Origami's JSON for tables, columns and their economics."""

from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.progress import CREDITS_PER_LEAD
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
        answer["stats"] = _stats(world, table)
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


def _stats(world: World, table: Table) -> Json:
    sourced = len(table.leads)
    fitting = sum(lead.fits for lead in table.leads)
    running = sum(world.clock.work() < lead.settles for lead in table.leads)
    spent = sum(column.credits for column in table.columns)
    per_lead = spent / sourced if sourced else CREDITS_PER_LEAD
    per_fitting = sourced / fitting if fitting else 1.0
    return {
        "creditsPerLead": per_lead,
        "creditsPerQualifiedLead": per_lead * per_fitting,
        "findMoreEstimatedCredits": 20 * per_lead,
        "qualification": {
            "rate": fitting / sourced if sourced else None,
            "fetchRate": fitting / sourced if sourced else None,
            "qualifiedLeads": fitting,
            "effectiveLeadsPerQualified": per_fitting,
            "estimatedQualifiedLeads": fitting,
        }
        if any(column.spec.kind == "score" for column in table.columns)
        else None,
        "funnel": {
            "totalSourcedLeads": sourced,
            "postStaticLeads": sourced,
            "dedupedLeads": 0,
            "dedupRate": 0.0 if sourced else None,
            "excludedLeads": 0,
            "excludedRate": 0.0 if sourced else None,
        },
        "running": {
            "runningLeads": running,
            "oldestActiveRunStartedAt": timestamp(table.created) if running else None,
        },
        "leadSources": [
            {
                "id": table.source_id,
                "name": "Web research",
                "avgCreditsPerLead": per_lead,
                "totalCredits": spent,
                "totalLeads": sourced,
                "source": "historical" if sourced else "estimate",
            }
        ],
        "hasUnknownTotalWithMore": True,
    }
