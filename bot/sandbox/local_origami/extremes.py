"""Runs at and beyond the edge of the contract."""

from dataclasses import replace

from bot.sandbox.local_origami.briefs import Brief
from bot.sandbox.local_origami.refusals import Json
from bot.sandbox.local_origami.script import (
    AddLeads,
    ColumnSpec,
    CreateTable,
    DeleteLeads,
    LeadSpec,
    Record,
    Script,
    next_action,
    single_choice,
)

RTL_OVERRIDE = "\u202e"
HOSTILE_TEXT = (
    "Done <!channel> <!here> <!everyone>, ask <@U0000VICTIM> in <#C0000SECRET> or <!subteam^S0000TEAM>.\n\n"
    "[click me](javascript:alert(1)) [me too](data:text/html;base64,PHNjcmlwdD4=)\n"
    "<https://evil.example|your bank>\n"
    "![beacon](http://tracker.example/pixel.png) <script>alert(1)</script> &lt;!channel&gt;\n\n"
    f"`<!channel>` and {RTL_OVERRIDE}gnp.exe and \x00\x07\u200b and *unclosed _everything ~here `there\n"
    "```\n<!channel> in a fence that is never closed\n"
)
HOSTILE_CELLS = (
    '=HYPERLINK("https://evil.example","Click")',
    "+1+1|cmd' /C calc'!A0",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "<!channel>",
    "<@U0000VICTIM>",
    "[x](javascript:alert(1))",
    f"Eve{RTL_OVERRIDE}moc.elpmaxe",
    'a "quoted", comma\nand line',
    "🧑‍🚀" * 40,
    "x" * 5_000,
)


def big(brief: Brief) -> Script:
    """Long prose, 150 rows of which 10 are in the saved view."""
    paragraph = "We looked at registers, job boards, funding news and company sites, and compared them. " * 4
    text = "\n\n".join(f"### Part {number}\n\n{paragraph}" for number in range(1, 26))
    return Script(text=text, effects=brief.work(brief.leads(150, fitting=10)))


def huge(brief: Brief) -> Script:
    """A megabyte of prose, 40 tables, 400 actions and 2,000 rows."""
    tables = [
        CreateTable(1, f"Table {number}", (ColumnSpec("Name", "name"),), table=f"t{number}")
        for number in range(39)
    ]
    notes = [Record(2, {"type": "columns_updated"}, table=f"t{number % 39}") for number in range(360)]
    leads = brief.leads(2_000)
    return Script(text="word " * 210_000, effects=(*tables, *notes, *brief.work(leads)))


def enormous(brief: Brief) -> Script:
    """Ten megabytes: 500 tables, 10,000 actions, and what nests deeply."""
    tables = [
        CreateTable(1, f"Table {number}", (ColumnSpec("Name", "name"),), table=f"t{number}")
        for number in range(499)
    ]
    notes = [Record(2, {"type": "columns_updated"}, table=f"t{number % 499}") for number in range(10_000)]
    return Script(
        text="word " * 1_600_000,
        effects=(*tables, *notes, *brief.work(brief.leads(brief.wanted))),
        distort=_nests_deeply,
    )


def _nests_deeply(run: Json) -> None:
    nested: Json = {}
    for _ in range(100):
        nested = {"in": [nested]}
    run["surprise"] = nested


def hostile_question(_: Brief) -> Script:
    """A question, with answers, that tries to ping, to link, to reach a terminal and a database."""
    question = single_choice(
        f"<!channel> <@U0000VICTIM> {RTL_OVERRIDE}?si hcihW\r\n\x1b[31m[x](javascript:alert(1))",
        "'); DROP TABLE runs; --",
        "<!here> " + "now " * 60,
        "<https://evil.example|slack.com>",
    )
    return Script(status="needs_input", steps=2, text=HOSTILE_TEXT, questions=(question,))


