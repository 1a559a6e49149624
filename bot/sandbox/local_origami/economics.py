"""Origami's JSON for what a table cost and how its leads came about."""

import uuid

from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.progress import CREDITS_PER_LEAD
from bot.sandbox.local_origami.records import Table
from bot.sandbox.local_origami.refusals import Json
from bot.sandbox.local_origami.world import World

DUPLICATES, EXCLUDED = 5, 10
"""Invented: for so many leads that stay in a table one more was found twice, or was to be left out."""
SOURCES = uuid.UUID("0b8f7f1e-7f1c-4f65-9d53-5f0d1c0a7c11")


def stats_json(world: World, table: Table) -> Json:
    """TableStats."""
    kept = len(table.leads)
    fitting = sum(lead.fits for lead in table.leads)
    sourced = kept + kept // DUPLICATES + kept // EXCLUDED
    running = sum(world.clock.work() < lead.settles for lead in table.leads)
    spent = sum(column.credits for column in table.columns)
    per_lead = spent / sourced if sourced else CREDITS_PER_LEAD
    per_fitting = sourced / fitting if fitting else 1.0
    scored = any(column.spec.kind == "score" for column in table.columns)
    return {
        "creditsPerLead": per_lead,
        "creditsPerQualifiedLead": per_lead * per_fitting,
        "findMoreEstimatedCredits": 20 * per_lead,
        "qualification": _qualification(sourced, kept, fitting, per_fitting) if scored else None,
        "funnel": _funnel(sourced, kept),
        "running": {
            "runningLeads": running,
            "oldestActiveRunStartedAt": timestamp(table.created) if running else None,
        },
        "leadSources": _sources(table, sourced, spent),
        "hasUnknownTotalWithMore": True,
    }


def _qualification(sourced: int, kept: int, fitting: int, per_fitting: float) -> Json:
    return {
        "rate": fitting / sourced if sourced else None,
        "fetchRate": fitting / kept if kept else None,
        "qualifiedLeads": fitting,
        "effectiveLeadsPerQualified": per_fitting,
        "estimatedQualifiedLeads": fitting,
    }


def _funnel(sourced: int, kept: int) -> Json:
    duplicates, excluded = kept // DUPLICATES, kept // EXCLUDED
    return {
        "totalSourcedLeads": sourced,
        "postStaticLeads": kept,
        "dedupedLeads": duplicates,
        "dedupRate": duplicates / sourced if sourced else None,
        "excludedLeads": excluded,
        "excludedRate": excluded / sourced if sourced else None,
    }


def _sources(table: Table, sourced: int, spent: float) -> list[Json]:
    """Two thirds from one source and the rest from another, at the same price."""
    registers = sourced // 3
    shares = {"Web research": sourced - registers, "Company registers": registers}
    return [
        {
            "id": str(uuid.uuid5(SOURCES, table.id + name)),
            "name": name,
            "avgCreditsPerLead": spent / sourced if sourced else CREDITS_PER_LEAD,
            "totalCredits": spent * count / sourced if sourced else 0,
            "totalLeads": count,
            "source": "historical" if count else "estimate",
        }
        for name, count in shares.items()
    ]
