import csv
import io
import json
from urllib.parse import quote

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_origami.pages import page
from tests.integration.local_origami.caller import Caller


async def read_all(caller: Caller, path: str, limit: int) -> list[dict]:
    items: list[dict] = []
    cursor = ""
    while True:
        answer = (await caller.get(f"{path}&limit={limit}&cursor={cursor}")).json
        items += answer["items"]
        if answer["nextCursor"] is None:
            return items
        cursor = quote(answer["nextCursor"])


async def table_of(caller: Caller, prompt: str) -> str:
    run = await caller.run_to_end(prompt)
    return run["response"]["tables"][-1]["id"]


async def test_the_saved_view_shows_the_leads_that_fit_best_first(caller: Caller):
    table_id = await table_of(caller, "find founders [big]")
    path = f"/tables/{table_id}/rows"

    saved = (await caller.get(path)).json
    assert (saved["total"], len(saved["items"]), saved["nextCursor"]) == (10, 10, None)
    fits = [row["cells"]["fit"]["value"] for row in saved["items"]]
    assert fits == sorted(fits, reverse=True)

    everything = (await caller.get(f"{path}?defaults=false&limit=1000")).json
    assert (everything["total"], len(everything["items"]), everything["nextCursor"]) == (150, 150, None)
    assert (await caller.get(f"/tables/{table_id}")).json["leadCount"] == 150


async def test_pages_together_are_the_whole_without_repeats(caller: Caller):
    table_id = await table_of(caller, "find founders [big]")

    rows = await read_all(caller, f"/tables/{table_id}/rows?defaults=false", limit=40)
    assert len({row["id"] for row in rows}) == len(rows) == 150


async def test_a_bad_cursor_starts_over_and_a_limit_out_of_range_is_moved_into_it(caller: Caller):
    table_id = await table_of(caller, "find founders [big]")
    path = f"/tables/{table_id}/rows?defaults=false"

    first = (await caller.get(f"{path}&limit=1")).json["items"]
    assert (await caller.get(f"{path}&limit=0&cursor=%25%25")).json["items"] == first
    assert len((await caller.get(f"{path}&limit=many")).json["items"]) == 50


async def test_rows_come_typed_flat_or_as_csv(caller: Caller):
    table_id = await table_of(caller, "find 10 plumbers in Leeds")
    path = f"/tables/{table_id}/rows"

    typed = (await caller.get(path)).json["items"][0]
    flat = (await caller.get(f"{path}?cells=flat")).json["items"][0]
    sheet = await caller.get(f"{path}?format=csv")
    assert (typed["object"], typed["cells"]["business"]["type"], typed["cells"]["owner"]["type"]) == (
        "row", "scalar", "value",
    )  # fmt: skip
    assert "object" not in flat
    assert flat["business"] == typed["cells"]["business"]["value"]
    assert sheet.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(sheet.raw.decode())))
    assert len(lines) == 10
    assert lines[0]["Business"] == flat["business"]


async def test_running_and_failed_cells_have_no_value(caller: Caller, origami: LocalOrigami):
    run = await caller.run_to_end("find founders [filling]", seconds=6)
    path = f"/tables/{run['response']['tables'][0]['id']}/rows"

    cell = (await caller.get(path)).json["items"][-1]["cells"]["linkedin"]
    assert (cell["value"], cell["run"]["status"]) == (None, "running")
    assert "linkedin" not in (await caller.get(f"{path}?cells=flat")).json["items"][-1]
    origami.clock.advance(60)
    states = [row["cells"]["work-email"]["run"]["status"] for row in (await caller.get(path)).json["items"]]
    assert states.count("errored") == 3


async def test_filters_and_sort_replace_the_saved_view(caller: Caller):
    table_id = await table_of(caller, "find founders [big]")
    path = f"/tables/{table_id}/rows?limit=200"
    filters = quote(json.dumps([{"column": "fit", "operator": "greater_than_or_equal", "value": 80}]))
    sort = quote(json.dumps({"column": "name", "direction": "asc"}))

    rows = (await caller.get(f"{path}&filters={filters}&sort={sort}")).json["items"]
    assert len(rows) > 10
    assert all(row["cells"]["fit"]["value"] >= 80 for row in rows)
    names = [row["cells"]["name"]["value"] for row in rows]
    assert names == sorted(names)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("filters=[", "INVALID_FILTERS"),
        ('filters=[{"column":"name","operator":"like"}]', "INVALID_FILTERS"),
        ('filters=[{"column":"nope","operator":"is_empty"}]', "UNKNOWN_COLUMN"),
        ('sort={"column":"name"}', "INVALID_SORT"),
        ('sort={"column":"nope","direction":"asc"}', "UNKNOWN_COLUMN"),
    ],
)
async def test_filters_that_cannot_be_read_are_refused(caller: Caller, query: str, code: str):
    table_id = await table_of(caller, "find founders in Austin")
    name, _, value = query.partition("=")

    refused = await caller.get(f"/tables/{table_id}/rows?{name}={quote(value)}")
    assert (refused.status, refused.code) == (400, code)


