"""What Origami is asked about a run, how often, and what becomes of its answers."""

import pytest

from bot import origami
from bot.results.details import (
    CHARACTERS,
    KEEP_SECONDS,
    MESSAGES,
    MOST_KEPT,
    Details,
    Part,
    Told,
    Untold,
    Why,
)
from storage import budgets
from storage.database import Database
from storage.records import Run, Thread, Watch, Workspace

TABLE = {"id": "t1", "name": "Founders", "credits": {"lifetimeUsed": 12.5}}


def a_run(tables=(TABLE,), transcript=()):
    response = {"tables": list(tables), "transcript": list(transcript), "transcriptTruncated": True}
    return origami.Run.read({"id": "o1", "status": "completed", "response": response})


class Origami:
    """Stands where Origami's client stands."""

    def __init__(self, run=None, error=None):
        self.answer, self.error, self.asked = run or a_run(), error, []

    async def run(self, agent_id, run_id, *, include):
        self.asked.append((agent_id, run_id, *include))
        if self.error:
            raise self.error
        return origami.Polled(self.answer, None)


class Connections:
    def __init__(self, client):
        self._client = client

    def client(self, workspace):
        return self._client

    def budget_name(self, workspace):
        return "key"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
async def db(sqlite_url):
    database = Database(sqlite_url)
    async with database.write() as session:
        for place in ("w1", "w2"):
            session.add(Workspace(id=place, team_id=f"T{place}"))
        await session.flush()
        session.add(Thread(id="t", workspace_id="w1", channel_id="C", requester_id="U"))
        await session.flush()
        its = {
            "workspace_id": "w1",
            "thread_id": "t",
            "requester_id": "U",
            "source": "command",
            "prompt": "p",
        }
        session.add(Run(id="r1", agent_id="a1", origami_run_id="o1", **its))
        session.add(Run(id="never-sent", **its))
    yield database
    await database.close()


W1, W2 = Workspace(id="w1", team_id="Tw1"), Workspace(id="w2", team_id="Tw2")


def details(db, client, clock=None):
    return Details(db, Connections(client), clock or Clock())


async def watched(db, **its):
    async with db.write() as session:
        session.add(Watch(run_id="r1", workspace_id="w1", **its))


async def test_each_part_is_asked_for_once_a_minute(db):
    clock, client = Clock(), Origami()
    asking = details(db, client, clock)
    for _ in range(3):
        await asking.ask(W1, "r1", Part.STATS)
        await asking.ask(W1, "r1", Part.TRANSCRIPT)
    assert client.asked == [("a1", "o1", "stats"), ("a1", "o1", "transcript")]
    clock.now = KEEP_SECONDS
    await asking.ask(W1, "r1", Part.STATS)
    assert len(client.asked) == 3


@pytest.mark.parametrize(("workspace", "run_id"), [(W2, "r1"), (W1, "nobody's"), (W1, "never-sent")])
async def test_another_workspaces_run_or_one_that_never_was_is_not_asked_about(db, workspace, run_id):
    client = Origami()
    asking = details(db, client)
    await asking.ask(W1, "r1", Part.STATS)
    assert await asking.ask(workspace, run_id, Part.STATS) == Untold(Why.GONE)
    assert len(client.asked) == 1


async def test_when_the_minute_is_spent_nothing_is_asked_until_it_has_passed(db):
    client = Origami()
    async with db.write() as session:
        await budgets.spend(session, "key", want=60, ceiling=60)
    asking = details(db, client)
    assert await asking.ask(W1, "r1", Part.STATS) == Untold(Why.LATER)
    assert client.asked == []


async def test_each_request_counts(db):
    await details(db, Origami()).ask(W1, "r1", Part.STATS)
    async with db.write() as session:
        assert await budgets.spend(session, "key", want=100, ceiling=60) == 59


async def test_without_a_key_nothing_is_asked(db):
    assert await details(db, None).ask(W1, "r1", Part.STATS) == Untold(Why.NO_KEY)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (origami.Unavailable("down"), Why.NO_ANSWER),
        (origami.MalformedAnswer("html"), Why.NO_ANSWER),
        (origami.TooManyRequests("slow down", status=429), Why.LATER),
        (origami.RunNotFound("no", status=404), Why.LOST),
        (origami.KeyRefused("no", status=401), Why.REFUSED),
    ],
)
async def test_an_error_says_why_and_is_not_kept(db, error, why):
    client = Origami(error=error)
    asking = details(db, client)
    assert await asking.ask(W1, "r1", Part.STATS) == Untold(why, error)
    client.error = None
    assert isinstance(await asking.ask(W1, "r1", Part.STATS), Told)


@pytest.mark.parametrize(
    ("watch", "rise"),
    [
        (None, None),
        ({"table_id": "t1", "credits_before": 2.5}, ("t1", 10.0)),
        ({"table_id": "t1", "credits_before": 12.5}, ("t1", 0.0)),
        ({"table_id": "t1"}, None),
        ({"table_id": "t1", "credits_before": 13.0}, None),
        ({"table_id": "another", "credits_before": 1.0}, None),
    ],
)
async def test_a_rise_is_told_where_the_total_before_the_run_is_known(db, watch, rise):
    if watch:
        await watched(db, **watch)
    told = await details(db, Origami()).ask(W1, "r1", Part.STATS)
    assert told.rise == rise


async def test_a_transcript_is_cut_to_what_anybody_reads_and_says_so(db):
    flood = [{"role": "assistant", "content": "x" * 50_000}] * 500
    told = await details(db, Origami(a_run(transcript=flood))).ask(W1, "r1", Part.TRANSCRIPT)
    kept = told.run.response.transcript
    assert sum(len(message.content) for message in kept) <= CHARACTERS
    assert all(message.truncated for message in kept)
    assert len(kept) + told.left_out == 500
    assert told.run.response.transcript_truncated
    many = [{"role": "user", "content": "hello"}] * 500
    told = await details(db, Origami(a_run(transcript=many))).ask(W1, "r1", Part.TRANSCRIPT)
    assert (len(told.run.response.transcript), told.left_out) == (MESSAGES, 500 - MESSAGES)
    assert not any(message.truncated for message in told.run.response.transcript)


async def test_what_is_kept_has_an_end(db):
    asking = details(db, Origami())
    await asking.ask(W1, "r1", Part.STATS)
    kept = asking._kept["w1", "r1", Part.STATS]
    asking._kept |= {("w1", str(number), Part.STATS): kept for number in range(MOST_KEPT)}
    await asking.ask(W1, "r1", Part.TRANSCRIPT)
    assert len(asking._kept) == MOST_KEPT
