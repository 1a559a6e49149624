"""Who is an admin, and how each person reads: as Slack tells, and never a failure."""

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.workspaces.people import KEEP_SECONDS, MOST_PEOPLE, People, Person

ADMIN = {"team_id": "T1", "is_admin": True, "tz": "Europe/Stockholm", "locale": "sv-SE"}


class Slack:
    """Answers like Slack, and counts how often it is asked."""

    def __init__(self, user=None, error=None):
        self.user, self.error, self.asked = user, error, 0

    async def users_info(self, *, user, include_locale):
        assert include_locale is True
        self.asked += 1
        if self.error:
            raise self.error
        return {"ok": True, "user": {"id": user, **(self.user or {})}}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


async def test_a_person_is_read_as_slack_tells():
    found = await People().find(Slack(ADMIN), "T1", "U1")
    assert found == Person(is_admin=True, time_zone="Europe/Stockholm", locale="sv-SE", is_outsider=False)


@pytest.mark.parametrize("role", ["is_admin", "is_owner", "is_primary_owner"])
async def test_admins_and_owners_are_admins(role):
    assert (await People().find(Slack({"team_id": "T1", role: True}), "T1", "U1")).is_admin


@pytest.mark.parametrize(
    "user",
    [
        {"team_id": "T2", "is_admin": True},
        {"team_id": "T1", "is_admin": True, "is_stranger": True},
        {"team_id": "T1", "is_owner": True, "deleted": True},
        {"team_id": "T1", "is_admin": "true"},
        {"team_id": "T1"},
        {"is_admin": True},
    ],
)
async def test_another_workspaces_admin_is_nobodys_admin_here(user):
    assert not (await People().find(Slack(user), "T1", "U1")).is_admin


async def test_an_admin_of_several_workspaces_of_an_organisation_is_one_in_each():
    user = {"team_id": "T2", "is_admin": True, "enterprise_user": {"teams": ["T1", "T2"]}}
    assert (await People().find(Slack(user), "T1", "U1")).is_admin


@pytest.mark.parametrize("mark", ["is_restricted", "is_ultra_restricted"])
async def test_guests_are_told_by_slacks_marks(mark):
    assert (await People().find(Slack({"team_id": "T1", mark: True}), "T1", "U1")).is_guest
    assert not (await People().find(Slack({"team_id": "T1"}), "T1", "U1")).is_guest


@pytest.mark.parametrize(
    ("user", "outside"),
    [
        ({"team_id": "T1"}, False),
        ({"team_id": "T2"}, True),
        ({"team_id": "T2", "is_stranger": False}, True),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1"], "enterprise_id": "E1"}}, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"], "enterprise_id": "E1"}}, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T2"], "enterprise_id": "E2"}}, True),
    ],
)
async def test_people_of_another_company_are_outside_and_those_of_the_same_organisation_are_not(
    user, outside
):
    found = await People().find(Slack(user), "T1", "U1")
    assert found.is_outside("E1") is outside
    assert found.is_outside("") is (found.is_outsider is True)


async def test_somebody_of_whom_slack_does_not_tell_is_taken_for_an_outsider_and_for_no_guest():
    found = await People().find(Slack(error=RuntimeError()), "T1", "U1")
    assert (found.is_outside(""), found.is_guest) == (True, False)


async def test_slack_is_asked_again_after_a_few_minutes_or_when_it_matters():
    clock, slack = Clock(), Slack(ADMIN)
    people = People(clock)
    for seconds, fresh, asked in ((0, False, 1), (KEEP_SECONDS - 1, False, 1), (KEEP_SECONDS, False, 2)):
        clock.now = seconds
        await people.find(slack, "T1", "U1", fresh=fresh)
        assert slack.asked == asked
    await people.find(slack, "T1", "U1", fresh=True)
    await people.find(slack, "T2", "U1")
    assert slack.asked == 4


@pytest.mark.parametrize("error", [RuntimeError("missing_scope"), TimeoutError(), KeyError("user")])
async def test_somebody_who_cannot_be_looked_up_reads_english_in_utc_and_is_asked_about_again(error):
    people = People()
    assert await people.find(Slack(error=error), "T1", "U1") == Person()
    assert (await people.find(Slack(ADMIN), "T1", "U1")).is_admin


async def test_a_slack_that_does_not_answer_is_not_waited_for():
    class Silent:
        async def users_info(self, *, user, include_locale):
            await asyncio.Event().wait()

    assert await People(look_up_seconds=0.01).find(Silent(), "T1", "U1") == Person()


async def test_what_is_remembered_has_an_end():
    people, slack = People(), Slack(ADMIN)
    for number in range(MOST_PEOPLE + 1):
        await people.find(slack, "T1", f"U{number}")
    await people.find(slack, "T1", f"U{MOST_PEOPLE}")
    assert slack.asked == MOST_PEOPLE + 1
    await people.find(slack, "T1", "U0")
    assert slack.asked == MOST_PEOPLE + 2


async def test_that_slack_does_not_tell_is_logged_when_it_begins_and_when_it_ends():
    people, silent = People(), Slack(error=RuntimeError("missing_scope"))
    with capture_logs() as logs:
        for slack in (silent, silent, Slack(ADMIN), Slack(ADMIN), silent):
            await people.find(slack, "T1", "U1", fresh=True)
    assert [log["event"] for log in logs] == ["people.unknown", "people.known_again", "people.unknown"]
