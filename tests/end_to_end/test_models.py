"""Which of Origami's models a run is sent with: the one that is set, unless one is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from bot.sandbox.local_origami import Fault
from tests.end_to_end.wishes import channel_wants, person_wants

if TYPE_CHECKING:
    from bot.sandbox.local_slack import Person
    from tests.end_to_end.conftest import Stage

BRIEF = "find 50 SaaS founders in Austin who raised seed"
LITE, MAX = "origami-lite", "origami-max"


def sent(stage: Stage) -> dict[str, Any]:
    """The model of each prompt as it was sent to Origami."""
    bodies = [
        orjson.loads(call.body) for call in stage.origami.requests if call.method == "POST" and call.body
    ]
    return {body["prompt"]: body.get("model") for body in bodies}


async def sends(stage: Stage, expected: dict[str, Any]) -> None:
    await stage.slack.until(lambda: len(sent(stage)) >= len(expected))
    assert sent(stage) == expected


def menu(person: Person) -> str:
    """What the open form's menu of models shows."""
    form = person.modal()
    assert form is not None
    [element] = [block["element"] for block in form.blocks if block.get("block_id") == "model"]
    return str(element["initial_option"]["text"]["text"])


async def filled_in(stage: Stage, rep: Person, prompt: str, **values: Any) -> str:
    """Wait for the form, send it in, and say which model it showed."""
    await stage.slack.until(rep.modal)
    showed = menu(rep)
    outcome = await rep.submit({"brief": prompt, **values})
    assert outcome.ok, outcome
    return showed


async def test_a_brief_takes_the_reps_own_model_however_it_is_given(stage: Stage) -> None:
    await person_wants(stage, "rep", model=LITE)
    await channel_wants(stage, "#leads", model=MAX)
    rep, channel = stage.slack.person("rep"), stage.slack.channel("#leads").channel_id
    opening = await stage.ask("by command")
    rep.say("#leads", "@Origami by mention")
    rep.say("dm", "by direct message")
    message = rep.say("#leads", "Acme opened an office")
    as_set = f"As set: {LITE}"
    await rep.command("#leads", "/origami")
    assert await filled_in(stage, rep, "by the form") == as_set
    await rep.shortcut("New lead search")
    assert await filled_in(stage, rep, "by shortcut", channel=channel) == as_set
    await rep.message_shortcut(message, "Find leads from this")
    assert await filled_in(stage, rep, "from a message") == as_set
    rep.open_home()
    await stage.slack.until(lambda: rep.home)
    assert rep.home is not None
    await rep.click(rep.home, "Start a search")
    assert await filled_in(stage, rep, "the best", channel=channel, model="Best my plan has") == as_set
    ways = "by command", "by mention", "by direct message", "by the form", "by shortcut", "from a message"
    expected = dict.fromkeys(ways, LITE) | {"the best": None}
    await sends(stage, expected)
    stage.slack.person("colleague").say("#leads", "@Origami a reply", thread_ts=opening.ts)
    await sends(stage, expected | {"a reply": LITE})


async def test_a_form_left_as_it_is_takes_the_model_of_the_channel_it_is_sent_to(stage: Stage) -> None:
    await channel_wants(stage, "#leads", model=LITE)
    rep = stage.slack.person("rep")
    await rep.shortcut("New lead search")
    channel = stage.slack.channel("#leads").channel_id
    assert await filled_in(stage, rep, "by shortcut", channel=channel) == "As set: Best my plan has"
    await rep.command("#leads", "/origami")
    assert await filled_in(stage, rep, "by the form", model=MAX) == f"As set: {LITE}"
    await sends(stage, {"by shortcut": LITE, "by the form": MAX})


async def test_a_model_that_the_plan_lacks_is_not_tried_again(stage: Stage) -> None:
    await person_wants(stage, "rep", model=MAX)
    body = {"error": "No.", "code": "MODEL_NOT_AVAILABLE", "model": MAX}
    stage.origami.faults.add(Fault(kind="answer", status=400, body=body), on="POST /agents", count=1)
    opening, refused = await stage.answer(BRIEF)
    await stage.slack.person("rep").click(refused, "Try again")
    await stage.replies(opening, 3)
    stage.slack.person("rep").say("#leads", "and more", thread_ts=opening.ts)
    await sends(stage, {BRIEF: None, "and more": None})
