import gzip
from datetime import UTC, datetime

import orjson
import pytest

from bot.origami import (
    AgentBusy,
    KeyRefused,
    MalformedAnswer,
    NotFound,
    Origami,
    RunNotFound,
    Unavailable,
    agent_body,
    client,
    run_body,
)
from tests.unit.origami import samples
from tests.unit.origami.fake import KEY

A, R, T = samples.AGENT_ID, samples.RUN_ID, samples.TABLE_ID


async def test_a_new_agent_is_posted_with_key_body_and_idempotency_key(fake, origami):
    fake.tell({"agent": samples.agent(), "run": samples.run(), "workspace": {}}, 202)
    body = agent_body("Find clinics", name="Clinics")
    admission = await origami.create_agent(body, idempotency_key="k-1")
    assert (admission.agent.id, admission.run.id, admission.run.status) == (A, R, "running")
    assert (fake.last.method, fake.last.path, fake.last.body) == ("POST", "/api/v2/agents", body)
    assert fake.last.headers["idempotency-key"] == "k-1"
    assert fake.last.headers["authorization"] == f"Bearer {KEY}"
    assert fake.last.headers["content-type"] == "application/json"


@pytest.mark.parametrize("agent", [None, {}, {"name": "no id"}])
async def test_an_admission_without_agent_is_known_by_its_run(fake, origami, agent):
    fake.tell({"agent": agent, "run": samples.run()}, 202)
    assert (await origami.create_agent(b"{}", idempotency_key="k")).agent.id == A


async def test_an_admission_without_run_may_have_happened(fake, origami):
    fake.tell({"agent": samples.agent()}, 202)
    with pytest.raises(MalformedAnswer) as refused:
        await origami.create_agent(b"{}", idempotency_key="k")
    assert refused.value.uncertain


@pytest.mark.parametrize("wrapped", [True, False])
async def test_a_follow_up_run_is_posted_to_its_agent(fake, origami, wrapped):
    fake.tell({"run": samples.run()} if wrapped else samples.run(), 202, Idempotency_Replay="true")
    run = await origami.send_run(A, run_body("more"), idempotency_key="k-2")
    assert run.id == R
    assert fake.last.path == f"/api/v2/agents/{A}/runs"
    assert fake.last.body == b'{"prompt":"more"}'


@pytest.mark.parametrize("key", ["", "two words", "x" * 256, "a\r\nEvil: 1", "schlüssel"])
async def test_an_impossible_idempotency_key_never_leaves(fake, origami, key):
    with pytest.raises(ValueError, match="idempotency key"):
        await origami.send_run(A, b"{}", idempotency_key=key)
    assert fake.asked == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("15", 15.0), ("Sun, 22 Nov 2026 20:00:30 GMT", 30.0), ("soon", None), (None, None)],
)
async def test_a_poll_gives_the_run_and_its_pace(fake, http, header, seconds):
    now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    origami = Origami(http, base_url=fake.base_url + "/", key=KEY, now=lambda: now)
    fake.tell(samples.run(), 200, **({"Retry_After": header} if header else {}))
    polled = await origami.run(A, R, include=("stats", "transcript"))
    assert (polled.run.id, polled.retry_after) == (R, seconds)
    assert fake.last.path == f"/api/v2/agents/{A}/runs/{R}"
    assert fake.last.query == {"include": "stats,transcript"}
    assert "content-type" not in fake.last.headers


@pytest.mark.parametrize("answer", [{"run": None}, {}])
async def test_cancelling_an_agent_that_never_ran_gives_nothing(fake, origami, answer):
    fake.tell(answer)
    assert await origami.cancel(A) is None
    assert (fake.last.method, fake.last.path, fake.last.body) == ("POST", f"/api/v2/agents/{A}/cancel", b"")


async def test_a_cancelled_run_can_still_be_running(fake, origami):
    fake.tell({"run": samples.run()})
    assert (await origami.cancel(A)).status == "running"


def summary(run_id, started_at):
    return {"id": run_id, "status": "completed", "startedAt": started_at}


