"""A whole life in the log: JSON throughout, with ids, and without what people wrote or what is secret."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from bot.sandbox.local_origami import DEFAULT_KEY, Fault
from bot.sandbox.local_slack import Fault as SlackFault
from tests.end_to_end.bot_process import ROOT, Log, process, servers

if TYPE_CHECKING:
    from pathlib import Path

WORDS = "xylophone makers of Ouagadougou"
BRIEF = f"find 50 {WORDS}"
LIFE = ["run.accepted", "run.sent", "run.started", "run.finished"]


async def test_each_change_of_state_is_one_line_with_its_ids_and_no_words(
    each_way: tuple[str, str], tmp_path: Path
) -> None:
    async with servers(*each_way) as stage, process(stage, tmp_path) as log:
        opening = await stage.ask(f"{BRIEF} [one question]")
        [answer] = await stage.replies(opening, within=60)
        await stage.slack.person("rep").click(answer, "Private only")
        await stage.slack.until(lambda: len(log.of("run.finished")) == 2, 60)
        known = {request.request_id for request in stage.origami.requests}
        secrets = [
            stage.slack.token(),
            stage.slack.app.app_token,
            stage.slack.app.signing_secret,
            DEFAULT_KEY,
        ]
    told = log.of(*LIFE)
    assert [line["event"] for line in told] == LIFE + LIFE
    first, second = told[:4], told[4:]
    assert len({line["thread"] for line in told}) == 1
    assert len({line["run"] for line in first}) == len({line["run"] for line in second}) == 1
    assert len({line["team"] for line in told}) == 1
    assert first[0]["slack_trigger"]
    assert {line["origami_request"] for line in [*first[2:], *second[2:]]} <= known
    assert all("origami_request" not in line for line in first[:2])
    sent = [line for line in log.of("delivery.sent") if line["run"] == first[0]["run"]]
    assert [line["kind"] for line in sent if line["kind"] != "preview"] == ["opening", "answer"]
    assert all("slack_trigger" not in line for line in sent), "a tick has no request of its own"
    assert (each_way[0] == "socket") == ("slack_envelope" in first[0])
    assert WORDS not in log.text
    assert [secret for secret in secrets if secret in log.text] == []
    assert "/response/" not in log.text


async def test_a_failure_is_told_when_it_begins_and_when_it_ends(
    each_way: tuple[str, str], tmp_path: Path
) -> None:
    async with servers(*each_way) as stage:
        stage.origami.faults.add(Fault(kind="error", status=503), on="GET /agents/*/runs/*", count=3)
        refusal = SlackFault(kind="refuse", method="chat.postMessage", error="internal_error", times=2)
        stage.slack.faults.add(refusal)
        async with process(stage, tmp_path) as log:
            await stage.slack.person("rep").command("#leads", f"/origami {BRIEF}")
            await stage.slack.until(lambda: log.of("run.finished"), 90)
    events = [line["event"] for line in log.lines]
    assert (events.count("run.poll_failed"), events.count("run.poll_recovered")) == (1, 1)
    [failing] = log.of("delivery.failing")
    assert len(failing["slack_request"]) == 32
    assert log.of("delivery.sent")[0]["attempts"] == 2


LIBRARIES = """
import logging, warnings, structlog
from bot import logs
from bot.settings import Need, Settings
logs.configure(Settings.load({"LOG_FORMAT": "json"}, need=Need.DATABASE))
logging.getLogger("uvicorn.error").error("it %s", "broke")
logging.getLogger("slack_sdk").info("not this")
warnings.warn("old", FutureWarning)
secret = "xoxb-local-variable"
try:
    raise OSError("gone")
except OSError:
    structlog.get_logger("anything").exception("our.error", odd=object())
"""


def test_what_libraries_log_has_the_same_form(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    with log.path.open("wb") as sink:
        subprocess.run([sys.executable, "-c", LIBRARIES], stderr=sink, cwd=ROOT, check=True)
    broke, old, ours = log.lines
    assert (broke["event"], broke["level"], broke["logger"]) == ("it broke", "error", "uvicorn.error")
    assert "FutureWarning: old" in old["event"]
    assert "OSError: gone" in ours["exception"]
    assert all({"timestamp", "level", "event"} <= set(line) for line in log.lines)


def test_a_terminal_shows_no_values_of_variables(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as sink:
        script = LIBRARIES.replace('"json"', '"console"')
        subprocess.run([sys.executable, "-c", script], stderr=sink, cwd=ROOT, check=True)
    assert "OSError: gone" in log.read_text("utf-8")
    assert "xoxb-local-variable" not in log.read_text("utf-8").replace('secret = "xoxb-local-variable"', "")
