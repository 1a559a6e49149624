import pytest

from bot.sandbox.local_origami import SCENARIOS, LocalOrigami
from tests.integration.local_origami.caller import Caller

CLEAN = "find 50 SaaS founders in Austin who raised seed"


async def test_a_run_is_admitted_running_then_counts_steps_then_ends(caller: Caller, origami: LocalOrigami):
    admitted = await caller.create(CLEAN)
    run = admitted.json["run"]

    assert admitted.status == 202
    assert (run["status"], run["response"], run["steps"]) == ("running", None, {"completed": 0, "max": 50})
    assert run["todo"] == {"pendingQuestions": [], "nextActions": []}

    origami.clock.advance(3)
    polled = await caller.poll(run)
    assert polled.headers["Retry-After"] == "15"
    assert polled.json["steps"]["completed"] == 3
    assert polled.json["completedAt"] is None

    origami.clock.advance(3)
    ended = await caller.poll(run)
    assert "Retry-After" not in ended.headers
    assert ended.json["status"] == "completed"
    assert ended.json["completedAt"] > ended.json["startedAt"]


async def test_the_example_brief_leads_to_its_table(caller: Caller):
    run = await caller.run_to_end(CLEAN)

    [table] = run["response"]["tables"]
    assert (table["name"], table["leadCount"]) == ("Austin Seed Founders", 18)
    assert sum(a["leadCount"] for a in run["response"]["actions"] if a["type"] == "leads_added") == 18
    assert {action.get("type") for action in run["todo"]["nextActions"]} == {
        "find_more_leads", "export_csv", "send_messages", None,
    }  # fmt: skip
    assert "**18 founders**" in run["response"]["text"]


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("clean", "completed"),
        ("one question", "needs_input"),
        ("confirm", "needs_input"),
        ("three questions", "needs_input"),
        ("incomplete", "incomplete"),
        ("step cap", "step_cap_hit"),
        ("errored", "errored"),
        ("timed out", "timed_out"),
        ("cancelled", "cancelled"),
        ("unknown status", "paused_for_review"),
        ("forever", "running"),
    ],
)
async def test_each_status_can_be_asked_for(caller: Caller, tag: str, status: str):
    run = await caller.run_to_end(f"{CLEAN} [{tag}]")

    assert run["status"] == status
    if status in ("errored", "timed_out"):
        assert run["response"]["text"] is None
        assert run["response"]["tables"]
    if status == "step_cap_hit":
        assert run["steps"] == {"completed": 50, "max": 50}
    assert len(run["todo"]["pendingQuestions"]) == {
        "one question": 1,
        "confirm": 1,
        "three questions": 3,
    }.get(tag, 0)


@pytest.mark.parametrize("tag", sorted(SCENARIOS))
async def test_each_scenario_answers_again_and_again_with_the_same_run(caller: Caller, tag: str):
    first = await caller.run_to_end(f"find plumbers in Leeds [{tag}]", seconds=100)
    again = await caller.later(first, 0)

    assert again == first


async def test_an_answer_continues_the_agent_to_a_completed_run_and_more_answers_add_leads(caller: Caller):
    asked = await caller.run_to_end("find 25 dental clinics in Leeds")
    assert asked["todo"]["pendingQuestions"][0]["type"] == "single-choice"

    answered = await caller.follow_up(asked, "Private practices only? Private only")
    assert answered["status"] == "completed"
    [table] = answered["response"]["tables"]

    more = await caller.follow_up(answered, "Find 5 more like these")
    [grown] = more["response"]["tables"]
    assert (grown["id"], grown["leadCount"]) == (table["id"], table["leadCount"] + 5)
    before = (await caller.poll(asked)).json
    assert before["status"] == "needs_input"


@pytest.mark.parametrize(
    ("prompt", "action"),
    [
        ("Also find their LinkedIn", "column_added"),
        ("Only keep the best", "leads_deleted"),
        ("Draft a note", "column_added"),
    ],
)
async def test_follow_ups_change_the_table_in_other_ways(caller: Caller, prompt: str, action: str):
    first = await caller.run_to_end(CLEAN)
    then = await caller.follow_up(first, prompt)

    assert [a["type"] for a in then["response"]["actions"]] == [action]


async def test_nothing_boasts_without_having_done_anything(caller: Caller):
    run = await caller.run_to_end("find founders [nothing]")

    assert (run["status"], run["response"]["actions"], run["response"]["tables"]) == ("completed", [], [])
    assert run["response"]["text"]


