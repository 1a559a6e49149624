"""Files of people: given in forms and read with a token that may."""

import json

import pytest
from aiohttp import ClientSession
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.local_slack import CannotDoError, LocalSlack
from tests.integration.local_slack.fake_app import FakeApp
from tests.integration.local_slack.test_modals import modal, open_modal, plain

ASK = {
    "type": "input",
    "block_id": "list",
    "label": plain("List"),
    "element": {"type": "file_input", "action_id": "f", "filetypes": ["csv"], "max_files": 1},
}


async def test_a_file_in_a_form_comes_as_slack_describes_files(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp
) -> None:
    await open_modal(slack, client, app, modal(ASK))
    assert (await slack.person("rep").submit({"List": {"a.csv": b"Name\n"}})).ok
    state = app.frames[-1]["payload"]["view"]["state"]["values"]["list"]["f"]
    [file] = state["files"]
    assert (state["type"], file["name"], file["size"]) == ("file_input", "a.csv", 5)
    assert (await client.files_info(file=file["id"]))["file"]["url_private_download"] == file["url_private"]


@pytest.mark.parametrize(
    "files",
    [{"a.png": b"x"}, {"a.csv": b"x", "b.csv": b"x"}, {"a.csv": b"x" * (10 * 2**20 + 1)}, {}, "a.csv"],
    ids=["another type", "too many", "too large", "none", "no file"],
)
async def test_slacks_client_takes_only_what_the_form_asks_for(
    slack: LocalSlack, client: AsyncWebClient, app: FakeApp, files: object
) -> None:
    await open_modal(slack, client, app, modal(ASK))
    with pytest.raises(CannotDoError):
        await slack.person("rep").submit({"List": files})


async def test_bytes_are_read_only_with_a_token_that_may_read_files(
    slack: LocalSlack, session: ClientSession
) -> None:
    message = slack.person("rep").say("#leads", "look", files={"a b.csv": b"Name\n"})
    url = message.files[0].url

    async def read(token: str) -> tuple[int, str, bytes]:
        async with session.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            return answer.status, answer.content_type, await answer.read()

    assert await read(slack.token()) == (200, "application/octet-stream", b"Name\n")
    assert (await read("xoxb-guess"))[1] == "text/html"
    installation = slack.core.installation(slack.person("rep").user.team_id)
    installation.scopes = ("chat:write",)
    status, kind, content = await read(slack.token())
    assert (status, kind) == (200, "text/html")
    assert b"Sign in" in content
    installation.scopes = ("files:read",)
    del slack.world.files[message.files[0].file_id]
    assert (await read(slack.token()))[0] == 404


async def test_files_come_through_the_control_api_as_base64(
    slack: LocalSlack, session: ClientSession
) -> None:
    act = {"channel": "#leads", "text": "", "files": {"a.csv": "TmFtZQo="}}
    async with session.post(f"{slack.base}_control/people/rep/say", json=act) as answer:
        told = json.loads(await answer.text())
    assert told["ok"], told
    assert slack.channel("#leads").messages[-1].files[0].content == b"Name\n"
