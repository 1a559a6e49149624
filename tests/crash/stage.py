"""A Slack, an Origami and a database that outlive the bot's processes, and the people who use them."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami, LocalOrigamiSettings
from bot.sandbox.local_slack import CannotDoError, LocalSlack, Message, Outcome, World
from tests.crash.books import Books
from tests.crash.bot_process import QUICK, Born, Conditions, Orders, RoleName
from tests.crash.fleet import Fleet
from tests.crash.points import Points
from tests.end_to_end.conftest import is_preview, labels, registered_app, shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

PATIENCE_SECONDS = 60.0
BURIAL_SECONDS = 0.2
NOTICE_SECONDS = 1.0
MOST_TRIES = 20
QUICK_ORIGAMI = LocalOrigamiSettings(
    retry_after_seconds=0.2,
    step_seconds=0.03,
    plan="enterprise",
    requests_per_minute=10**6,
    requests_per_minute_and_address=10**6,
)
FOLLOW_UP = "Following up"
"""Only the opening message of a follow-up says so."""


@dataclass(frozen=True, slots=True)
class Way:
    """Which database, and how many workers stand beside the web process; none = everything in one process."""

    name: str
    database: str
    workers: int

    @property
    def conditions(self) -> Conditions:
        """Idle ticks of many workers cost more than a moment's wait."""
        return Conditions(pace=replace(QUICK, tick=0.5)) if self.workers else Conditions()

    @property
    def roles(self) -> dict[str, RoleName]:
        """The processes by name."""
        if not self.workers:
            return {"bot": "all"}
        return {"web": "web", **{f"worker-{number + 1}": "worker" for number in range(self.workers)}}


WAYS = (
    Way("SQLite, one process", "sqlite", 0),
    Way("PostgreSQL, 1 worker", "postgresql", 1),
    Way("PostgreSQL, 2 workers", "postgresql", 2),
    Way("PostgreSQL, 4 workers", "postgresql", 4),
)


@dataclass(eq=False, slots=True)
class Brief:
    """A command that somebody typed; ``opening`` once its message stands."""

    mark: str
    """Stands in its prompt and in no other's."""
    prompt: str
    who: str
    channel: str
    acked: bool = False
    """Slack heard that we have it: exactly one run must come of it, and otherwise at most one."""
    opening: Message | None = None
    clicked: bool = False
    """One of its buttons was clicked until Slack had the ack: exactly one follow-up must come of it."""
    wants_file: bool = False
    """Somebody wants its table as a file: exactly one must come of it."""