def hostile(_: Brief) -> Script:
    """Prose, names and cells that try to ping, to link, to compute and to turn text around."""
    columns = (
        ColumnSpec("Name <!channel>", "name"),
        ColumnSpec('=cmd|"/C calc"!A0', "formula", "enrichment"),
        ColumnSpec("Fit", "fit", "score"),
    )
    leads = tuple(
        LeadSpec({"name": cell, "formula": cell, "fit": 99 - number})
        for number, cell in enumerate(HOSTILE_CELLS)
    )
    return Script(
        text=HOSTILE_TEXT,
        effects=(
            CreateTable(1, f"<!channel> *Leads* {RTL_OVERRIDE}txt`", columns, table="hostile"),
            AddLeads(3, leads, table="hostile"),
        ),
        next_actions=(
            next_action("Ping <!channel> & <@U0000VICTIM> " + "now " * 60, "find_more_leads", "../../etc"),
            next_action("[run](javascript:alert(1))"),
        ),
        questions=(),
    )


def odd(brief: Brief) -> Script:
    """An unknown action, next action and question, missing `object`, nulls, and cells that hold objects."""
    columns = (
        ColumnSpec("Name", "name"),
        ColumnSpec("Full address", "full-address", "enrichment"),
        ColumnSpec("Tags", "tags", "enrichment"),
        ColumnSpec("Internal", None, "enrichment"),
    )
    leads = tuple(
        LeadSpec(
            {
                "name": str(brief.values().get("name") or brief.values().get("business")),
                "full-address": {
                    "street": f"{number} Mill Lane",
                    "state": "TX",
                    "geo": {"lat": 30.2, "lng": -97.7},
                },
                "tags": ["b2b", number, None, {"nested": True}],
            }
        )
        for number in range(1, 6)
    )
    question = single_choice("Which of these?", "The first", "The second")
    return Script(
        status="needs_input",
        text="Something unusual happened.",
        effects=(
            CreateTable(1, f"{brief.place} Oddities", columns, table="odd"),
            AddLeads(3, leads, table="odd"),
            Record(4, {"type": "leads_scored", "count": 5}, table="odd"),
        ),
        questions=({**question, "type": "multi-choice"},),
        next_actions=(
            next_action("Book a meeting", "book_meeting"),
            next_action("Find more", "find_more_leads"),
        ),
        distort=_without_names,
    )


def _without_names(run: Json) -> None:
    run.pop("object", None)
    run["workspaceId"] = None
    run["surprise"] = {"nobody": "expected this"}
    for table in (run["response"] or {}).get("tables", []):
        table.pop("object", None)
        for column in table["columns"]:
            column.pop("object", None)


def unknown_status(brief: Brief) -> Script:
    """Ends in a status that is in no document."""
    return Script(status="paused_for_review", text="Waiting.", effects=brief.work(brief.leads(4)))


def early_response(brief: Brief) -> Script:
    """Shows a response, with the actions so far, while it is still running."""
    leads = brief.leads(brief.wanted)
    return Script(
        text=f"Finished: {len(leads)} leads.",
        partial_text="So far I have looked at a few sources.",
        effects=brief.work(leads),
    )


def each_action(brief: Brief) -> Script:
    """Lists each of the nine types of action once or more."""
    records = (
        Record(3, {"type": "columns_updated"}),
        Record(4, {"type": "columns_deleted", "count": 1, "deletedAt": None}),
        Record(4, {"type": "columns_restored", "count": 1}),
        Record(4, {"type": "column_added", "columnId": None, "columnName": "Notes"}),
        Record(5, {"type": "leads_restored", "count": 1}),
        Record(5, {"type": "table_restored", "tableName": brief.table_name}),
    )
    effects = (*brief.work(brief.leads(8)), DeleteLeads(5, 2), *records)
    return Script(text="Many small changes.", effects=effects)


def slow(brief: Brief) -> Script:
    """Takes 48 steps, reported within the plan's cap."""
    leads = brief.leads(brief.wanted)
    return Script(
        steps=48,
        reported_steps=min(48, brief.step_cap - 1),
        text=f"That took a while: {len(leads)} leads.",
        effects=tuple(replace(effect, at=effect.at * 8) for effect in brief.work(leads)),
    )


def forever(brief: Brief) -> Script:
    """Works on the table, then runs on until somebody cancels it."""
    return Script(steps=None, text=None, effects=brief.work(brief.leads(5)))
