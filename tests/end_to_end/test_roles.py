"""What admins set about who may start, press and stop, at every way in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from bot.sandbox.local_slack import Fault as SlackFault
from tests.end_to_end.conftest import labels, shown
from tests.end_to_end.wishes import audited, channel_wants, workspace_wants

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message, Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
Way = Callable[["Stage", "Person"], Awaitable[None]]


async def told(person: Person, stage: Stage, count: int = 1) -> Message:
    await stage.slack.until(lambda: len(person.ephemerals) >= count, 15)
    return person.ephemerals[-1]


async def modal_says(person: Person, stage: Stage, words: str) -> None:
    await stage.slack.until(lambda: words in str(person.modal() and person.modal().blocks), 15)  # type: ignore[union-attr]


async def by_command(stage: Stage, person: Person) -> None:
    assert (await person.command("#leads", f"/origami {BRIEF}")).ok


async def by_form(stage: Stage, person: Person) -> None:
    await person.command("#leads", "/origami")
    await stage.slack.until(person.modal)
    assert (await person.submit({"brief": BRIEF})).ok


async def by_message_shortcut(stage: Stage, person: Person) -> None:
    await person.message_shortcut(person.say("#leads", BRIEF), "Find leads from this")
    await stage.slack.until(person.modal)
    assert (await person.submit()).ok


async def by_mention(stage: Stage, person: Person) -> None:
    person.say("#leads", f"@Origami {BRIEF}")


async def by_recurring_brief(stage: Stage, person: Person) -> None:
    await person.command("#leads", "/origami schedule")
    await stage.slack.until(person.modal)
    assert (await person.submit({"prompt": BRIEF})).ok


WAYS: dict[str, Way] = {
    "command": by_command,
    "form": by_form,
    "message shortcut": by_message_shortcut,
    "mention": by_mention,
    "recurring brief": by_recurring_brief,
}
POLICIES: dict[str, tuple[str, dict[str, object], str]] = {
    "a guest": ("guest", {"guests": "may_not"}, "Guests of this workspace may not use Origami"),
    "not listed": ("colleague", {"who_may_start": "listed"}, "Only people whom an admin has named"),
    "elsewhere": ("colleague", {"channels": ("C0SALES0001",)}, "may not be started in this channel"),
}


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("way", WAYS)
async def test_whoever_may_not_start_is_told_why_at_every_way_in(stage: Stage, way: str, policy: str) -> None:
    who, values, words = POLICIES[policy]
    await workspace_wants(stage, **values)
    person, admin = stage.slack.person(who), stage.slack.person("admin")
    await WAYS[way](stage, person)
    if person.modal():
        await modal_says(person, stage, words)
        await modal_says(person, stage, f"<@{admin.id}>")
    else:
        refusal = shown(await told(person, stage))
        assert words in refusal
        assert f"<@{admin.id}>" in refusal
    assert stage.origami.count_admitted_runs() == 0
    [entry] = await audited(stage, "refused")
    assert entry.actor_id == person.id
    assert await audited(stage, "start") == []


async def test_a_direct_message_is_refused_in_its_thread(stage: Stage) -> None:
    await workspace_wants(stage, who_may_start="listed", people=(stage.slack.person("rep").id,))
    colleague = stage.slack.person("colleague")
    asked = colleague.say("dm", BRIEF)
    await stage.slack.until(lambda: len(stage.slack.thread(asked)) == 2)
    refusal = shown(stage.slack.thread(asked)[-1])
    assert f"<@{stage.slack.person('rep').id}> may" in refusal
    assert stage.origami.count_admitted_runs() == 0


async def test_the_form_that_was_refused_stays_below_the_refusal(stage: Stage) -> None:
    await workspace_wants(stage, who_may_start="listed")
    rep = stage.slack.person("rep")
    await by_form(stage, rep)
    await modal_says(rep, stage, "Only people whom an admin has named")
    await workspace_wants(stage)
    await rep.close_modal()
    assert (await rep.submit()).ok
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 1, 15)


async def test_admins_listed_people_and_members_of_listed_groups_may(stage: Stage) -> None:
    rep, colleague = stage.slack.person("rep"), stage.slack.person("colleague")
    await workspace_wants(stage, who_may_start="listed", people=(colleague.id,), groups=("S0SALESTEAM",))
    for who in ("rep", "colleague", "admin"):
        await stage.answer(BRIEF, who=who)
    assert len(stage.slack.called("usergroups.users.list")) == 1
    assert stage.origami.count_admitted_runs() == 3
    stage.slack.world.usergroups["S0SALESTEAM"].users.remove(rep.id)
    await workspace_wants(stage, who_may_start="listed", people=(colleague.id,))
    await by_command(stage, rep)
    assert "Only people whom an admin has named" in shown(await told(rep, stage))


async def test_where_slack_does_not_tell_of_groups_nobody_slips_in_and_the_words_say_so(stage: Stage) -> None:
    await workspace_wants(stage, who_may_start="listed", groups=("S0SALESTEAM",))
    stage.slack.faults.add(
        SlackFault(kind="refuse", method="usergroups.users.list", error="missing_scope", times=None)
    )
    rep = stage.slack.person("rep")
    await by_command(stage, rep)
    assert "Slack does not say just now" in shown(await told(rep, stage))
    await stage.answer(BRIEF, who="admin")


async def test_where_slack_does_not_tell_who_is_a_guest_nobody_slips_in_and_the_words_say_so(
    stage: Stage,
) -> None:
    await workspace_wants(stage, guests="may_not")
    stage.slack.faults.add(SlackFault(kind="refuse", method="users.info", error="internal_error", times=None))
    rep = stage.slack.person("rep")
    await by_command(stage, rep)
    assert "Slack does not say just now" in shown(await told(rep, stage))
    assert stage.origami.count_admitted_runs() == 0
    stage.slack.faults.clear()
    await stage.answer(BRIEF)


async def test_slack_is_asked_about_nobody_while_nothing_is_set(stage: Stage) -> None:
    _, asked = await stage.answer(f"{BRIEF} [one question]")
    before = len(stage.slack.called("users.info"))
    await stage.slack.person("colleague").click(asked, "Private only")
    await stage.slack.until(lambda: stage.origami.count_admitted_runs() == 2, 15)
    await stage.slack.until(lambda: stage.slack.core.dispatcher.idle)
    assert before <= 1  # the reader of the opening, by the sender
    assert stage.slack.called("usergroups.users.list") == []


async def test_runs_at_once_hold_for_replies_and_clicks_too_and_end_with_a_run(stage: Stage) -> None:
    first, answered = await stage.answer(f"{BRIEF} [one question]")
    await workspace_wants(stage, runs_at_once=1)
    rep = stage.slack.person("rep")
    going = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(going, "Working")
    rep.say("#leads", "add phone numbers", thread_ts=going.ts)
    assert "at once: 1" in shown(await told(rep, stage))
    await by_command(stage, rep)
    await rep.click(answered, "Private only")
    assert "at once: 1" in shown(await told(rep, stage, 3))
    assert "Private only" in labels(answered)
    assert stage.origami.count_admitted_runs() == 2
    await rep.click(going, "Stop")
    await stage.shows(going, "Stopped by")
    await rep.click(answered, "Private only")
    await stage.replies(first, 3)


async def test_runs_a_day_hold_for_each_person_and_not_for_admins(stage: Stage) -> None:
    await workspace_wants(stage, runs_a_day=1)
    for who in ("rep", "colleague", "admin", "admin"):
        await stage.answer(BRIEF, who=who)
    rep = stage.slack.person("rep")
    await by_command(stage, rep)
    assert "1 run in 24 hours" in shown(await told(rep, stage))


async def test_who_may_click_holds_for_buttons_own_words_replies_and_mute(stage: Stage) -> None:
    await workspace_wants(stage, who_may_click="requester")
    await channel_wants(stage, "#leads", replies="anyone")
    opening, asked = await stage.answer(f"{BRIEF} [one question]")
    colleague, rep = stage.slack.person("colleague"), stage.slack.person("rep")
    await colleague.click(asked, "Private only")
    await colleague.click(asked, "Answer in my own words")
    colleague.say("#leads", "Private only", thread_ts=opening.ts)
    colleague.say("#leads", "mute", thread_ts=opening.ts)
    refusal = shown(await told(colleague, stage, 4))
    assert "Only the person who asked, or an admin, can press this here" in refusal
    assert f"Ask <@{rep.id}>" in refusal
    assert colleague.modal() is None
    assert stage.origami.count_admitted_runs() == 1
    await stage.slack.person("admin").click(asked, "Private only")
    await stage.replies(opening, 3)


async def test_only_admins_may_click_where_that_is_set(stage: Stage) -> None:
    await workspace_wants(stage, who_may_click="admins")
    _, asked = await stage.answer(f"{BRIEF} [one question]")
    rep = stage.slack.person("rep")
    await rep.click(asked, "Private only")
    assert "Only an admin can press this here" in shown(await told(rep, stage))


async def test_a_refused_stop_is_in_the_audit(stage: Stage) -> None:
    opening = await stage.ask(f"{BRIEF} [forever]")
    await stage.shows(opening, "Working")
    colleague, rep = stage.slack.person("colleague"), stage.slack.person("rep")
    await colleague.click(opening, "Stop")
    assert f"Ask <@{rep.id}>" in shown(await told(colleague, stage))
    colleague.say("#leads", "@Origami stop", thread_ts=opening.ts)
    await told(colleague, stage, 2)
    await stage.slack.until(lambda: (opening.channel_id, opening.ts) in stage.slack.world.sessions)
    colleague.stop_session(opening)
    await told(colleague, stage, 3)
    refused = [(entry.actor_id, entry.details["code"]) for entry in await audited(stage, "refused")]
    assert refused == [(colleague.id, "MAY_NOT_STOP")] * 3


async def test_below_the_floor_only_admins_runs_go_on(stage: Stage) -> None:
    await workspace_wants(stage, credit_floor=1_000_000_000)
    opening = await stage.ask(BRIEF)
    await stage.shows(opening, "only admins may start searches just now")
    assert f"Ask <@{stage.slack.person('admin').id}> or another admin" in shown(opening)
    [ending] = await stage.replies(opening)
    assert f"<@{stage.slack.person('rep').id}>" in ending.text
    assert "Try again" in labels(ending)
    assert stage.origami.count_admitted_runs() == 0
    await stage.answer(BRIEF, who="admin")
    [entry] = await audited(stage, "refused")
    assert (entry.details["code"], entry.run_id is not None) == ("CREDIT_FLOOR", True)


async def test_an_admin_sets_who_may_do_what_and_the_form_shows_it_again(stage: Stage) -> None:
    admin = stage.slack.person("admin")
    await open_roles(stage, admin)
    chosen = {
        "who_may_start": "Only the people and groups below, and admins",
        "people": ["colleague"],
        "groups": ["Sales team"],
        "channels": ["#leads", "#sales"],
        "runs_at_once": "3",
        "credit_floor": "50",
        "who_may_click": "Admins only",
    }
    assert (await admin.submit(chosen)).ok
    [entry] = [one for one in await audited(stage, "settings") if one.details["scope"] == "roles"]
    assert entry.details["people"] == [stage.slack.person("colleague").id]
    assert entry.details["groups"] == ["S0SALESTEAM"]
    assert (entry.details["runs_at_once"], entry.details["runs_a_day"]) == (3, 0)
    await admin.close_modal(whole_stack=True)
    await open_roles(stage, admin)
    assert (await admin.submit()).ok
    *_, again = [one for one in await audited(stage, "settings") if one.details["scope"] == "roles"]
    assert again.details == entry.details


async def test_without_the_scope_the_form_says_so_and_keeps_the_groups(stage: Stage) -> None:
    await workspace_wants(stage, who_may_start="listed", groups=("S0SALESTEAM",))
    installation = stage.slack.core.installation(stage.slack.person("admin").user.team_id)
    installation.scopes = tuple(scope for scope in installation.scopes if scope != "usergroups:read")
    admin = stage.slack.person("admin")
    await open_roles(stage, admin)
    form = admin.modal()
    assert form is not None
    assert "`usergroups:read`" in str(form.blocks)
    assert (await admin.submit({"runs_a_day": "9"})).ok
    *_, entry = await audited(stage, "settings")
    assert (entry.details["groups"], entry.details["runs_a_day"]) == (["S0SALESTEAM"], 9)


async def test_whoever_is_no_admin_by_now_sets_nothing(stage: Stage) -> None:
    admin = stage.slack.person("admin")
    await open_roles(stage, admin)
    admin.user.is_admin = admin.user.is_owner = False
    assert (await admin.submit({"runs_a_day": "9"})).ok
    await modal_says(admin, stage, "Only a Slack admin")
    assert await audited(stage, "settings") == []


async def open_roles(stage: Stage, admin: Person) -> None:
    admin.open_home()
    await stage.slack.until(lambda: admin.home)
    assert admin.home is not None
    await admin.click(admin.home, "Workspace settings")
    await stage.slack.until(admin.modal)
    settings = admin.modal()
    assert settings is not None
    await admin.click(settings, "Who may use Origami")
    await stage.slack.until(lambda: admin.modal() is not settings)
