"""A real Chromium in front of `origami-slack sandbox`, as a newcomer starts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.rep import Rep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from playwright.async_api import Browser, Page

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "screenshots"
AXE = ROOT / "bot" / "sandbox" / "page" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# The first two are the address bar's suggestions, which are pages of their own for each page that is opened.
# Chromium hears only the last list of features: the others are what Playwright would leave out.
WITHOUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
# Without most of these, Chromium calls home at every start.
FLAGS = [
    f"--disable-features={','.join(WITHOUT)}",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 120
"""The first start builds the page."""
PATIENCE_MS = 90_000
"""A busy machine must not fail a test, nor may a spent minute of Origami's requests, which tests share."""
SLOWLY = 5
"""A run then works for half a minute: long enough to be caught at it."""
GRAVE = {"serious", "critical"}


def chromium() -> str:
    """The browser of this machine; a test without one fails, it is not skipped."""
    found = next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *CHROMIUMS])), None)
    if found is None:
        pytest.fail(
            "The page's tests need Chromium: `make test` installs it as root, or: apt-get install chromium"
        )
    return found


@contextlib.asynccontextmanager
async def sandbox_command(*options: str) -> AsyncIterator[str]:
    """Run `origami-slack sandbox`; yields the address that it prints, and ends it as Ctrl-C does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "sandbox", *options, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(START_SECONDS):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+/", said)):
                line = (await process.stdout.readline()).decode()
                assert line, f"the sandbox ended and had only said: {said!r}"
                said += line
        yield found[0]
    finally:
        if process.returncode is None:
            process.terminate()
        assert await asyncio.wait_for(process.wait(), 60) == 0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """For pictures, only the tests that take any."""
    if os.environ.get("SCREENSHOTS"):
        items[:] = [item for item in items if "picture" in getattr(item, "fixturenames", ())]


def _sandboxes(fixture_name: str, config: pytest.Config) -> Literal["function", "package"]:
    # A picture shows one story, not what other tests left behind.
    return "function" if os.environ.get("SCREENSHOTS") else "package"


@pytest_asyncio.fixture(scope=_sandboxes, loop_scope="package")
async def address() -> AsyncIterator[str]:
    """One sandbox for all tests of a process, which tell their briefs apart; for pictures one for each."""
    async with sandbox_command("--port", "0") as url:
        yield url


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests of a process."""
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield running
        await running.close()


@dataclass
class Watch:
    """What a page complained of, and where it went."""

    complaints: list[str] = field(default_factory=list)
    hosts: set[str | None] = field(default_factory=set)

    def over(self, page: Page) -> None:
        """Watch a page; a refusal that a test provokes (409) is no complaint."""
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname))

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and "status of 409" not in text:
            self.complaints.append(text)


@pytest_asyncio.fixture(loop_scope="package")
async def sit_down(address: str, browser: Browser) -> AsyncIterator[Callable[..., Awaitable[Rep]]]:
    """Open the page as somebody, in a browser of their own: `await sit_down("colleague", dark=True)`.

    At the end no page may have complained, nor fetched anything from elsewhere.
    """
    watch = Watch()
    async with contextlib.AsyncExitStack() as stack:

        async def open_page(
            who: str = "rep", *, dark: bool = False, width: int = 1440, height: int = 900, fast: bool = True
        ) -> Rep:
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
            )
            stack.push_async_callback(context.close)
            page = await context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            watch.over(page)
            await page.goto(address)
            rep = Rep(page, address)
            stack.push_async_callback(rep.close_form)
            await rep.become(who)
            await rep.set_speed(60 if fast else SLOWLY)
            return rep

        yield open_page
    assert watch.complaints == []
    assert watch.hosts <= {"127.0.0.1"}


@pytest.fixture
def picture() -> Callable[[Rep, str], Awaitable[None]]:
    """Keep a screenshot for the README, when `make screenshots` asks for it."""

    async def take(rep: Rep, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            await rep.page.screenshot(path=PICTURES / f"{name}.png")

    return take


@pytest.fixture
def faults_of_access() -> Callable[[Rep], Awaitable[list[Any]]]:
    """What axe finds on the page that is serious or critical."""

    async def check(rep: Rep) -> list[Any]:
        # Evaluated from outside: a script tag would not be the page's own, and the policy refuses it.
        await rep.page.evaluate(AXE.read_text("utf-8"))
        found = await rep.page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            (fault["id"], fault["impact"], [node["target"] for node in fault["nodes"]][:5])
            for fault in found["violations"]
            if fault["impact"] in GRAVE
        ]

    return check
