"""The whole examination: settings first, then everything that they lead to, all at once."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import aiohttp

from bot.doctor import database, origami, slack
from bot.doctor.clock import Clocks
from bot.doctor.lines import NAMES, Line, fail, in_time, ok, skip
from bot.settings import Need, Settings, SettingsError
from bot.slack_session import shared_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


CALL_SECONDS = 10.0


async def examine(environ: Mapping[str, str]) -> list[Line]:
    """Every line, in the order of NAMES; a broken setting is a line too, and the rest goes on without it."""
    settings, found = read(environ)
    clocks = Clocks()
    async with shared_session(CALL_SECONDS) as session:
        groups = await asyncio.gather(
            in_time("slack.token", slack.slack_lines(settings, session, clocks)),
            in_time("slack.request_url", slack.request_url_line(settings, session)),
            in_time("database", _stored(settings, clocks)),
            in_time("metrics_port", _metrics_port(settings, session)),
        )
    found += [line for group in groups for line in group]
    found += [slack.events_line(), slack.secret_line(settings), clocks.line()]
    return sorted(found, key=lambda line: NAMES.index(line.name))


def read(environ: Mapping[str, str]) -> tuple[Settings, list[Line]]:
    """The settings as far as they can be used, and what is wrong with the others."""
    try:
        settings = Settings.load(environ)
    except SettingsError as error:
        wrong = {problem.split(maxsplit=1)[0] for problem in error.problems}
        usable = {name: value for name, value in environ.items() if name not in wrong}
        lines = [fail("settings", *_halves(problem)) for problem in error.problems]
        return Settings.load(usable, need=Need.LOOK), lines
    way = "Socket Mode" if settings.uses_socket_mode else "HTTP"
    many = "many workspaces" if settings.uses_oauth else "one workspace"
    return settings, [ok("settings", f"Complete, for {many} over {way}.")]


def _halves(problem: str) -> tuple[str, str]:
    """A problem's line in what is wrong and what to do."""
    wrong, _, to_do = problem.partition(": ")
    return f"{wrong}.", f"{to_do[:1].upper()}{to_do[1:]}"


async def _stored(settings: Settings, clocks: Clocks) -> Sequence[Line]:
    """What the database and Origami say; the slots are between the two."""
    (lines, account), found = await asyncio.gather(
        origami.origami_lines(settings, clocks), database.database_lines(settings)
    )
    return [*lines, *found.lines, origami.slots_line(account, found.waiting)]


async def _metrics_port(settings: Settings, session: aiohttp.ClientSession) -> list[Line]:
    name, port = "metrics_port", settings.metrics_port
    if port is None:
        return [skip(name, "METRICS_PORT is not set: no metrics, and no health page for workers.")]
    with socket.socket() as knock:
        knock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            knock.bind((settings.host, port))
        except OSError:
            return [await _who_has_it(name, settings.host, port, session)]
    return [ok(name, f"{settings.host}:{port} is free.")]


async def _who_has_it(name: str, host: str, port: int, session: aiohttp.ClientSession) -> Line:
    near = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104  (compared only) # nosec B104
    try:
        async with session.get(f"http://{near}:{port}/metrics") as answer:
            ours = b"origami_slack_build_info" in await answer.content.read()
    except (aiohttp.ClientError, TimeoutError, OSError):
        ours = False
    if ours:
        return ok(name, f"{host}:{port} is held by a running origami-slack.")
    return fail(name, f"{host}:{port} is held by another program.", "Choose another METRICS_PORT.")