@dataclass(slots=True)
class Stage:
    """What outlives the processes, and what people do."""

    slack: LocalSlack
    origami: LocalOrigami
    books: Books
    points: Points
    folder: Path
    fleet: Fleet
    patience: float = PATIENCE_SECONDS
    briefs: list[Brief] = field(default_factory=list)

    async def keep_burying(self, until: asyncio.Event) -> None:
        """End the leases of processes that are dead: nothing that lives is touched."""
        while not until.is_set():
            async with self.fleet.calm:
                if self.fleet.deaths and self.fleet.all_ready():
                    self.books.bury([child.owner or "" for child in self.fleet.children.values()])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(until.wait(), BURIAL_SECONDS)

    async def type(self, prompt: str, *, who: str = "rep", where: str = "#leads") -> Brief:
        """Type a brief until Slack takes it, as a person would, and wait for its opening message."""
        for _ in range(MOST_TRIES):
            deaths = await self._before_trying()
            mark = f"brief-{len(self.briefs):04}"
            brief = Brief(mark, f"{prompt} {mark}", who, where)
            self.briefs.append(brief)
            outcome = await self.slack.person(who).command(where, f"/origami {brief.prompt}")
            brief.acked = outcome.ok and outcome.ephemeral is None
            if not brief.acked:
                await self._after_failing(deaths)
            # Without an ack it may be accepted all the same; its process is dead, so that is decided.
            if brief.acked or self.books.has(brief.prompt):
                brief.opening = await self.until_stands(brief)
                return brief
        raise AssertionError(f"Slack never took {prompt!r}")

    async def recurring(self, prompt: str, *, who: str = "rep", where: str = "#leads") -> Brief:
        """Have somebody's recurring brief come due, two times at once, and wait for its opening message."""
        await self.fleet.ready()
        mark = f"brief-{len(self.briefs):04}"
        brief = Brief(mark, f"{prompt} {mark}", who, where, acked=True)
        self.briefs.append(brief)
        person = self.slack.person(who)
        channel_id = self.slack.channel(where).channel_id
        self.books.let_recur(brief.prompt, person.user.team_id, person.id, channel_id)
        brief.opening = await self.until_stands(brief)
        return brief

    async def _before_trying(self) -> int:
        await self.fleet.ready()
        return len(self.fleet.deaths)

    async def _after_failing(self, deaths: int) -> None:
        """Slack may know of a death before the fleet does."""
        with contextlib.suppress(TimeoutError):
            await self.slack.until(lambda: len(self.fleet.deaths) > deaths, NOTICE_SECONDS)

    async def until_stands(self, brief: Brief) -> Message:
        """The brief's opening message, once it stands in the channel."""
        await self.until(lambda: openings(self.slack, brief), f"opening of {brief.prompt}")
        return openings(self.slack, brief)[0]

    async def ending(self, brief: Brief, number: int = 1) -> Message:
        """The n-th completion message in the brief's thread, once it is there."""
        opening = brief.opening
        assert opening is not None
        enough = lambda: len(endings(self.slack, opening)) >= number  # noqa: E731
        await self.until(enough, f"ending {number} of {brief.prompt}")
        return endings(self.slack, opening)[number - 1]

    async def told_directly(self, brief: Brief) -> Message:
        """The answer that the brief's requester alone was given, once it is there."""
        await self.until(lambda: direct_answers(self.slack, brief), f"direct answer of {brief.prompt}")
        return direct_answers(self.slack, brief)[0]

    async def file(self, brief: Brief) -> Message:
        """The message with a file in the brief's thread, once it is there."""
        opening = brief.opening
        assert opening is not None
        await self.until(lambda: shared_files(self.slack, opening), f"file of {brief.prompt}")
        return shared_files(self.slack, opening)[0]

    async def click(
        self,
        brief: Brief,
        message: Message,
        label: str,
        *,
        who: str | None = None,
        taken: Callable[[], bool] = lambda: False,
    ) -> None:
        """Click until Slack has the ack or the button is gone, as a person would.

        ``taken`` says of a button that stays whether a click without an ack was accepted all the same.
        """
        for _ in range(MOST_TRIES):
            deaths = await self._before_trying()
            if label not in labels(message):
                return
            outcome = await self.press(message, label, who=who or brief.who)
            if outcome is None or outcome.ok:
                return
            await self._after_failing(deaths)
            if taken():
                return
        raise AssertionError(f"Slack never took the click on {label!r}")

    async def hand_in(self, brief: Brief, message: Message, label: str, form: Mapping[str, object]) -> None:
        """Open a button's form and submit it until Slack has the ack or the button is gone."""
        person = self.slack.person(brief.who)
        for _ in range(MOST_TRIES):
            deaths = await self._before_trying()
            if person.modal() is None:
                if label not in labels(message):
                    return
                await self.press(message, label, who=brief.who)
                with contextlib.suppress(TimeoutError):
                    await self.slack.until(person.modal, NOTICE_SECONDS)
            if person.modal() is not None and (await person.submit(form)).ok:
                return
            await self._after_failing(deaths)
        raise AssertionError(f"Slack never took the form of {label!r}")

    async def press(self, message: Message, label: str, *, who: str) -> Outcome | None:
        """One click; None if the button is gone."""
        with contextlib.suppress(CannotDoError):
            return await self.slack.person(who).click(message, label)
        return None

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds, and say what was waited for where it never does."""
        try:
            await self.slack.until(condition, self.patience)
        except TimeoutError:
            raise AssertionError(f"never came: {what}\n{self.logs()}") from None

    async def shows(self, message: Message, words: str) -> None:
        """Wait until a message shows some words."""
        await self.until(lambda: words in shown(message), f"{words!r} in {message.text!r}")

    async def settled(self) -> None:
        """Wait until nothing is open and nothing owed."""
        await self.until(lambda: not self.books.open_work(), "an end of all work")
        await self.fleet.ready()

    def logs(self) -> str:
        """What is left to do, what the processes wrote, and the points that they reached last."""
        written = [
            f"--- {path.name}\n{path.read_text()[-4000:]}" for path in sorted(self.folder.glob("*.log"))
        ]
        last = f"--- deaths: {self.fleet.deaths}\n--- last points: {self.points.reached()[-12:]}"
        return "\n".join([f"--- open: {self.books.open_work()}", *written, last])


def openings(slack: LocalSlack, brief: Brief) -> list[Message]:
    """The channel's messages about a brief: one, if all is well."""
    return [message for message in slack.channel(brief.channel).messages if brief.mark in shown(message)]


