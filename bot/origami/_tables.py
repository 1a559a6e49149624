"""Tables, their columns and economics, and their rows."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.origami import _loose as loose
from bot.origami import _reading as reading

_TYPED_CELLS = frozenset({"scalar", "value", "sequence"})
_CELL_DEPTH = 3


class LifetimeCredits(loose.Loose):
    """What has been settled over all time, without reservations."""

    lifetime_used: loose.Amount = 0.0


class CellCounts(loose.Loose):
    """Cells still being worked on, and cells that failed (also for want of credits)."""

    running: loose.Count = 0
    errored: loose.Count = 0


class ColumnStats(loose.Loose):
    """A column's cost for each run, and the share of leads (0..1) it is called for."""

    avg_credits_per_run: loose.OptionalAmount = None
    call_rate: loose.OptionalAmount = None
    total_runs: loose.Count = 0


class ColumnQualification(loose.Loose):
    """How many leads pass a relevance column; `passed` is Origami's `pass`."""

    passed: Annotated[loose.Count, Field(alias="pass")] = 0
    fail: loose.Count = 0
    unsure: loose.Count = 0
    total: loose.Count = 0


class Column(loose.Loose):
    """A column; `kind` is input, enrichment, score, sequence, or a new one; `slug` names it in rows."""

    id: loose.Identifier
    name: loose.Line = ""
    type: loose.Line = ""
    kind: loose.Line = ""
    slug: loose.OptionalLine = None
    auto_trigger: loose.Flag = False
    credits: Annotated[LifetimeCredits, loose.part(LifetimeCredits)] = LifetimeCredits()
    cells: Annotated[CellCounts, loose.part(CellCounts)] = CellCounts()
    stats: Annotated[ColumnStats | None, loose.part_or_none(ColumnStats)] = None
    qualification: Annotated[ColumnQualification | None, loose.part_or_none(ColumnQualification)] = None


class Qualification(loose.Loose):
    """Rates are 0..1, None where Origami cannot tell yet."""

    rate: loose.OptionalAmount = None
    fetch_rate: loose.OptionalAmount = None
    qualified_leads: loose.Count = 0
    effective_leads_per_qualified: loose.OptionalAmount = None
    estimated_qualified_leads: loose.OptionalCount = None


class Funnel(loose.Loose):
    """From sourced leads down to `post_static_leads`, which survive duplicates, exclusions and filters.

    `deduped_leads` and `excluded_leads` are the losses; rates are 0..1.
    """

    total_sourced_leads: loose.Count = 0
    post_static_leads: loose.Count = 0
    deduped_leads: loose.Count = 0
    dedup_rate: loose.OptionalAmount = None
    excluded_leads: loose.Count = 0
    excluded_rate: loose.OptionalAmount = None


class RunningLeads(loose.Loose):
    """Leads with cells still being worked on."""

    running_leads: loose.Count = 0
    oldest_active_run_started_at: loose.Moment = None


class LeadSource(loose.Loose):
    """Where leads come from; `source` is historical or estimate."""

    id: loose.OptionalIdentifier = None
    name: loose.Line = ""
    avg_credits_per_lead: loose.OptionalAmount = None
    total_credits: loose.OptionalAmount = None
    total_leads: loose.Count = 0
    source: loose.Line = ""


class TableStats(loose.Loose):
    """A table's economics, in credits; `qualification` is None without relevance conditions."""

    credits_per_lead: loose.OptionalAmount = None
    credits_per_qualified_lead: loose.OptionalAmount = None
    find_more_estimated_credits: loose.OptionalAmount = None
    qualification: Annotated[Qualification | None, loose.part_or_none(Qualification)] = None
    funnel: Annotated[Funnel, loose.part(Funnel)] = Funnel()
    running: Annotated[RunningLeads, loose.part(RunningLeads)] = RunningLeads()
    lead_sources: Annotated[tuple[LeadSource, ...], loose.many(LeadSource)] = ()
    has_unknown_total_with_more: loose.Flag = False


class Table(loose.Loose):
    """A table of leads; `lead_count` is every live row, which can be far more than the saved view shows.

    `url` is http(s) or None. `stats` stands only in answers that were asked for it.
    """

    id: loose.Identifier
    name: loose.Line = ""
    workspace_id: loose.OptionalIdentifier = None
    lead_count: loose.Count = 0
    columns: Annotated[tuple[Column, ...], loose.many(Column)] = ()
    credits: Annotated[LifetimeCredits, loose.part(LifetimeCredits)] = LifetimeCredits()
    cells: Annotated[CellCounts, loose.part(CellCounts)] = CellCounts()
    url: loose.Url = None
    created_at: loose.Moment = None
    updated_at: loose.Moment = None
    stats: Annotated[TableStats | None, loose.part_or_none(TableStats)] = None


class Cell(BaseModel):
    """A cell; `type` is scalar, value, sequence, a new one, or None in a flat row; `value` is any JSON."""

    model_config = ConfigDict(frozen=True)

    type: str | None = None
    value: Any = None

    @property
    def text(self) -> str:
        """The value in words: lists joined by commas, objects as `key: value`, nothing for an empty cell."""
        return _in_words(self.value, _CELL_DEPTH)

    @property
    def is_sequence(self) -> bool:
        """Whether the cell stands for a drafted outreach sequence, which has no value to show."""
        return self.type == "sequence"


class Row(BaseModel):
    """A row; `cells` by column slug, whichever shape they came in. Flat rows may lack `id`."""

    model_config = ConfigDict(frozen=True)

    id: loose.OptionalIdentifier = None
    cells: dict[str, Cell] = {}

    @model_validator(mode="before")
    @classmethod
    def _any_shape(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        nested = value.get("cells")
        found = nested if isinstance(nested, dict) else value
        own = set() if found is nested else {"id", "object"}
        return {
            "id": value.get("id"),
            "cells": {reading.line(slug): _cell(cell) for slug, cell in found.items() if slug not in own},
        }

    def text(self, slug: str) -> str:
        """The words of one cell, empty where there is none."""
        cell = self.cells.get(slug)
        return cell.text if cell else ""


def _cell(value: object) -> Cell:
    if isinstance(value, Cell):
        return value
    if isinstance(value, Mapping):
        kind = value.get("type")
        if isinstance(kind, str) and ("value" in value or kind in _TYPED_CELLS):
            return Cell(type=kind, value=value.get("value"))
    return Cell(value=value)


def _in_words(value: object, depth: int) -> str:
    if not isinstance(value, Mapping | list | tuple):
        return _scalar_in_words(value)
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        parts = ((reading.line(key), _in_words(item, depth - 1)) for key, item in value.items())
        return "; ".join(f"{key}: {words}" for key, words in parts if words)
    return ", ".join(filter(None, (_in_words(item, depth - 1) for item in value)))


def _scalar_in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return reading.text(value)
