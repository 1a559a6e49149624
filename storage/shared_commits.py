"""SQLite's writers, one at a time and in order of arrival: those who stand in line share a commit.

SQLite lets one transaction write, and a commit waits for the disk. Fifty people who type at one instant would
wait for fifty turns of the disk; here each works in a savepoint of its own, and the last one commits for all.
The patient stand in a line of their own, behind everybody else.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage.sqlite_calls import LoopSession

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

SHARED_SECONDS = 0.02
"""Nobody is let in to share a commit that has been put off for so long."""
PATIENCE_SECONDS = 0.1
"""Who has waited for so long is patient no more."""


def _future() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


@dataclass(eq=False, slots=True)
class _Writer:
    turn: asyncio.Future[AsyncConnection] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    over: asyncio.Future[None] = field(default_factory=_future)
    """Its work is done, or undone."""
    kept: asyncio.Future[None] = field(default_factory=_future)
    """Its work is on the disk."""
    patient: bool = False
    since: float = field(default_factory=time.monotonic)
    alone: bool = False
    """Nobody shares its commit: the whole transaction is its own."""
    undone: bool = False


class SharedCommits:
    """Sessions that write to one SQLite database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(begin="BEGIN IMMEDIATE")
        self._line: deque[_Writer] = deque()
        self._patient: deque[_Writer] = deque()
        self._serving: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def session(self, *, patient: bool = False) -> AsyncIterator[AsyncSession]:
        """A transaction: committed once the block has ended well, rolled back alone when it raises.

        Whoever is ``patient`` lets others go first, and their commit too. Raises what the commit raises, as
        everybody does who shares it.
        """
        writer = _Writer(patient=patient)
        (self._patient if patient else self._line).append(writer)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.create_task(self._serve())
        try:
            connection = await writer.turn
            joins = "rollback_only" if writer.alone else "create_savepoint"
            async with LoopSession(
                connection, expire_on_commit=False, join_transaction_mode=joins
            ) as session:
                yield session
                await session.commit()
        except BaseException:
            writer.undone = True
            raise
        finally:
            if not writer.over.done():
                writer.over.set_result(None)
        # Whoever is cancelled now leaves work behind that is committed all the same, as with any commit.
        await asyncio.shield(writer.kept)

    async def close(self) -> None:
        """Let everybody finish who stands in line."""
        if self._serving is not None:
            await asyncio.gather(self._serving, return_exceptions=True)

    async def _serve(self) -> None:
        while self._line or self._patient:
            served: list[_Writer] = []
            try:
                async with self._engine.connect() as connection:
                    await connection.begin()
                    await self._serve_some(connection, served)
                    if not (served and served[0].alone and served[0].undone):
                        await _commit(connection)
            except Exception as error:  # noqa: BLE001  (whatever it is, it is theirs who were to be committed)
                _fail(served or self._next(), error)
            else:
                for writer in served:
                    writer.kept.set_result(None)

    async def _serve_some(self, connection: AsyncConnection, served: list[_Writer]) -> None:
        until = time.monotonic() + SHARED_SECONDS
        while not served or (time.monotonic() < until and self._may_share(served)):
            writer = self._take()
            if writer is None:
                return
            if writer.turn.cancelled():
                continue
            writer.alone = not served and not self._line and not self._patient
            served.append(writer)
            writer.turn.set_result(connection)
            await writer.over
            if writer.alone:
                return

    def _take(self) -> _Writer | None:
        waited = self._patient and time.monotonic() - self._patient[0].since > PATIENCE_SECONDS
        line = self._patient if waited or not self._line else self._line
        return line.popleft() if line else None

    def _may_share(self, served: list[_Writer]) -> bool:
        """Whether one more may work before the commit: nobody waits for the patient."""
        return bool(self._line) or all(writer.patient for writer in served)

    def _next(self) -> list[_Writer]:
        writer = self._take()
        return [writer] if writer else []


async def _commit(connection: AsyncConnection) -> None:
    try:
        await connection.commit()
    except BaseException:
        # Its transaction may still be open, which closing it ends: nobody is to find it in the pool.
        await connection.invalidate()
        raise


def _fail(writers: list[_Writer], error: Exception) -> None:
    for writer in writers:
        if not writer.turn.done():
            writer.turn.set_exception(error)
        elif not writer.kept.done():
            writer.kept.set_exception(error)
            writer.kept.exception()  # who was rolled back on its own does not ask