def follow_ups(slack: LocalSlack, opening: Message) -> list[Message]:
    """The messages in a thread that announce a follow-up run."""
    return [message for message in slack.thread(opening)[1:] if FOLLOW_UP in message.text]


def endings(slack: LocalSlack, opening: Message) -> list[Message]:
    """The completion messages in a thread: all but openings, previews and files."""
    below = (message for message in slack.thread(opening)[1:] if not message.files)
    return [message for message in below if FOLLOW_UP not in message.text and not is_preview(message)]


def direct_answers(slack: LocalSlack, brief: Brief) -> list[Message]:
    """What the brief's requester was told of it in their conversation with the app."""
    posted = slack.person(brief.who).dm.posted.values()
    return [message for message in posted if brief.mark in shown(message)]


def previews(slack: LocalSlack, opening: Message) -> list[Message]:
    """The messages in a thread that show the first rows of a table."""
    return [message for message in slack.thread(opening) if is_preview(message)]


def shared_files(slack: LocalSlack, opening: Message) -> list[Message]:
    """The messages in a thread that carry a file."""
    return [message for message in slack.thread(opening) if message.files]


@contextlib.asynccontextmanager
async def staged(
    way: Way,
    database_url: str,
    folder: Path,
    *,
    kill_at: frozenset[str] = frozenset(),
    hang_at: frozenset[str] = frozenset(),
    conditions: Conditions | None = None,
    origami: LocalOrigamiSettings = QUICK_ORIGAMI,
    world: World | None = None,
    slack_speed: float = 1.0,
    buries: bool = True,
) -> AsyncIterator[Stage]:
    """Everything started; at the end everything is killed."""
    mode = "http" if way.workers else "socket"
    points = Points(folder / "points", kill_at, hang_at)
    async with contextlib.AsyncExitStack() as stack:
        slack = await stack.enter_async_context(
            LocalSlack(registered_app(mode), world, rate_limits="off", ack_seconds=20, speed=slack_speed)
        )
        local = await stack.enter_async_context(LocalOrigami(origami))
        books = stack.enter_context(Books(database_url))

        def on_born(born: Born) -> None:
            if born.url and mode == "http":
                slack.app.request_url = f"{born.url}/slack/events"

        environ = environment(slack, local, mode, database_url)
        orders = {
            name: Orders(role, environ, points, str(folder / f"{name}.log"), conditions or way.conditions)
            for name, role in way.roles.items()
        }
        fleet = Fleet(orders, on_born)
        stage = Stage(slack, local, books, points, folder, fleet)
        stack.push_async_callback(fleet.stop)
        await fleet.start()
        if buries:
            over = asyncio.Event()
            burying = asyncio.create_task(stage.keep_burying(over))
            stack.push_async_callback(asyncio.gather, burying)
            stack.callback(over.set)
        yield stage


def environment(slack: LocalSlack, origami: LocalOrigami, mode: str, database_url: str) -> Mapping[str, str]:
    """The product's settings."""
    environ = {
        "SLACK_BOT_TOKEN": slack.token(),
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_API_URL": slack.url,
        "ORIGAMI_API_KEY": DEFAULT_KEY,
        "ORIGAMI_BASE_URL": origami.url,
        "DATABASE_URL": database_url,
        "PORT": "0",
        "LOG_FORMAT": "json",
    }
    return {**environ, "SLACK_APP_TOKEN": slack.app.app_token} if mode == "socket" else environ
