"""What a brief leads to: a tag in [square brackets] says so, else the words, else a clean run."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.sandbox.local_origami.briefs import Brief
from bot.sandbox.local_origami.extremes import (
    big,
    each_action,
    early_response,
    enormous,
    forever,
    hostile,
    hostile_question,
    huge,
    odd,
    slow,
    unknown_status,
)
from bot.sandbox.local_origami.script import (
    AddColumn,
    AddLeads,
    ColumnSpec,
    CreateTable,
    DeleteLeads,
    LeadSpec,
    Script,
    confirm,
    next_action,
    single_choice,
)


@dataclass(frozen=True)
class Scenario:
    """One way a run can go: the tag that asks for it, what a person will see, and its script."""

    tag: str
    shows: str
    script: Callable[[Brief], Script]


def clean(brief: Brief) -> Script:
    """Completed: a table, leads, prose with Markdown, next actions of several types."""
    leads = brief.leads(brief.wanted)
    return Script(
        text=_report(brief, len(leads)), effects=brief.work(leads), next_actions=_suggestions(brief)
    )


def _report(brief: Brief, count: int) -> str:
    return (
        f"## {brief.table_name}\n\n"
        f"I found **{count} {brief.kind}** around {brief.place} and put them into *{brief.table_name}*.\n\n"
        "- Each one was checked against at least two public sources\n"
        "- Those without a findable e-mail address stay in the table, with the cell empty\n"
        "- Best fit first; see the `Fit` column\n\n"
        "1. Look through the first five\n2. Tell me what to leave out\n\n"
        "More about [how fit is scored](https://example.com/fit)."
    )


def _suggestions(brief: Brief) -> tuple[dict[str, object], ...]:
    return (
        next_action(f"Find 20 more {brief.kind}", "find_more_leads", brief.table_slug),
        next_action("Export the table", "export_csv", brief.table_slug),
        next_action("Draft a first message to each of them", "send_messages", brief.table_slug),
        next_action("Add what software each company uses"),
    )


def _one_question(_: Brief) -> Script:
    question = single_choice("Private practices only?", "Private only", "Public and private")
    return Script(status="needs_input", steps=2, text="One thing before I start.", questions=(question,))


def _confirm(brief: Brief) -> Script:
    question = confirm(f"Search for {brief.kind} in {brief.place}, about 40 credits. Go ahead?")
    return Script(status="needs_input", steps=2, text="Here is my plan.", questions=(question,))


def _three_questions(_: Brief) -> Script:
    sizes = ("1-10", "11-50", "51-200", "201-500", "501-1,000", "1,001-5,000", "more than 5,000 people")
    last = "Anyone who signs contracts, such as heads of department, regional directors and franchisees"
    questions = (
        single_choice("Which stage?", "Pre-seed", "Seed", "Series A"),
        single_choice("How large may the company be?", *sizes),
        single_choice("Whom shall I look for?", "Founders", "Heads of sales", last),
    )
    return Script(status="needs_input", steps=2, text="Three things I need to know.", questions=questions)


def _partial(status: str, *, keeps_text: bool, share: float) -> Callable[[Brief], Script]:
    def script(brief: Brief) -> Script:
        leads = brief.leads(max(1, int(brief.wanted * share)))
        text = f"Stopped early. {len(leads)} {brief.kind} are in the table." if keeps_text else None
        return Script(status=status, text=text, effects=brief.work(leads))

    return script


def _step_cap(brief: Brief) -> Script:
    return replace(_partial("step_cap_hit", keeps_text=True, share=0.7)(brief), reported_steps=brief.step_cap)


def _nothing(brief: Brief) -> Script:
    text = (
        f"All done! I found 50 outstanding {brief.kind}, verified every e-mail and added them to your table."
    )
    return Script(text=text, steps=4)


def _filling(brief: Brief) -> Script:
    leads = tuple(
        replace(
            lead,
            settles_after=6 + number,
            errored=frozenset({"work-email", "email"} if number % 4 == 0 else ()),
        )
        for number, lead in enumerate(brief.leads(brief.wanted))
    )
    return Script(
        text=_report(brief, len(leads)), effects=brief.work(leads), next_actions=_suggestions(brief)
    )


def _two_tables(brief: Brief) -> Script:
    scratch = tuple(LeadSpec({"result": f"https://example.com/search?page={page}"}) for page in (1, 2, 3))
    leads = brief.leads(brief.wanted)
    effects = (
        CreateTable(1, "Scratch: raw search results", (ColumnSpec("Result", "result"),), table="scratch"),
        AddLeads(1, scratch, table="scratch"),
        *brief.work(leads),
    )
    return Script(text=_report(brief, len(leads)), effects=effects)


def _each_next_action(brief: Brief) -> Script:
    actions = (
        next_action("Upload your customer list to leave them out", "upload_csv"),
        next_action("Find 20 more", "find_more_leads", brief.table_slug),
        next_action("Export as CSV", "export_csv", brief.table_slug),
        next_action("Tell me who your best customer is", "input_required"),
        next_action("Send the first messages", "send_messages", brief.table_slug),
        next_action("Repeat this every Monday", "schedule_play"),
        next_action("Only keep companies with fewer than 50 people"),
    )
    return replace(clean(brief), next_actions=actions)


def _no_leads(brief: Brief) -> Script:
    table = CreateTable(2, brief.table_name, brief.columns)
    return Script(text="I searched but nobody matched all of your conditions.", effects=(table,))


def _add_column(_: Brief) -> Script:
    column = ColumnSpec("Software", "software", "enrichment")
    effect = AddColumn(
        3, column, lambda values: "CRM, " + ("Helpdesk" if len(str(values)) % 2 else "Billing")
    )
    return Script(text="I added a column **Software** to the table.", effects=(effect,))


def _draft(_: Brief) -> Script:
    effect = AddColumn(3, ColumnSpec("Outreach draft", "outreach-draft", "sequence"), lambda _: "draft")
    return Script(text="A first message is drafted for each lead. Nothing was sent.", effects=(effect,))


def _narrow(_: Brief) -> Script:
    return Script(text="I took out those that do not match.", effects=(DeleteLeads(3, 3),))


SCENARIOS = {
    scenario.tag: scenario
    for scenario in (
        Scenario("clean", "completed: a table, leads, next actions", clean),
        Scenario("one question", "needs input: one question with choices", _one_question),
        Scenario("confirm", "needs input: one approval", _confirm),
        Scenario("three questions", "needs input: three questions, many and long answers", _three_questions),
        Scenario(
            "incomplete",
            "incomplete, although the table is fine",
            _partial("incomplete", keeps_text=True, share=1),
        ),
        Scenario("step cap", "stopped at the plan's step cap", _step_cap),
        Scenario("errored", "failed, without text", _partial("errored", keeps_text=False, share=0.3)),
        Scenario(
            "timed out",
            "over the time limit, without text",
            _partial("timed_out", keeps_text=False, share=0.6),
        ),
        Scenario(
            "cancelled", "stopped by someone in the app", _partial("cancelled", keeps_text=True, share=0.4)
        ),
        Scenario("nothing", "completed, boasts, did nothing", _nothing),
        Scenario("no leads", "completed with an empty table", _no_leads),
        Scenario("filling", "cells keep filling after the end, some fail", _filling),
        Scenario("two tables", "a scratch table before the one that matters", _two_tables),
        Scenario("each next action", "every type of next action", _each_next_action),
        Scenario("each action", "every type of action", each_action),
        Scenario("odd", "types, fields and values that the contract does not name", odd),
        Scenario("unknown status", "ends in a status that nobody knows", unknown_status),
        Scenario("early response", "a response while still running", early_response),
        Scenario("big", "long prose, 150 rows of which 10 match", big),
        Scenario("huge", "far too much of everything", huge),
        Scenario("enormous", "ten megabytes of it", enormous),
        Scenario("hostile question", "a question that pings, links and turns text around", hostile_question),
        Scenario("hostile", "pings, script links, formulas, bidi characters", hostile),
        Scenario("slow", "eight times as long", slow),
        Scenario("forever", "never ends by itself", forever),
    )
}

_WORDS: tuple[tuple[re.Pattern[str], Callable[[Brief], Script]], ...] = (
    (re.compile(r"\b(dental|dentists?|clinics?)\b", re.IGNORECASE), _one_question),
    (re.compile(r"\b(plan|approve)\b", re.IGNORECASE), _confirm),
)
_FOLLOW_UPS: tuple[tuple[re.Pattern[str], Callable[[Brief], Script]], ...] = (
    (re.compile(r"^\s*(draft|write)\b", re.IGNORECASE), _draft),
    (re.compile(r"^\s*(also|add)\b", re.IGNORECASE), _add_column),
    (re.compile(r"^\s*(only|remove|leave out)\b", re.IGNORECASE), _narrow),
)


def script_for(brief: Brief) -> Script:
    """The script of a run: the first known tag decides, then the words, then it is a clean run."""
    tagged = next((SCENARIOS[tag] for tag in brief.tags() if tag in SCENARIOS), None)
    if tagged is not None:
        return tagged.script(brief)
    if brief.answers_a_question or (brief.has_runs and brief.table is None):
        return clean(brief)
    words = _FOLLOW_UPS if brief.has_runs else _WORDS
    return next((script for pattern, script in words if pattern.search(brief.prompt)), clean)(brief)
