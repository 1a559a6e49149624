"""Details fit into Slack whatever Origami says, ping nobody, and say what they know."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_slack.validation import validate_view
from bot.views.blocks import weight
from bot.views.details import STATS, TRANSCRIPT, Page, loading_modal, untold_modal
from bot.views.economics import economics_modal, stages
from bot.views.times import Reader
from bot.views.transcript import transcript_modal
from tests.unit.views.golden_files import assert_golden
from tests.unit.views.rules import _assert_tame, _mrkdwn, shown
from tests.unit.views.samples import FOUNDERS, SCRATCH, a_result, a_table, an_action
from tests.unit.views.strategies import NAME, TEXT

quick = settings(max_examples=60, deadline=None)
READER = Reader("en-GB", "Europe/London")
GERMAN = Reader("de-DE", "Europe/Berlin")


def a_source(source_name="Web research", leads=132, **changes):
    economics = {"avgCreditsPerLead": 0.57, "totalCredits": 75.24, "source": "historical"}
    return {"id": "s", "name": source_name, "totalLeads": leads} | economics | changes


def some_stats(**changes):
    qualification = {
        "rate": 0.0505,
        "fetchRate": 0.0667,
        "qualifiedLeads": 10,
        "effectiveLeadsPerQualified": 19.8,
        "estimatedQualifiedLeads": 40,
    }
    funnel = {
        "totalSourcedLeads": 198,
        "postStaticLeads": 150,
        "dedupedLeads": 30,
        "dedupRate": 0.1515,
        "excludedLeads": 18,
        "excludedRate": 0.0909,
    }
    return {
        "creditsPerLead": 0.568,
        "creditsPerQualifiedLead": 11.25,
        "findMoreEstimatedCredits": 11.36,
        "qualification": qualification,
        "funnel": funnel,
        "running": {"runningLeads": 0, "oldestActiveRunStartedAt": None},
        "leadSources": [a_source(), a_source("Company registers", 66, source="estimate", totalCredits=None)],
        "hasUnknownTotalWithMore": True,
    } | changes


def rich_table(**changes):
    return a_table(**{"leads": 150, "stats": some_stats(), "credits": {"lifetimeUsed": 112.5}} | changes)


def a_run_with(*tables):
    return a_result(actions=[an_action(leadCount=150)], tables=tables)


def numbers(*tables, **more):
    return economics_modal("run-1", a_run_with(*tables), READER, **more)


def a_message(role="assistant", content="", **fields):
    return {"role": role, "content": content} | fields


def spoken(*messages, truncated=False):
    response = {"transcript": list(messages), "transcriptTruncated": truncated}
    return a_result(response=response)


def transcript(*messages, number=0, left_out=0, **more):
    page = Page("run-1", TRANSCRIPT, number)
    return transcript_modal(page, spoken(*messages, **more), READER, left_out=left_out)


CONVERSATION = [
    a_message("user", "find 50 SaaS founders in Austin"),
    a_message(content="I search first.", toolCalls=[{"name": "present-plan"}, {"name": "ask-questions"}]),
    a_message("tool", name="present-plan", content=None, result="Shown."),
    a_message(content="Found **18**."),
]
SCRATCHED = rich_table(name="Scratch", table_id=SCRATCH, leads=3, credits={"lifetimeUsed": 1})
BARE = a_table(credits={"lifetimeUsed": 0})
VIEWS = {
    "loading": loading_modal(),
    "numbers": numbers(rich_table()),
    "numbers_all": numbers(rich_table(), SCRATCHED, rise=(FOUNDERS, 12.0), chart="F0CHART"),
    "numbers_without_economics": numbers(BARE),
    "numbers_without_conditions": numbers(rich_table(stats=some_stats(qualification=None))),
    "numbers_while_running": numbers(rich_table(stats=some_stats(running={"runningLeads": 7}))),
    "no_table": numbers(),
    "gone": untold_modal(Page("run-1"), "gone"),
    "later": untold_modal(Page("run-1"), "later"),
    "no_answer": untold_modal(Page("run-1", TRANSCRIPT, 2), "no_answer"),
    "no_key": untold_modal(Page("run-1"), "no_key", {"code": "NO_KEY"}),
    "transcript": transcript(*CONVERSATION),
    "transcript_first": transcript(a_message(content="word " * 3_000)),
    "transcript_last": transcript(
        a_message(content="word " * 3_000, truncated=True), number=9, truncated=True, left_out=3
    ),
    "transcript_none": transcript(),
}


@pytest.mark.parametrize("name", VIEWS)
def test_details_look_as_they_did(name):
    assert_sound_modal(VIEWS[name])
    assert_golden(f"details_{name}", VIEWS[name])


def assert_sound_modal(view):
    assert validate_view(view, "modal") == []
    assert weight(view["blocks"]) < 13_000
    for text in _mrkdwn(view["blocks"]):
        _assert_tame(text)


def test_a_rise_is_marked_as_what_it_is_and_left_out_where_it_is_not_known():
    assert "Risen since before this run*\nabout 12 credits" in shown(VIEWS["numbers_all"]["blocks"])
    assert "What this run cost is not known exactly" in shown(VIEWS["numbers_all"]["blocks"])
    of_another = numbers(rich_table(), rise=(SCRATCH, 12.0))
    assert "Risen" not in shown(of_another["blocks"]) + shown(VIEWS["numbers"]["blocks"])


def test_where_more_is_available_no_total_is_given():
    assert "198 leads, more available" in shown(VIEWS["numbers"]["blocks"])
    assert "expected" not in shown(VIEWS["numbers"]["blocks"])
    known = shown(numbers(rich_table(stats=some_stats(hasUnknownTotalWithMore=False)))["blocks"])
    assert "more available" not in known
    assert "expected in all*\nabout 40" in known


def test_numbers_are_written_as_their_reader_writes_them():
    told = shown(economics_modal("run-1", a_run_with(rich_table()), GERMAN)["blocks"])
    assert "about 0,57 credits" in told
    assert "5,1 %" in told
    assert "15,1 %" in told


@pytest.mark.parametrize("odd", [None, -1, 1e300, "many", [], float("nan")])
def test_a_number_that_cannot_be_is_left_out(odd):
    odd_stats = some_stats(creditsPerLead=odd, creditsPerQualifiedLead=odd, leadSources=[])
    told = shown(numbers(rich_table(stats=odd_stats))["blocks"])
    assert "Credits per" not in told
    assert "198 leads" in told


def test_a_price_too_small_for_two_decimals_is_not_nothing():
    told = shown(numbers(rich_table(stats=some_stats(creditsPerLead=0.0004)))["blocks"])
    assert "under 0.01 credits" in told


def test_five_tables_are_shown_and_the_others_counted():
    main = rich_table(leads=999)
    others = [rich_table(name=f"Other {n}", table_id=f"t{n}", leads=n) for n in range(9)]
    told = shown(numbers(*others, main)["blocks"])
    assert [f"Other {n}" in told for n in range(9)] == [True] * 4 + [False] * 5
    assert "and 5 more tables" in told


@pytest.mark.parametrize(
    ("counts", "worth"),
    [
        ((198, 150, 10), True),
        ((10, 10, 10), False),
        ((10, 0, 0), False),
        ((0, 0, 0), False),
        ((10, 5, 0), True),
    ],
)
def test_a_picture_is_wanted_for_two_different_stages_at_least(counts, worth):
    sourced, left, qualified = counts
    stats = some_stats(
        funnel={"totalSourcedLeads": sourced, "postStaticLeads": left},
        qualification={"qualifiedLeads": qualified},
    )
    found = stages(a_run_with(rich_table(stats=stats)))
    assert [number for _, number in found] == (list(counts) if worth else [])


def test_the_picture_says_the_same_in_words():
    (image,) = [block for block in VIEWS["numbers_all"]["blocks"] if block["type"] == "image"]
    assert image["slack_file"] == {"id": "F0CHART"}
    assert image["alt_text"].endswith(
        "found 198, left after duplicates, exclusions and filters 150, qualified 10"
    )


def test_a_transcript_is_read_to_its_end_page_by_page():
    words = [f"word{n}" for n in range(4_000)]
    messages = [a_message(content=" ".join(words[:3_000])), a_message("user", " ".join(words[3_000:]))]
    read, number = "", 0
    while True:
        view = transcript(*messages, number=number)
        read += shown(view["blocks"]) + " "
        following = [page for label, page in buttons(view) if label == "Next page"]
        if not following:
            break
        assert following[0].number == number + 1
        number += 1
    assert number > 2
    assert [word for word in words if word not in read] == []
    assert [label for label, _ in buttons(view)] == ["Previous page", "Numbers"]


def buttons(view):
    elements = [e for block in view["blocks"] if block["type"] == "actions" for e in block["elements"]]
    return [(element["text"]["text"], Page.read(element["value"])) for element in elements]


def test_what_was_cut_or_left_out_of_a_transcript_is_said_at_its_end():
    last, first = shown(VIEWS["transcript_last"]["blocks"]), shown(VIEWS["transcript_first"]["blocks"])
    for words in ("only a part of this conversation", "3 more messages not shown", "goes on; it is too long"):
        assert words in last
        assert words not in first


@quick
@given(st.sampled_from([STATS, TRANSCRIPT]), st.integers(0, 999_999), st.text())
def test_a_page_is_read_as_it_was_written(part, number, run_id):
    page = Page(run_id, part, number)
    assert Page.read(page.value) == page


@quick
@given(st.text())
def test_whatever_a_button_says_some_page_is_read(value):
    page = Page.read(value)
    assert page.part in {STATS, TRANSCRIPT}
    assert page.number >= 0


AMOUNT = st.none() | st.floats() | st.integers() | NAME
COUNT = st.integers(-5, 10**12)
STATISTICS = st.builds(
    lambda amounts, counts, source, more: some_stats(
        creditsPerLead=amounts[0],
        creditsPerQualifiedLead=amounts[1],
        findMoreEstimatedCredits=amounts[2],
        qualification={"rate": amounts[3], "qualifiedLeads": counts[0], "estimatedQualifiedLeads": counts[1]},
        funnel={
            "totalSourcedLeads": counts[2],
            "postStaticLeads": counts[3],
            "dedupedLeads": counts[4],
            "dedupRate": amounts[4],
        },
        running={"runningLeads": counts[5]},
        leadSources=[a_source(source, counts[0], avgCreditsPerLead=amounts[5])] * (counts[1] % 12),
        hasUnknownTotalWithMore=more,
    ),
    st.lists(AMOUNT, min_size=6, max_size=6),
    st.lists(COUNT, min_size=6, max_size=6),
    NAME,
    st.booleans(),
)
RICH_TABLES = st.lists(
    st.builds(
        lambda table_name, leads, stats, used, table_id: a_table(
            table_name, leads, table_id, stats=stats, credits={"lifetimeUsed": used}
        ),
        NAME,
        COUNT,
        st.none() | STATISTICS,
        AMOUNT,
        st.sampled_from(["t1", "t2", "t3"]),
    ),
    max_size=8,
)


@quick
@given(RICH_TABLES, st.none() | st.floats(0, 1e300), st.none() | st.just("F0CHART"))
def test_whatever_the_numbers_are_they_fit_and_ping_nobody(tables, risen, chart):
    rise = None if risen is None else ("t1", risen)
    assert_sound_modal(economics_modal("run-1", a_run_with(*tables), READER, rise=rise, chart=chart))


JUNK = st.recursive(
    TEXT | st.none() | st.integers(),
    lambda part: st.lists(part) | st.dictionaries(NAME, part),
    max_leaves=4,
)
CALLS = st.lists(st.builds(lambda name: {"name": name}, NAME), max_size=8)
MESSAGES = st.lists(
    st.builds(
        lambda role, content, name, result, calls: a_message(
            role, content, name=name, result=result, toolCalls=calls
        ),
        st.sampled_from(["user", "assistant", "tool", "<!here>", ""]),
        TEXT | JUNK,
        NAME,
        TEXT,
        CALLS | JUNK,
    ),
    max_size=8,
)


@quick
@given(MESSAGES, st.integers(0, 99), st.booleans())
def test_whatever_was_said_a_page_of_it_fits_and_pings_nobody(messages, number, truncated):
    assert_sound_modal(transcript(*messages, number=number, truncated=truncated))


def test_a_flood_of_everything_fits():
    sources = [a_source("S" * 300)] * 50
    floods = [
        rich_table(name="T" * 300, table_id=f"t{n}", stats=some_stats(leadSources=sources)) for n in range(90)
    ]
    view = numbers(*floods, rise=("t0", 1.0), chart="F0CHART")
    assert_sound_modal(view)
    assert "and 42 more sources" in shown(view["blocks"])
    assert len(json.dumps(transcript(*[a_message(content="&" * 10_000)] * 30))) < 250_000