async def test_runs_come_newest_first_from_all_pages_once(fake, origami):
    fake.tell({"items": [summary("b", "2026-07-02T00:00:00Z"), summary("x", None)], "nextCursor": "c 2"})
    fake.tell({"items": [summary("c", "2026-07-03T00:00:00Z"), summary("b", None), {}], "nextCursor": None})
    assert [run.id for run in await origami.runs(A)] == ["c", "b", "x"]
    assert [asked.query for asked in fake.asked] == [{"limit": "100"}, {"limit": "100", "cursor": "c 2"}]


async def test_a_list_that_starts_over_is_not_followed_for_ever(fake, origami):
    for _ in range(2):
        fake.tell({"items": [summary("a", None)], "nextCursor": "again"})
    assert len(await origami.runs(A)) == 1
    assert len(fake.asked) == 2


async def test_an_endless_list_ends_at_the_bound(fake, origami):
    for page in range(5):
        fake.tell({"items": [summary(f"r{page}", None)], "nextCursor": f"c{page}"})
    assert len(await origami.runs(A)) == len(fake.asked) == client.PAGES


async def test_the_old_list_shape_is_read_and_followed(fake, origami):
    fake.tell({"agents": [samples.agent()], "pagination": {"page": 1, "hasMore": True}})
    fake.tell({"agents": [samples.agent(id="a2")], "pagination": {"page": 2, "hasMore": False}})
    assert [agent.id for agent in await origami.agents(search="#tok en")] == [A, "a2"]
    assert fake.last.query == {"limit": "100", "search": "#tok en", "page": "2"}


async def test_an_agent_says_its_last_run(fake, origami):
    fake.tell(samples.agent(lastRun=samples.run(response=7)))
    assert (await origami.agent(A)).last_run.id == R


async def test_half_an_emoji_in_a_cut_prompt_does_not_lose_the_agent(fake, origami):
    fake.tell(b'{"id":"a","name":"x","lastRun":{"id":"r","status":"running","prompt":"Find \\ud83d..."}}')
    assert (await origami.agent("a")).last_run.prompt == "Find \ufffd..."


async def test_bytes_that_are_no_utf8_do_not_lose_the_answer(fake, origami):
    fake.tell(b'{"id":"a","name":"caf\xe9"}')
    assert (await origami.agent("a")).name == "caf\ufffd"


async def test_tables_and_one_table_with_its_stats(fake, origami):
    fake.tell({"items": [samples.table(), {"broken": 1}], "nextCursor": "more"})
    assert [table.id for table in await origami.tables()] == [T]
    fake.tell(samples.table(stats={"creditsPerLead": 1.5}))
    assert (await origami.table(T, stats=True)).stats.credits_per_lead == 1.5
    assert fake.last.query == {"include": "stats"}


async def test_rows_are_the_saved_view_page_by_page(fake, origami):
    rows = [{"id": f"r{n}", "cells": {"name": {"type": "scalar", "value": n}}} for n in range(2)]
    fake.tell({"object": "list", "items": [*rows, "junk"], "nextCursor": "n", "total": 10})
    page = await origami.rows(T, cursor="c", limit=500)
    assert ([row.text("name") for row in page.rows], page.next_cursor, page.total) == (["0", "1"], "n", 10)
    assert fake.last.query == {"limit": "200", "cursor": "c"}
    assert fake.last.path == f"/api/v2/tables/{T}/rows"


async def test_account_and_credits(fake, origami):
    fake.tell({"plan": {"id": "pro", "name": "Pro"}, "capabilities": {"concurrentAgents": 3}})
    assert (await origami.account()).capabilities.concurrent_agents == 3
    fake.tell({"object": "credits", "balance": 2997.75, "currency": "credits"})
    assert (await origami.credits()).balance == 2997.75
    assert [asked.path for asked in fake.asked] == ["/api/v2/account", "/api/v2/account/credits"]


@pytest.mark.parametrize("odd", ["a/../../account", "a?b=c#d", "a%2e b", "é😀", "..%2f", "\ud800"])
async def test_an_odd_id_stays_one_segment_of_the_path(fake, origami, odd):
    fake.tell(samples.agent())
    await origami.agent(odd)
    assert fake.last.path.startswith("/api/v2/agents/")
    assert fake.last.path.count("/") == 4
    assert fake.last.query == {}


