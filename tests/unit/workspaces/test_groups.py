"""Who is in a user group: as Slack tells, remembered for a while, and never a failure."""

import asyncio

from slack_sdk.errors import SlackApiError

from bot.grants import Grants
from bot.workspaces.groups import KEEP_SECONDS, MOST_OFFERED, Group, Groups


class Slack:
    """Answers like Slack, and counts how often it is asked."""

    def __init__(self, groups=None, error=None):
        self.groups, self.error, self.asked = groups or {}, error, []

    async def usergroups_users_list(self, *, usergroup):
        self.asked.append(usergroup)
        if self.error:
            raise self.error
        if usergroup not in self.groups:
            raise SlackApiError("no", {"ok": False, "error": "no_such_subteam"})
        return {"ok": True, "users": self.groups[usergroup]}

    async def usergroups_list(self):
        if self.error:
            raise self.error
        listed = [{"id": one, "name": one.lower(), "handle": one} for one in self.groups]
        return {"ok": True, "usergroups": listed}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


async def test_the_groups_that_a_person_is_in_are_found_and_remembered():
    clock, slack = Clock(), Slack({"S1": ["U1"], "S2": ["U2"]})
    groups = Groups(clock)
    assert await groups.of_person(slack, "T1", "U1", ["S1", "S2"]) == {"S1"}
    assert await groups.of_person(slack, "T1", "U2", ["S1", "S2"]) == {"S2"}
    assert sorted(slack.asked) == ["S1", "S2"]
    clock.now = KEEP_SECONDS
    await groups.of_person(slack, "T1", "U2", ["S1"])
    assert len(slack.asked) == 3


async def test_another_workspaces_group_is_another_group():
    groups = Groups()
    assert await groups.of_person(Slack({"S1": ["U1"]}), "T1", "U1", ["S1"]) == {"S1"}
    assert await groups.of_person(Slack({"S1": []}), "T2", "U1", ["S1"]) == frozenset()


async def test_a_group_that_is_gone_has_nobody_in_it():
    assert await Groups().of_person(Slack(), "T1", "U1", ["S1"]) == frozenset()


async def test_what_slack_does_not_tell_is_not_taken_for_an_answer():
    missing = Slack(error=SlackApiError("no", {"ok": False, "error": "missing_scope"}))
    groups = Groups()
    assert await groups.of_person(missing, "T1", "U1", ["S1"]) is None
    assert await groups.of_person(missing, "T1", "U1", []) == frozenset()
    assert await groups.listed(missing) is None
    assert await groups.of_person(Slack({"S1": ["U1"]}), "T1", "U1", ["S1"]) == {"S1"}


async def test_where_the_scope_was_not_granted_slack_is_not_asked():
    slack, grants = Slack({"S1": ["U1"]}), Grants()
    slack.token, slack.retry_handlers = "xoxb-1", [grants]
    grants.note("xoxb-1", ["chat:write"])
    groups = Groups()
    assert await groups.of_person(slack, "T1", "U1", ["S1"]) is None
    assert await groups.listed(slack) is None
    assert slack.asked == []
    grants.note("xoxb-1", ["chat:write", "usergroups:read"])
    assert await groups.of_person(slack, "T1", "U1", ["S1"]) == {"S1"}


async def test_a_slack_that_does_not_answer_is_not_waited_for():
    class Silent:
        async def usergroups_users_list(self, *, usergroup):
            await asyncio.Event().wait()

        async def usergroups_list(self):
            await asyncio.Event().wait()

    groups = Groups(look_up_seconds=0.01)
    assert await groups.of_person(Silent(), "T1", "U1", ["S1"]) is None
    assert await groups.listed(Silent()) is None


async def test_groups_are_offered_by_name_and_no_more_than_a_menu_takes():
    assert await Groups().listed(Slack({"SB": [], "SA": []})) == [
        Group("SA", "sa", "SA"),
        Group("SB", "sb", "SB"),
    ]
    many = Slack({f"S{number}": [] for number in range(MOST_OFFERED + 1)})
    assert len(await Groups().listed(many)) == MOST_OFFERED
