"""A rep's day in the page: briefs, questions, next steps, stop, and a bot that dies in between."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Locator

    from tests.browser.rep import Rep

    SitDown = Callable[..., Awaitable[Rep]]
    Picture = Callable[[Rep, str], Awaitable[None]]

pytestmark = pytest.mark.asyncio(loop_scope="package")

CLICK_SECONDS = 2.0
CLICK_AT = """
    (button, moment) => new Promise(clicked => setTimeout(() => clicked(button.click()), moment - Date.now()))
"""
"""By the page's own clock: a click that is sent for may come when the other one has taken its button away."""


async def either(*places: Locator) -> None:
    """Wait until one of them can be seen."""
    waits = [asyncio.ensure_future(place.wait_for()) for place in places]
    done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in pending:
        wait.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for wait in done:
        wait.result()


async def test_the_first_view_says_what_this_is_and_an_example_runs_with_one_click(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down()
    await expect(rep.channel).to_contain_text("Every lead is invented.")
    await expect(rep.channel.get_by_role("button", name=re.compile("Shows:"))).to_have_count(12)
    await picture(rep, "start-light")
    await rep.channel.get_by_role("button", name="The step limit").click()
    opening = rep.message("restaurant owners in Lisbon")
    await rep.open_thread(opening)
    await expect(rep.thread.get_by_role("button", name="Continue")).to_be_visible()


async def test_a_brief_shows_progress_and_ends_with_a_mention_a_table_and_next_steps(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down(fast=False)
    brief = "find 50 SaaS founders in Austin who raised seed"
    opening = await rep.ask(brief)
    await expect(opening).to_contain_text(re.compile(r"step [1-5] of 50"))
    await picture(rep, "working-light")
    await rep.set_speed(60)
    await rep.go("general")
    news = rep.page.get_by_role("log", name="Notifications").get_by_role(
        "button", name=re.compile("in #leads.*@Ana Kovač 18 leads")
    )
    await news.click()
    answer = rep.reply("18 leads in Austin Seed Founders")
    await expect(answer.locator(".mention-me")).to_have_text("@Ana Kovač")
    preview = rep.reply("Preview of Austin Seed Founders")
    await expect(preview.get_by_role("table")).to_contain_text("Work email")
    await expect(preview.get_by_role("link", name="linkedin.example").first).to_be_visible()
    await picture(rep, "answer-light")
    await preview.get_by_role("table").scroll_into_view_if_needed()
    await picture(rep, "preview-light")
    async with rep.page.expect_popup() as opened:
        await answer.get_by_role("link", name=re.compile("Austin Seed Founders")).click()
    table = await opened.value
    await expect(table.get_by_role("heading", name="Austin Seed Founders")).to_be_visible()
    await expect(table.locator("body")).to_contain_text("All of them are invented.")
    await answer.get_by_role("button", name="Find 20 more founders").click()
    await rep.modal.get_by_role("button", name="Find more", exact=True).click()
    await expect(rep.reply("Find 20 more founders")).to_be_visible()
    await expect(rep.thread.locator("li.message")).to_have_count(6)


async def test_of_two_who_click_at_once_one_wins_and_the_other_is_told_who(
    sit_down: SitDown, picture: Picture
) -> None:
    rep, colleague = await asyncio.gather(sit_down(dark=True), sit_down("colleague", dark=True))
    brief = "find veterinary practices in Cork [one question]"
    opening = await rep.ask(brief)
    await rep.open_thread(opening)
    await colleague.go("leads")
    await colleague.open_thread(colleague.message(brief))
    buttons = [
        person.thread.get_by_role("button", name=label, exact=True)
        for person, label in ((rep, "Private only"), (colleague, "Public and private"))
    ]
    for button in buttons:
        await expect(button).to_be_visible()
    await picture(rep, "question-dark")
    moment = (time.time() + CLICK_SECONDS) * 1000
    await asyncio.gather(*(button.evaluate(CLICK_AT, moment) for button in buttons))
    only_you = [person.page.get_by_text("Only visible to you") for person in (rep, colleague)]
    await either(*only_you)
    await expect(rep.reply("Best fit first")).to_be_visible()
    await expect(rep.thread.locator("li.message:not(.ephemeral)")).to_have_count(5)
    told = [await words.count() for words in only_you]
    assert sorted(told) == [0, 1]
    loser, winner = (rep, "Ben Okafor") if told[0] else (colleague, "Ana Kovač")
    await expect(loser.page.locator("li.ephemeral").last).to_contain_text(f"@{winner} was first")
    await picture(loser, "loser-dark")


async def test_three_questions_take_a_button_a_menu_and_ones_own_words(sit_down: SitDown) -> None:
    rep = await sit_down()
    opening = await rep.ask("find textile buyers in Porto [three questions]")
    await rep.open_thread(opening)
    await rep.thread.get_by_role("button", name="Seed", exact=True).click()
    await expect(rep.thread).to_contain_text("1 of 3 answered")
    await rep.thread.get_by_role("combobox", name="Choose an answer").select_option("11-50")
    await expect(rep.thread).to_contain_text("2 of 3 answered")
    await rep.thread.get_by_role("button", name="Answer in my own words").click()
    await rep.modal.get_by_role("textbox", name="Whom shall I look for?").fill("Those who buy linen")
    await rep.modal.get_by_role("button", name="Send").click()
    await expect(rep.modal).to_have_count(0)
    await expect(rep.reply("Those who buy linen")).to_be_visible()
    await expect(rep.reply("Best fit first")).to_be_visible()


async def test_stop_ends_a_run_and_says_who_stopped_it(sit_down: SitDown) -> None:
    rep = await sit_down()
    opening = await rep.ask("find harbour masters in Genoa [forever]")
    await expect(opening).to_contain_text("Working")
    await opening.get_by_role("button", name="Stop").click()
    await expect(opening).to_contain_text("Stopped by @Ana Kovač")
    await rep.open_thread(opening)
    await expect(rep.reply("Stopped by")).to_be_visible()


async def test_a_thread_is_talked_through_with_replies_that_wait_one_taken_back_and_a_stop(
    sit_down: SitDown,
) -> None:
    rep = await sit_down()
    await rep.open_thread(await rep.ask("find 7 cello makers in Cremona"))
    await expect(rep.reply("Best fit first")).to_be_visible()
    await rep.say_in_thread("And their apprentices [forever]")
    going = rep.reply(re.compile(r"Following up.*apprentices"))
    await expect(going).to_contain_text("Working")
    waiting = []
    for line in ("Then their software", "Then their telephone numbers"):
        await rep.say_in_thread(line)
        waiting.append(rep.reply(re.compile(rf"Following up.*{line}")))
        await expect(waiting[-1]).to_contain_text("Waiting for the run before it in this thread")
    await waiting[1].get_by_role("button", name="Stop").click()
    await expect(waiting[1]).to_contain_text("Stopped by @Ana Kovač before it started")
    await expect(waiting[0]).to_contain_text("Waiting for the run before it")
    await rep.say_in_thread("stop")
    for stopped in (going, waiting[0]):
        await expect(stopped).to_contain_text("Stopped by @Ana Kovač")
    await rep.go("Origami")
    await rep.channel.get_by_role("tab", name="Home").click()
    home = rep.channel.get_by_role("tabpanel", name="Home")
    for prompt in ("7 cello makers in Cremona", "their apprentices", "their software", "telephone numbers"):
        await expect(home).to_contain_text(prompt)
    await expect(home).to_contain_text("7 leads added to Cremona Makers")


async def test_a_bot_that_is_killed_in_the_middle_goes_on_where_it_was(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down(dark=True, fast=False)
    opening = await rep.ask("find cheese makers in Gruyères")
    await expect(opening).to_contain_text(re.compile(r"step \d+ of 50"))
    await rep.inspector.get_by_role("button", name="Kill the bot").click()
    await expect(rep.inspector).to_contain_text("The bot is dead")
    await rep.type("/origami find a bot that is not there")
    await expect(rep.page.locator("li.ephemeral").last).to_contain_text("failed with the error")
    await picture(rep, "killed-dark")
    await rep.set_speed(60)
    await rep.inspector.get_by_role("button", name="Start it again").click()
    await expect(rep.inspector).to_contain_text("The bot is running")
    await rep.open_thread(opening)
    await expect(rep.reply("Best fit first")).to_be_visible()
    await expect(rep.thread.locator("li.message")).to_have_count(3)


async def test_slash_alone_opens_the_form_and_it_starts_a_run_where_one_is(sit_down: SitDown) -> None:
    rep = await sit_down()
    await rep.go("sales")
    await rep.type("/origami", into="#sales")
    form = rep.modal.get_by_role("textbox", name="Who are you looking for?")
    await expect(rep.modal.get_by_role("combobox", name="Post the answer in")).to_have_value("C0SALES0001")
    await rep.modal.get_by_role("button", name="Start").click()
    await expect(rep.modal.get_by_role("alert")).to_contain_text("required")
    await form.fill("find organ builders in Leipzig")
    await rep.modal.get_by_role("button", name="Start").click()
    await expect(rep.message("organ builders in Leipzig")).to_be_visible()


async def test_a_channel_without_the_bot_answers_the_rep_alone(sit_down: SitDown) -> None:
    rep = await sit_down()
    await rep.go("finance")
    await expect(rep.channel).to_contain_text("Origami is not here")
    await rep.type("/origami find auditors in Turin", into="#finance")
    await expect(rep.page.locator("li.ephemeral").last).to_contain_text(re.compile("invite", re.IGNORECASE))


async def test_a_form_takes_a_table_that_one_searches_for_and_home_leads_back_to_the_thread(
    sit_down: SitDown, picture: Picture
) -> None:
    rep = await sit_down()
    await rep.open_thread(await rep.ask("find 9 lamp makers in Lyon"))
    await expect(rep.reply("Best fit first")).to_be_visible()
    await rep.page.get_by_role("button", name="New lead search").click()
    await rep.modal.get_by_role("textbox", name="Who are you looking for?").fill("more lamps like these")
    await rep.modal.get_by_role("textbox", name="Work on these tables").fill("Lyon")
    await rep.modal.get_by_role("button", name=re.compile("^Lyon Makers")).click()
    await expect(rep.modal.get_by_role("button", name=re.compile("^Remove Lyon Makers"))).to_be_visible()
    await rep.modal.get_by_role("button", name="Start").click()
    opening = rep.message("more lamps like these")
    await expect(opening.get_by_role("button", name=re.compile(r"\d repl(y|ies)"))).to_be_visible()
    await rep.go("Origami")
    await rep.channel.get_by_role("tab", name="Home").click()
    home = rep.channel.get_by_role("tabpanel", name="Home")
    await expect(home).to_contain_text("more lamps like these")
    await picture(rep, "home-light")
    await home.get_by_role("button", name="Schedule a search").click()
    await expect(rep.modal).to_contain_text("In the time zone")
    await picture(rep, "schedule-light")
    await rep.close_form()
    await home.get_by_role("link", name="Open the thread").first.click()
    await expect(rep.reply("added to Lyon Makers")).to_be_visible()


async def test_slacks_own_stop_button_ends_the_session_in_the_thread(sit_down: SitDown) -> None:
    rep = await sit_down()
    opening = await rep.ask("find tide tables in Saint-Malo [forever]")
    await expect(opening).to_contain_text("Working")
    await opening.hover()
    await opening.get_by_role("button", name=re.compile("^Reply in thread")).click()
    await rep.thread.get_by_role("button", name="Stop responding").click()
    await expect(opening).to_contain_text("Stopped by @Ana Kovač")
