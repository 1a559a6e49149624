"""The Details button: what a run cost and what was said in it, for the one who asks."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from PIL import Image

from bot.origami import Priority, ceiling
from bot.sandbox.local_origami import DEFAULT_KEY, Fault, rate_limited
from bot.sandbox.local_slack import Fault as SlackFault
from storage import budgets, workspaces
from storage.records import Run, Watch
from tests.end_to_end.conftest import is_preview, labels

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Message, Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"


async def answered(stage: Stage, brief: str) -> Message:
    """Type a brief; returns the message of its answer that has the button."""
    opening = await stage.ask(brief)

    def found() -> list[Message]:
        return [message for message in stage.slack.thread(opening) if "Details" in labels(message)]

    await stage.slack.until(found)
    return found()[0]


async def opened(stage: Stage, answer: Message, words: str, *, who: str = "rep") -> str:
    """Click on Details; returns all that the modal says, once it says some words."""
    person = stage.slack.person(who)
    assert (await person.click(answer, "Details")).ok
    return await reads(stage, person, words)


async def turned(stage: Stage, person: Person, label: str, words: str) -> str:
    """Click in the open modal; returns what it says, once it says some words."""
    view = person.modal()
    assert view is not None
    assert (await person.click(view, label)).ok
    return await reads(stage, person, words)


async def reads(stage: Stage, person: Person, words: str) -> str:
    try:
        await stage.slack.until(lambda: words in seen(person))
    except TimeoutError:
        raise AssertionError(f"{words!r} is not in {seen(person)!r}") from None
    return seen(person)


def seen(person: Person) -> str:
    view = person.modal()
    return texts(view.blocks) if view else ""


def said_in_thread(stage: Stage, answer: Message) -> int:
    """How many messages the thread holds; previews come by themselves."""
    return sum(not is_preview(message) for message in stage.slack.thread(answer))


def texts(part: Any) -> str:
    if isinstance(part, dict):
        own = [part[name] for name in ("text", "alt_text") if isinstance(part.get(name), str)]
        return "\n".join(own + [texts(value) for value in part.values() if not isinstance(value, str)])
    return "\n".join(map(texts, part)) if isinstance(part, list | tuple) else ""


def buttons(person: Person) -> list[str]:
    view = person.modal()
    found = [block["elements"] for block in view.blocks if block["type"] == "actions"] if view else []
    return [element["text"]["text"] for elements in found for element in elements]


async def test_a_click_shows_the_numbers_and_their_picture(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    answer = await answered(stage, f"{BRIEF} [big]")
    before = said_in_thread(stage, answer)
    told = await opened(stage, answer, "Bar chart")
    for words in (
        "Austin Seed Founders",
        "195 leads, more available",
        "195 found → 150 left after duplicates, exclusions and filters → 10 qualified",
        "30 duplicates (15.4%) and 15 excluded (7.7%)",
        "about 0.58 credits",
        "about 11.25 credits",
        "Web research",
        "Risen since before this run",
    ):
        assert words in told
    view = rep.modal()
    assert view is not None
    (image,) = [block for block in view.blocks if block["type"] == "image"]
    picture = stage.slack.world.files[image["slack_file"]["id"]]
    assert picture.content is not None
    assert Image.open(io.BytesIO(picture.content)).format == "PNG"
    assert picture.channels == []
    assert said_in_thread(stage, answer) == before
    await opened(stage, answer, "Bar chart", who="colleague")
    assert len(stage.slack.called("files.getUploadURLExternal")) == 1


async def test_what_the_table_has_cost_since_before_the_run_is_told_as_such(stage: Stage) -> None:
    answer = await answered(stage, BRIEF)
    assert stage.app is not None
    (table,) = stage.origami.tables()
    async with stage.app.context.db.write() as session:
        run = await _run_of(session, answer)
        watch = {"run_id": run.id, "workspace_id": run.workspace_id, "table_id": table.id}
        await session.merge(Watch(**watch, credits_before=2.0))
    told = await opened(stage, answer, "Risen since before this run")
    assert "about 10 credits" in told
    assert "not known exactly" in told


async def test_the_transcript_is_read_to_its_end_in_the_modal_only(stage: Stage) -> None:
    rep = stage.slack.person("rep")
    answer = await answered(stage, f"{BRIEF} [big]")
    before = said_in_thread(stage, answer)
    await opened(stage, answer, "In the table")
    told = await turned(stage, rep, "Transcript", "Page 1 of 2")
    assert BRIEF in told
    assert "present-plan" in told
    assert buttons(rep) == ["Next page", "Numbers"]
    last = await turned(stage, rep, "Next page", "Page 2 of 2")
    assert "Part 25" in told + last
    assert buttons(rep) == ["Previous page", "Numbers"]
    await turned(stage, rep, "Previous page", "Page 1 of 2")
    await turned(stage, rep, "Numbers", "In the table")
    assert said_in_thread(stage, answer) == before
    assert stage.slack.person("colleague").modal() is None


async def test_strange_tables_have_useful_details(stage: Stage) -> None:
    for tag, words in (("odd", "Austin Oddities"), ("hostile", "12 leads")):
        answer = await answered(stage, f"{BRIEF} [{tag}]")
        assert words in await opened(stage, answer, "Bar chart")
        await turned(stage, stage.slack.person("rep"), "Transcript", "Page 1 of 1")


async def test_a_run_without_tables_has_a_transcript_all_the_same(stage: Stage) -> None:
    answer = await answered(stage, "find dentists in Leeds [one question]")
    await opened(stage, answer, "touched no table")
    told = await turned(stage, stage.slack.person("rep"), "Transcript", "Page 1 of 1")
    assert "One thing before I start." in told


async def test_when_origami_does_not_tell_the_modal_says_why_and_asks_again(stage: Stage) -> None:
    answer = await answered(stage, BRIEF)
    for fault, words in (
        (Fault(kind="error", status=503), "Origami did not answer"),
        (rate_limited("30"), "asked a lot just now"),
        (Fault(kind="vanished"), "no longer knows this run"),
    ):
        stage.origami.faults.add(fault, on="GET /agents/*/runs/*", count=1)
        await opened(stage, answer, words)
    stage.origami.revoke_key(DEFAULT_KEY)
    await opened(stage, answer, "did not accept this workspace's API key")
    stage.origami.add_key(DEFAULT_KEY)
    await turned(stage, stage.slack.person("rep"), "Ask again", "In the table")


async def test_when_our_share_of_the_minute_is_spent_origami_is_not_asked(stage: Stage) -> None:
    answer = await answered(stage, BRIEF)
    # Its table has been read then, and nothing else asks.
    await stage.previews(answer, 1)
    assert stage.app is not None
    context = stage.app.context
    async with context.db.write() as session:
        workspace = await workspaces.find(session, team_id=answer.team_id, enterprise_id="")
        assert workspace is not None
        name = context.origami.budget_name(workspace)
        await budgets.spend(session, name, want=999, ceiling=ceiling(Priority.READ))
    before = len(stage.origami.requests)
    await opened(stage, answer, "Ask again in a minute")
    assert len(stage.origami.requests) == before


async def test_a_run_of_another_workspace_is_not_there(stage: Stage) -> None:
    answer = await answered(stage, BRIEF)
    # Its table has been read then, and nothing else asks.
    await stage.previews(answer, 1)
    assert stage.app is not None
    async with stage.app.context.db.write() as session:
        foreign = await workspaces.ensure(session, new_id="foreign", team_id="T0FOREIGN01")
        run = await _run_of(session, answer)
        run.workspace_id = foreign.id
    before = len(stage.origami.requests)
    told = await opened(stage, answer, "no longer there")
    assert BRIEF not in told
    assert len(stage.origami.requests) == before


async def test_the_numbers_stand_without_a_picture_until_slack_will_have_it(stage: Stage) -> None:
    answer = await answered(stage, BRIEF)
    no_scope = SlackFault(kind="refuse", method="files.getUploadURLExternal", error="missing_scope")
    stage.slack.faults.add(no_scope)
    assert "Bar chart" not in await opened(stage, answer, "18 left")
    await stage.slack.until(lambda: no_scope.struck)
    too_early = SlackFault(kind="refuse", method="views.update", error="invalid_arguments", skip=1, times=2)
    stage.slack.faults.add(too_early)
    await opened(stage, answer, "Bar chart")
    assert too_early.struck == 2


async def _run_of(session: Any, answer: Message) -> Run:
    block = next(b for b in answer.blocks for e in b.get("elements", ()) if e.get("action_id") == "details")
    value = next(e["value"] for e in block["elements"] if e.get("action_id") == "details")
    found: Run = await session.get_one(Run, value)
    return found
