"""Queries about exports: tables that somebody wants as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, or_, select, update

from storage.records import Export, ExportState, Run, Thread, Workspace
from storage.runs import LeaseLostError
from storage.times import database_now

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


@dataclass(frozen=True, slots=True)
class Claim:
    """An export that this process may work on until its lease ends."""

    export: Export
    run: Run
    thread: Thread
    workspace: Workspace

    @property
    def lease(self) -> str:
        """The name under which it is leased."""
        assert self.export.lease_owner is not None
        return self.export.lease_owner


async def keep(session: AsyncSession, **values: Any) -> None:  # noqa: ANN401  (columns of Export)
    """Keep a wanted file; it is due at once."""
    session.add(Export(due_at=database_now(), **values))
    await session.flush()


async def pending(
    session: AsyncSession, *, run_id: str, requester_id: str, file_format: str
) -> Export | None:
    """The same file, wanted by the same person and not there yet."""
    statement = select(Export).where(
        Export.run_id == run_id,
        Export.requester_id == requester_id,
        Export.file_format == file_format,
        Export.state == ExportState.PENDING,
    )
    return (await session.execute(statement.limit(1))).scalar_one_or_none()


async def claim(session: AsyncSession, *, owner: str, limit: int, lease_seconds: float) -> list[Claim]:
    """Lease up to ``limit`` exports that are due, the longest due first; each claim counts as an attempt."""
    due = (
        select(Export.id)
        .where(
            Export.due_at <= database_now(),
            or_(Export.lease_until.is_(None), Export.lease_until < database_now()),
        )
        .order_by(Export.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Export)
        .where(Export.id.in_(due))
        .values(lease_owner=owner, lease_until=database_now(lease_seconds), attempts=Export.attempts + 1)
        .returning(Export)
        .execution_options(synchronize_session=False)
    )
    return [await _with_its_run(session, export) for export in (await session.execute(statement)).scalars()]


async def _with_its_run(session: AsyncSession, export: Export) -> Claim:
    run = await session.get_one(Run, export.run_id)
    thread = await session.get_one(Thread, run.thread_id)
    return Claim(export, run, thread, await session.get_one(Workspace, export.workspace_id))


async def renew(session: AsyncSession, claim: Claim, *, lease_seconds: float, **values: object) -> None:
    """Begin the lease anew, and note ``values``. Raises LeaseLostError when it is over."""
    await _write(
        session, claim, Export.lease_until > database_now(), lease_until=database_now(lease_seconds), **values
    )


async def write_back(session: AsyncSession, claim: Claim, **values: object) -> None:
    """Write under the lease. Raises LeaseLostError when it is no longer ours."""
    await _write(session, claim, **values)


async def _write(session: AsyncSession, claim: Claim, *more: Any, **values: object) -> None:  # noqa: ANN401
    statement = (
        update(Export)
        .where(
            Export.id == claim.export.id,
            Export.lease_owner == claim.lease,
            Export.state == ExportState.PENDING,
            *more,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    result = cast("CursorResult[Any]", await session.execute(statement))
    if result.rowcount != 1:
        raise LeaseLostError(f"export {claim.export.id}")


async def finish(
    session: AsyncSession, claim: Claim, state: ExportState, reason: dict[str, Any] | None, **values: object
) -> None:
    """End an export under its lease: the file is there, or never will be, for this reason."""
    await write_back(
        session,
        claim,
        state=state,
        reason=reason,
        finished_at=database_now(),
        due_at=None,
        lease_owner=None,
        lease_until=None,
        **values,
    )


async def release_all(session: AsyncSession, owner: str) -> None:
    """Give back every lease of a process that stops, so that the next one need not wait."""
    await session.execute(
        update(Export)
        .where(Export.lease_owner.startswith(owner), Export.state == ExportState.PENDING)
        .values(lease_owner=None, lease_until=None)
        .execution_options(synchronize_session=False),
    )
