"""What a run's tables cost and hold: the first page of its details."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.origami import Outcome
from bot.views.blocks import Block, actions, context, mrkdwn_text, plain_text, section
from bot.views.details import TRANSCRIPT, Page, details_modal, page_button
from bot.views.times import counted, number, percent
from bot.views.words import bold, listing, name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.origami import LeadSource, Table, TableStats
    from bot.origami import Run as Result
    from bot.views.forms import View
    from bot.views.times import Reader

TABLES_LIMIT = 5
SOURCES_LIMIT = 8
FIELD_LIMIT = 2_000
"""Slack: 10 fields per section, 2,000 characters each."""
ALT_LIMIT = 2_000
"""Slack: 2,000 characters of alt text."""
ABSURD = 1e12
"""Ours: what no table costs is not shown."""
LEFT = "Left after duplicates, exclusions and filters"


def economics_modal(
    run_id: str,
    result: Result,
    reader: Reader,
    *,
    rise: tuple[str, float] | None = None,
    chart: str | None = None,
) -> View:
    """Show the main table's economics, and the others' in a line each.

    ``rise`` is a table's id and the credits by which its total has risen since before the run;
    ``chart`` is Slack's id of the picture of the funnel.
    """
    outcome = Outcome.of(result)
    table = outcome.main_table
    transcript = page_button("Transcript", "transcript", Page(run_id, TRANSCRIPT))
    if table is None:
        nothing = section("This run touched no table, so there are no numbers to show.")
        return details_modal("Details", [nothing, *actions([transcript])])
    risen = rise[1] if rise and rise[0] == table.id else None
    blocks = [
        {"type": "header", "text": plain_text(table.name or "Untitled table", 150)},
        *_facts(table, risen, reader),
        *(_funnel(table.stats, reader) if table.stats else []),
        *(_picture(chart, stages(result), reader) if chart else []),
        *(_sources(table.stats.lead_sources, reader) if table.stats else []),
        *_others(outcome.other_tables, result.left_out.tables, reader),
        *actions([transcript]),
        context(_footer(table, risen)),
    ]
    return details_modal("Details", blocks)


def stages(result: Result) -> list[tuple[str, int]]:
    """The steps of the main table's funnel; none where a picture would say no more than the numbers."""
    table = Outcome.of(result).main_table
    if table is None or table.stats is None:
        return []
    found = _steps(table.stats)
    return found if len({count for _, count in found if count}) > 1 else []


def _steps(stats: TableStats) -> list[tuple[str, int]]:
    found = [("Found", stats.funnel.total_sourced_leads), (LEFT, stats.funnel.post_static_leads)]
    qualified = stats.qualification
    return [*found, ("Qualified", qualified.qualified_leads)] if qualified else found


def _facts(table: Table, risen: float | None, reader: Reader) -> list[Block]:
    stats = table.stats
    facts = {
        "In the table": counted(table.lead_count, "lead", reader),
        **(_found(stats, reader) if stats else {}),
        "The table's total so far": _credits(table.credits.lifetime_used, reader),
        "Risen since before this run": _credits(risen, reader, about=True),
        "One “find more”": _credits(stats.find_more_estimated_credits if stats else None, reader, about=True),
    }
    fields = [mrkdwn_text(f"{bold(label)}\n{fact}", FIELD_LIMIT) for label, fact in facts.items() if fact]
    return [{"type": "section", "fields": fields}]


def _found(stats: TableStats, reader: Reader) -> dict[str, str]:
    qualified = stats.qualification
    more = ", more available" if stats.has_unknown_total_with_more else ""
    expected = qualified.estimated_qualified_leads if qualified and not more else None
    return {
        "Found": f"{counted(stats.funnel.total_sourced_leads, 'lead', reader)}{more}",
        "Qualified": counted(qualified.qualified_leads, "lead", reader) if qualified else "",
        "Qualified leads expected in all": f"about {number(expected, reader)}" if expected else "",
        "Qualification rate": _share(qualified.rate, reader) if qualified else "",
        "Credits per lead": _credits(stats.credits_per_lead, reader, about=True),
        "Credits per qualified lead": _credits(stats.credits_per_qualified_lead, reader, about=True),
    }


