"""The account behind a key: asked about at most once a minute, within the key's budget."""

import pytest

from bot.origami import Account, Credits, KeyRefused
from bot.workspaces.account import KEEP_SECONDS, Accounts, Standing
from storage import budgets
from storage.database import Database
from storage.records import Workspace

ACCOUNT, CREDITS = Account.read({"plan": {"name": "Pro"}}), Credits(balance=12.5)
WORKSPACE = Workspace(id="W", team_id="T")


class Origami:
    """Stands where Origami's client stands."""

    def __init__(self, error=None):
        self.error, self.asked = error, 0

    async def account(self):
        self.asked += 1
        if self.error:
            raise self.error
        return ACCOUNT

    async def credits(self):
        return CREDITS


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
    yield database
    await database.close()


def accounts(db, client, clock=None):
    return Accounts(db, Connections(client), clock or Clock())


async def test_what_origami_says_is_kept_for_a_minute(db):
    clock, origami = Clock(), Origami()
    asking = accounts(db, origami, clock)
    assert asking.known(WORKSPACE) is None
    assert await asking.ask(WORKSPACE) == Standing(account=ACCOUNT, credits=CREDITS)
    assert asking.known(WORKSPACE) == await asking.ask(WORKSPACE)
    assert origami.asked == 1
    clock.now = KEEP_SECONDS
    assert asking.known(WORKSPACE) is None
    await asking.ask(WORKSPACE)
    assert origami.asked == 2


async def test_a_refusal_is_kept_too(db):
    error = KeyRefused("no")
    origami = Origami(error)
    asking = accounts(db, origami)
    for _ in range(2):
        assert (await asking.ask(WORKSPACE)).error is error
    assert origami.asked == 1


async def test_without_a_key_nobody_is_asked(db):
    assert await accounts(db, None).ask(WORKSPACE) == Standing(has_key=False)


async def test_runs_come_before_curiosity(db):
    async with db.write() as session:
        await budgets.spend(session, "key", want=59, ceiling=80)
    origami = Origami()
    assert await accounts(db, origami).ask(WORKSPACE) == Standing()
    assert origami.asked == 0
