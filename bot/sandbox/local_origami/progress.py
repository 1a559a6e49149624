"""A run's way through its script: what has happened by now follows from the time alone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Protocol

from bot.sandbox.local_origami.clock import timestamp
from bot.sandbox.local_origami.records import Column, Lead, Run, Table
from bot.sandbox.local_origami.script import (
    AddColumn,
    AddLeads,
    CreateTable,
    DeleteLeads,
    Effect,
    LeadSpec,
    Record,
)

if TYPE_CHECKING:
    from bot.sandbox.local_origami.clock import Clock

CREDITS_PER_LEAD = 0.75
"""Seen in practice: three leads of a local search cost 2.25 credits."""


class World(Protocol):
    """Where a run's effects land."""

    clock: Clock

    def new_id(self) -> str:
        """An id that nothing else has."""

    def add_table(self, table: Table) -> None:
        """Keep a new table."""


def settle(run: Run, work: float, world: World) -> None:
    """Apply the effects that are due by `work` seconds of scripted work, and end the run if that is due."""
    ends_at = run.ends_at()
    reached = work if ends_at is None else min(work, ends_at)
    for effect in run.script.effects[run.effects_applied :]:
        due = run.began + effect.at * run.step_seconds
        if due > reached:
            break
        run.effects_applied += 1
        _Hand(run, world, due).apply(effect)
    run.steps_completed = _steps(run, reached)
    if ends_at is not None and work >= ends_at:
        _end(run, ends_at, world)


def request_cancel(run: Run, work: float) -> None:
    """Ask a run to stop; it does so at the end of its present step."""
    if run.cancelled_at is None:
        steps_begun = math.floor((work - run.began) / run.step_seconds) + 1
        run.cancelled_at = run.began + steps_begun * run.step_seconds


def _steps(run: Run, reached: float) -> int:
    done = (reached - run.began) / run.step_seconds
    length, reported = run.script.steps, run.script.reported_steps
    if length is not None and reported is not None:
        done = done / length * reported
    return min(math.floor(done + 1e-6), run.step_cap if reported == run.step_cap else run.step_cap - 1)


def _end(run: Run, ends_at: float, world: World) -> None:
    natural = run.script.steps
    cut_short = natural is None or ends_at < run.began + natural * run.step_seconds
    run.status = "cancelled" if cut_short else run.script.status
    run.completed = world.clock.wall_at(ends_at)
    run.agent.org.durations.append(run.completed - run.started)


class _Hand:
    """Carries out effects of one run at one moment."""

    def __init__(self, run: Run, world: World, due: float) -> None:
        self._run = run
        self._world = world
        self._due = due
        self._at = world.clock.wall_at(due)

    def apply(self, effect: Effect) -> None:
        if isinstance(effect, CreateTable):
            self._create(effect)
            return
        table = self._run.tables.get(effect.table)
        if table is None:
            return
        table.updated = self._at
        if isinstance(effect, AddColumn):
            self._add_column(table, effect)
        elif isinstance(effect, AddLeads):
            self._add_leads(table, effect)
        elif isinstance(effect, DeleteLeads):
            kept = max(0, len(table.leads) - effect.count)
            deleted = len(table.leads) - kept
            del table.leads[kept:]
            self._note(table, type="leads_deleted", count=deleted, deletedAt=timestamp(self._at))
        elif isinstance(effect, Record):
            self._note(table, **effect.action)

    def _note(self, table: Table, **action: object) -> None:
        self._run.actions.append({**action, "tableId": table.id})

    def _create(self, effect: CreateTable) -> None:
        columns = [Column(self._world.new_id(), spec) for spec in effect.columns]
        new_id = self._world.new_id
        table = Table(new_id(), self._run.agent.org, effect.name, self._at, self._at, new_id(), columns)
        self._world.add_table(table)
        self._run.tables[effect.table] = table
        self._run.agent.table_ids.append(table.id)
        self._note(table, type="table_created", tableName=table.name)
        for column in columns:
            self._note(table, type="column_added", columnId=column.id, columnName=column.spec.name)

    def _add_column(self, table: Table, effect: AddColumn) -> None:
        if effect.column.slug is None or table.column(effect.column.slug) is not None:
            return
        column = Column(self._world.new_id(), effect.column)
        table.columns.append(column)
        for lead in table.leads:
            lead.values[effect.column.slug] = effect.fill(lead.values)
        self._note(table, type="column_added", columnId=column.id, columnName=column.spec.name)

    def _add_leads(self, table: Table, effect: AddLeads) -> None:
        org = self._run.agent.org
        affordable = math.floor(org.credits / CREDITS_PER_LEAD)
        table.leads.extend(
            self._lead(table, spec, paid=number < affordable) for number, spec in enumerate(effect.leads)
        )
        spent = min(len(effect.leads), affordable) * CREDITS_PER_LEAD
        org.credits -= spent
        computed = [column for column in table.columns if column.spec.kind != "input"] or table.columns
        for column in computed:
            column.credits += spent / len(computed)
        self._note(table, type="leads_added", leadCount=len(effect.leads))

    def _lead(self, table: Table, spec: LeadSpec, *, paid: bool) -> Lead:
        enriched = {c.spec.slug for c in table.columns if c.spec.kind == "enrichment" and c.spec.slug}
        errored: Any = spec.errored if paid else enriched
        settles = self._due + spec.settles_after * self._run.step_seconds
        return Lead(
            self._world.new_id(), dict(spec.values), spec.fits, settles, frozenset(errored & enriched)
        )