@pytest.mark.parametrize("odd", ["", ".", ".."])
async def test_an_id_that_would_lead_elsewhere_is_not_found(fake, origami, odd):
    with pytest.raises(NotFound):
        await origami.run(A, odd)
    assert fake.asked == []


async def test_an_error_comes_with_its_request_id_and_fields(fake, origami):
    fake.tell({"error": "busy", "code": "AGENT_BUSY", "currentRun": {"id": "v2_run-2"}}, 409)
    with pytest.raises(AgentBusy) as refused:
        await origami.send_run(A, b"{}", idempotency_key="k")
    assert (refused.value.current_run, refused.value.request_id) == ("v2_run-2", "req-1")
    fake.tell({"error": "gone", "code": "RUN_NOT_FOUND"}, 404)
    with pytest.raises(RunNotFound):
        await origami.run(A, R)


@pytest.mark.parametrize(
    "body", [b"<html>maintenance</html>", b'{"id": "cut', b"", b"null", b"[]", b'"run"', b"[" * 100_000]
)
async def test_a_200_that_is_no_run_is_malformed(fake, origami, body):
    fake.tell(body)
    with pytest.raises(MalformedAnswer):
        await origami.run(A, R)


async def test_an_answer_that_is_no_list_is_malformed(fake, origami):
    fake.tell({"id": "x"})
    with pytest.raises(MalformedAnswer):
        await origami.runs(A)


async def test_an_answer_beyond_the_limit_is_not_read_to_its_end(fake, origami, monkeypatch):
    monkeypatch.setattr(client, "ANSWER_BYTES", 1_000_000)
    bomb = gzip.compress(orjson.dumps({"id": "x" * 50_000_000}), 1)
    fake.tell(bomb, 200, Content_Encoding="gzip")
    with pytest.raises(MalformedAnswer, match="more than 1,000,000 bytes"):
        await origami.agent(A)
    fake.tell(b"x" * 2_000_000, 404)
    with pytest.raises(Unavailable):
        await origami.agent(A)


async def test_a_compressed_answer_is_read_and_a_broken_one_is_unavailable(fake, origami):
    fake.tell(gzip.compress(orjson.dumps(samples.agent())), 200, Content_Encoding="gzip")
    assert (await origami.agent(A)).id == A
    fake.tell(b"not gzip", 200, Content_Encoding="gzip")
    with pytest.raises(Unavailable):
        await origami.agent(A)


async def test_a_redirect_is_not_followed_with_the_key(fake, origami):
    fake.tell(b"", 302, Location=f"{fake.base_url}/elsewhere")
    with pytest.raises(Unavailable) as refused:
        await origami.agent(A)
    assert refused.value.status == 302
    assert len(fake.asked) == 1


async def test_a_cookie_set_for_one_key_is_not_sent_with_another(fake, http):
    base_url = fake.base_url.replace("127.0.0.1", "localhost")  # cookie jars pass over bare addresses anyway
    for key in ("og_live_one", "og_live_two"):
        fake.tell(samples.agent(), 200, Set_Cookie="session=one; Path=/")
        await Origami(http, base_url=base_url, key=key).agent(A)
    assert [asked.headers["authorization"] for asked in fake.asked] == [
        "Bearer og_live_one",
        "Bearer og_live_two",
    ]
    assert not any("cookie" in asked.headers for asked in fake.asked)


@pytest.mark.parametrize("key", ["", "og_live_a\nb", "og_live_a b", "og_live_é"])
async def test_an_impossible_key_is_refused_without_asking(fake, http, key):
    with pytest.raises(KeyRefused):
        await Origami(http, base_url=fake.base_url, key=key).account()
    assert fake.asked == []


async def test_the_key_is_in_no_message_and_no_repr(fake, origami):
    fake.tell({"error": f"Invalid API key {KEY}", "code": "UNAUTHORIZED"}, 401)
    with pytest.raises(KeyRefused) as refused:
        await origami.account()
    assert refused.value.message == "Invalid API key [key]"
    assert KEY not in repr(refused.value) + repr(vars(refused.value)) + repr(origami)
