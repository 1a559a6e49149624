"""What a process does again and again: its ticks, and what it gives back when it stops."""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from bot.deliveries.files import Files
from bot.results import found, making, watch
from bot.runs import occurrences, poll, remind, submit
from bot.scheduler import Tick
from storage import deliveries, exports, retention, runs, schedules, watches

if TYPE_CHECKING:
    from bot.deliveries.sender import Sender
    from bot.runs.context import Context
    from bot.runs.floor import Floor
    from bot.workspaces.colleagues import Colleagues
    from handlers import Viewers
    from storage.database import Database

EXPORTS_AT_ONCE = 3
"""In one process: each takes some 20 MB and, while it is written, much of a core."""
WATCHES_AT_ONCE = 10
WATCHES_MEANWHILE = 1
"""While many messages are to be posted."""
POLLS_AT_ONCE = 3_000
"""Most of them wait for their moment: they are claimed up to a tick ahead of it."""


def _files(context: Context, sender: Sender) -> Files:
    return Files(
        db=context.db,
        clients=sender.tools.clients,
        readers=sender.tools.readers,
        audiences=sender.tools.audiences,
        http=sender.tools.http,
        backoff=context.backoff,
        share_shows=context.pace.share_shows,
    )


def work(
    context: Context, sender: Sender, colleagues: Colleagues, floor: Floor, *, retention_days: int
) -> list[Tick[Any, Any]]:
    """The ticks of a process that starts and polls runs, and sends what is owed."""

    async def purge(_limit: int) -> list[None]:
        await retention.purge_all(context.db, days=retention_days)
        return []

    async def tables(limit: int) -> list[watches.Claim]:
        # An answer that is to be posted is waited for; what its table holds comes after it.
        return await watch.claim(context, min(limit, WATCHES_MEANWHILE) if sender.is_crowded else limit)

    share = _files(context, sender)
    return [
        Tick(
            "submit",
            context.pace.tick,
            partial(submit.claim, context),
            partial(submit.submit, context, floor=floor),
        ),
        Tick(
            "poll",
            context.pace.tick / 2,
            partial(poll.claim, context, ahead=context.pace.tick),
            partial(poll.poll, context),
            settle=partial(poll.write_back, context),
            concurrency=POLLS_AT_ONCE,
            starts_at=attrgetter("starts_at"),
            gather=context.pace.tick / 5,
            is_urgent=poll.is_over,
        ),
        Tick(
            "export",
            context.pace.tick,
            partial(making.claim, context),
            partial(making.work, context, share),
            concurrency=EXPORTS_AT_ONCE,
        ),
        Tick(
            "watch",
            context.pace.tick,
            tables,
            partial(watch.read, context),
            settle=partial(found.write_down, context),
            concurrency=WATCHES_AT_ONCE,
        ),
        Tick("remind", 30 * context.pace.tick, partial(remind.claim, context), _nothing_to_do),
        Tick("purge", 600 * context.pace.tick, purge, _nothing_to_do),
        Tick("deliver", context.pace.tick / 2, sender.claim, sender.send),
        # Recurring briefs are due at whole minutes: nobody minds a few seconds.
        Tick(
            "schedule",
            10 * context.pace.tick,
            partial(occurrences.claim, context),
            partial(occurrences.work, context, colleagues),
        ),
    ]


def home(context: Context, viewers: Viewers) -> Tick[Any, Any]:
    """Publish Home, in the process that heard that it was opened."""
    return Tick("home", 3 * context.pace.tick, viewers.moved, viewers.publish)


async def _nothing_to_do(_item: object) -> None:
    """For ticks whose claim is all there is to do."""


async def release(db: Database, owner: str) -> None:
    """Give back every lease that a process holds."""
    async with db.write() as session:
        await runs.release_all(session, owner)
        await deliveries.release_all(session, owner)
        await exports.release_all(session, owner)
        await schedules.release_all(session, owner)
        await watches.release_all(session, owner)