def _funnel(stats: TableStats, reader: Reader) -> list[Block]:
    steps = " → ".join(f"{number(count, reader)} {label.lower()}" for label, count in _steps(stats))
    funnel = stats.funnel
    lost = [
        _lost(counted(funnel.deduped_leads, "duplicate", reader), funnel.dedup_rate, reader),
        _lost(f"{number(funnel.excluded_leads, reader)} excluded", funnel.excluded_rate, reader),
    ]
    running = stats.running.running_leads
    return [
        section(f"{bold('Funnel')}\n{steps}\nOf those found: {listing(lost)}"),
        *([context(f"Still working on {counted(running, 'lead', reader)}.")] if running else []),
    ]


def _lost(told: str, rate: float | None, reader: Reader) -> str:
    share = _share(rate, reader)
    return f"{told} ({share})" if share else told


def _picture(chart: str, shown: Sequence[tuple[str, int]], reader: Reader) -> list[Block]:
    told = ", ".join(f"{label.lower()} {number(count, reader)}" for label, count in shown)
    alt = f"Bar chart of the lead funnel: {told}"[:ALT_LIMIT]
    return [{"type": "image", "slack_file": {"id": chart}, "alt_text": alt}] if shown else []


def _sources(sources: Sequence[LeadSource], reader: Reader) -> list[Block]:
    lines = [f"• {_source(source, reader)}" for source in sources[:SOURCES_LIMIT]]
    hidden = len(sources) - SOURCES_LIMIT
    more = [f"and {counted(hidden, 'more source', reader)}"] if hidden > 0 else []
    return [section("\n".join([bold("Sources"), *lines, *more]))] if lines else []


def _source(source: LeadSource, reader: Reader) -> str:
    price = _credits(source.avg_credits_per_lead, reader)
    estimated = " (estimated)" if source.source == "estimate" else ""
    total = _credits(source.total_credits, reader)
    return _told(
        name(source.name, otherwise="an unnamed source"),
        [
            counted(source.total_leads, "lead", reader),
            f"{price} a lead{estimated}" if price else "",
            f"{total} in all" if total else "",
        ],
    )


def _others(tables: Sequence[Table], left_out: int, reader: Reader) -> list[Block]:
    shown = tables[: TABLES_LIMIT - 1]
    lines = [f"• {_other(table, reader)}" for table in shown]
    hidden = len(tables) - len(shown) + left_out
    more = [f"and {counted(hidden, 'more table', reader)} in Origami"] if hidden else []
    return [section("\n".join([bold("Other tables"), *lines, *more]))] if lines or more else []


def _other(table: Table, reader: Reader) -> str:
    stats = table.stats
    total = _credits(table.credits.lifetime_used, reader)
    price = _credits(stats.credits_per_lead, reader, about=True) if stats else ""
    rate = _share(stats.qualification.rate, reader) if stats and stats.qualification else ""
    return _told(
        name(table.name),
        [
            counted(table.lead_count, "lead", reader),
            f"{total} so far" if total else "",
            f"{price} a lead" if price else "",
            f"{rate} qualify" if rate else "",
        ],
    )


def _told(what: str, facts: Iterable[str]) -> str:
    return f"{bold(what)}: {' · '.join(filter(None, facts))}"


def _footer(table: Table, risen: float | None) -> str:
    notes = [
        "As Origami shows it now; “about” marks an estimate."
        if table.stats
        else "Origami gives no economics for this table.",
        "What this run cost is not known exactly: the rise counts whatever was done with the table since "
        "just before the run began."
        if risen is not None
        else "",
    ]
    return " ".join(filter(None, notes))


def _credits(value: float | None, reader: Reader, *, about: bool = False) -> str:
    """Say how many credits, or nothing where Origami gives no number or an absurd one."""
    if value is None or not 0 <= value < ABSURD:
        return ""
    if 0 < value < 0.01:
        return f"under {number(0.01, reader)} credits"
    told = number(value, reader)
    return f"{'about ' if about else ''}{told} {'credit' if value == 1 else 'credits'}"


def _share(value: float | None, reader: Reader) -> str:
    return percent(value, reader) if value is not None and 0 <= value <= 1 else ""