async def test_tables_columns_and_economics(caller: Caller):
    run = await caller.run_to_end("find 10 founders in Austin")
    table_id = run["response"]["tables"][0]["id"]

    lite = (await caller.get(f"/tables/{table_id}")).json
    rich = (await caller.get(f"/tables/{table_id}?include=stats")).json
    columns = (await caller.get(f"/tables/{table_id}/columns")).json["items"]
    assert "stats" not in lite
    funnel = rich["stats"]["funnel"]
    assert funnel["postStaticLeads"] == 10
    assert funnel["totalSourcedLeads"] == 10 + funnel["dedupedLeads"] + funnel["excludedLeads"] > 10
    sources = rich["stats"]["leadSources"]
    assert sum(source["totalLeads"] for source in sources) == funnel["totalSourcedLeads"]
    assert lite["credits"]["lifetimeUsed"] == sum(c["credits"]["lifetimeUsed"] for c in lite["columns"]) > 0
    assert [column["slug"] for column in columns] == [column["slug"] for column in lite["columns"]]
    polled = await caller.poll(run, include="stats,transcript,nonsense")
    assert "stats" in polled.json["response"]["tables"][0]
    roles = [message["role"] for message in polled.json["response"]["transcript"]]
    assert roles == ["user", "assistant", "tool", "assistant"]
    of_agent = (await caller.get(f"/agents/{run['agentId']}/tables")).json
    assert (of_agent["workspaceId"], of_agent["items"]) == (run["workspaceId"], [lite])
    assert (await caller.get(f"/tables?workspaceId={run['agentId']}")).json["items"] == [lite]


async def test_agents_are_found_by_name_newest_first_a_page_at_a_time(caller: Caller):
    for number in range(5):
        await caller.with_key("og_live_scale").create("find x", name=f"Token-{number} [abc]")
    scale = caller.with_key("og_live_scale")

    names = [agent["name"] for agent in await read_all(scale, "/agents?search=TOKEN-", limit=2)]
    assert names == [f"Token-{number} [abc]" for number in (4, 3, 2, 1, 0)]
    [found] = (await scale.get("/agents?search=token-3")).json["items"]
    assert (found["apiKeyOwned"], found["lastRun"]["status"]) == (True, "running")
    assert (await caller.get("/agents")).json["items"] == []


async def test_a_run_list_cuts_long_prompts_and_the_run_itself_has_them_whole(caller: Caller):
    prompt = "find founders " + "x" * 300
    run = await caller.run_to_end(prompt)
    again = await caller.follow_up(run, "more")

    listed = (await caller.get(f"/agents/{run['agentId']}/runs")).json["items"]
    assert [item["id"] for item in listed] == [again["id"], run["id"]]
    assert len(listed[1]["prompt"]) == 200
    assert listed[1]["prompt"].endswith("…")
    assert run["request"]["prompt"] == prompt


async def test_a_table_has_a_page_for_people_that_disarms_its_cells():
    settings_of_sandbox = LocalOrigamiSettings(app_url=None, step_seconds=0.001, speed=100)
    async with LocalOrigami(settings_of_sandbox) as origami, aiohttp.ClientSession() as http:
        origami.add_key(DEFAULT_KEY)
        caller = Caller(http, origami)
        run = await caller.run_to_end("find founders [hostile]")
        url = run["response"]["tables"][0]["url"]
        assert url.startswith(origami.origin)
        async with http.get(url) as response:
            content = await response.text()

    assert response.status == 200
    assert "&lt;!channel&gt;" in content
    assert "<!channel>" not in content
    assert "All of them are invented" in content


@settings(max_examples=100, deadline=None)
@given(st.lists(st.uuids(), unique=True, max_size=30), st.text(max_size=5), st.text(max_size=5))
def test_any_limit_and_cursor_lead_to_a_page_and_cursors_lead_through_all(ids, limit, cursor):
    items = [str(identifier) for identifier in ids]
    shown, _ = page(items, {"limit": limit, "cursor": cursor}, str)
    assert list(shown) == items[: len(shown)]

    collected: list[str] = []
    following: str | None = ""
    while following is not None:
        shown, following = page(items, {"limit": "7", "cursor": following}, str)
        collected += shown
    assert collected == items


async def test_a_long_transcript_is_cut_and_says_so(caller: Caller):
    run = await caller.run_to_end("find 10 founders in Austin [huge]")
    response = (await caller.poll(run, include="transcript")).json["response"]
    assert response["transcriptTruncated"]
    *others, last = response["transcript"]
    assert last["truncated"]
    assert len(last["content"]) < len(response["text"])
    assert not any(message.get("truncated") for message in others)