async def test_cells_keep_filling_after_the_end_and_some_fail(caller: Caller, origami: LocalOrigami):
    run = await caller.run_to_end(f"{CLEAN} [filling]", seconds=6)
    assert run["status"] == "completed"
    table_id = run["response"]["tables"][0]["id"]
    running = run["response"]["tables"][0]["cells"]["running"]
    assert running > 0

    origami.clock.advance(10)
    later = (await caller.get(f"/tables/{table_id}")).json["cells"]["running"]
    assert 0 < later < running

    origami.clock.advance(60)
    assert (await caller.get(f"/tables/{table_id}")).json["cells"] == {"running": 0, "errored": 5}


async def test_the_scratch_table_comes_first(caller: Caller):
    run = await caller.run_to_end(f"{CLEAN} [two tables]")

    assert [table["leadCount"] for table in run["response"]["tables"]] == [3, 18]


async def test_odd_runs_break_the_contract_in_the_announced_ways(caller: Caller):
    run = await caller.run_to_end(f"{CLEAN} [odd]")

    assert "object" not in run
    assert run["workspaceId"] is None
    assert run["response"]["actions"][-1]["type"] == "leads_scored"
    assert run["todo"]["pendingQuestions"][0]["type"] == "multi-choice"
    table = run["response"]["tables"][0]
    assert "object" not in table
    assert table["columns"][-1]["slug"] is None
    rows = (await caller.get(f"/tables/{table['id']}/rows")).json["items"]
    assert rows[0]["cells"]["full-address"]["value"]["state"] == "TX"


async def test_an_early_response_shows_partial_actions_while_running(caller: Caller):
    run = await caller.run_to_end(f"{CLEAN} [early response]", seconds=3)

    assert run["status"] == "running"
    assert run["response"]["text"]
    assert run["response"]["actions"]


async def test_every_type_of_next_action_and_of_action_can_be_seen(caller: Caller):
    suggested = await caller.run_to_end(f"{CLEAN} [each next action]")
    acted = await caller.run_to_end(f"{CLEAN} [each action]")

    assert {action.get("type") for action in suggested["todo"]["nextActions"]} == {
        "upload_csv",
        "find_more_leads",
        "export_csv",
        "input_required",
        "send_messages",
        "schedule_play",
        None,
    }
    assert len({action["type"] for action in acted["response"]["actions"]}) == 9


async def test_cancelling_is_cooperative_and_keeps_what_was_done(caller: Caller, origami: LocalOrigami):
    run = (await caller.create("find plumbers [forever]")).json["run"]
    origami.clock.advance(4.5)

    asked = await caller.post(f"/agents/{run['agentId']}/cancel")
    assert asked.json["run"]["status"] == "running"

    stopped = await caller.later(run, 1)
    assert stopped["status"] == "cancelled"
    assert stopped["steps"]["completed"] == 5
    assert stopped["response"]["tables"][0]["leadCount"] > 0
    again = await caller.post(f"/agents/{run['agentId']}/cancel")
    assert again.json["run"]["status"] == "cancelled"


async def test_a_run_keeps_its_place_when_the_speed_changes(caller: Caller, origami: LocalOrigami):
    run = (await caller.create("find plumbers in Leeds [slow]")).json["run"]
    origami.clock.advance(8)
    origami.clock.set_speed(10)
    origami.clock.advance(4)

    ended = (await caller.poll(run)).json
    assert ended["status"] == "completed"
    assert origami.runs[0].completed == pytest.approx(origami.runs[0].started + 12)


async def test_runs_cost_credits_and_leads_beyond_the_wallet_stay_unfilled(
    caller: Caller, origami: LocalOrigami
):
    origami.orgs["local"].credits = 6.0
    run = await caller.run_to_end(CLEAN)

    assert (await caller.get("/account/credits")).json["balance"] == 0.0
    assert run["response"]["tables"][0]["cells"]["errored"] == 10 * 3
    assert (await caller.create(CLEAN)).code == "INSUFFICIENT_CREDITS"


async def test_the_same_seed_invents_the_same_leads_under_new_ids(caller: Caller):
    first, second = [await caller.run_to_end(CLEAN) for _ in range(2)]
    pages = [
        (await caller.get(f"/tables/{run['response']['tables'][0]['id']}/rows")).json["items"]
        for run in (first, second)
    ]

    assert [row["cells"] for row in pages[0]] == [row["cells"] for row in pages[1]]
    assert {row["id"] for row in pages[0]}.isdisjoint(row["id"] for row in pages[1])
