"""``origami-slack run``, ``web`` and ``worker``: the bot, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import TYPE_CHECKING, Annotated, Any

import structlog
import typer
import uvloop
from slack_sdk.errors import SlackApiError

from bot import error_reports
from bot.app import Role, running
from bot.collecting import nothing_collected
from bot.operating.opening import settings
from bot.operating.refusing import WRONG_KEYS, OperatingError, refusing
from bot.parts import SchemaBehindError
from bot.settings import Need
from bot.socket_mode import SilentError
from storage.sealing import SealBrokenError

if TYPE_CHECKING:
    from bot.settings import Settings

log = structlog.get_logger(__name__)

Host = Annotated[str | None, typer.Option(help="The address to listen on; HOST by default.")]
Port = Annotated[int | None, typer.Option(min=0, max=65535, help="The port to listen on; PORT by default.")]


@refusing
def run(host: Host = None, port: Port = None) -> None:
    """Everything in one process: Socket Mode when SLACK_APP_TOKEN is set, else HTTP."""
    _serve(_settings(Need.RECEIVE, host, port), Role.RECEIVE | Role.WORK, over_http=None)


@refusing
def web(host: Host = None, port: Port = None) -> None:
    """Only what comes in from Slack over HTTP; needs a worker beside it."""
    _serve(_settings(Need.RECEIVE_HTTP, host, port), Role.RECEIVE, over_http=True)


@refusing
def worker() -> None:
    """Only the ticks: starts and polls runs, and posts. Any number of them on one PostgreSQL."""
    _serve(settings(Need.SEND), Role.WORK, over_http=None)


def _settings(need: Need, host: str | None, port: int | None) -> Settings:
    return settings(need, HOST=host, PORT=None if port is None else str(port))


def _serve(found: Settings, role: Role, *, over_http: bool | None) -> None:
    """Serve until a signal or a failure ends it. Raises OperatingError for what a person can put right."""
    error_reports.start(found)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(found, role, over_http=over_http))
    except SchemaBehindError as error:
        raise OperatingError(
            "The database's schema is not this version's: run `origami-slack migrate` first."
        ) from error
    except SealBrokenError as error:
        raise OperatingError(WRONG_KEYS) from error
    except SlackApiError as error:
        raise OperatingError(
            f"Slack refuses the token ({error.response.get('error')}): check SLACK_BOT_TOKEN."
        ) from error
    except (OSError, SilentError) as error:
        raise OperatingError(str(error)) from error
    except Exception as error:
        log.exception("app.failed")
        raise typer.Exit(1) from error
    finally:
        error_reports.stop()


async def _until_told(found: Settings, role: Role, *, over_http: bool | None) -> None:
    ended = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, ended.set)
    async with contextlib.AsyncExitStack() as stack:
        with nothing_collected():
            application = await stack.enter_async_context(running(found, role, over_http=over_http))
        waiting: set[asyncio.Future[Any]] = {asyncio.create_task(ended.wait()), application.failure}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if application.failure.done():
            application.failure.result()
