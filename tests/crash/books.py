"""A look into the bot's database: for when to count, and what a dead process held; not for what to count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Connection,
    and_,
    create_engine,
    false,
    insert,
    inspect,
    literal,
    not_,
    or_,
    select,
    union_all,
    update,
)

from storage.records import (
    Choice,
    Delivery,
    DeliveryState,
    Export,
    ExportState,
    Run,
    RunState,
    Schedule,
    ScheduleState,
    Watch,
    Workspace,
)
from storage.times import database_now

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import TracebackType
    from typing import Self

OWED = (DeliveryState.PENDING, DeliveryState.SENDING)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LEASED = (Run, Delivery, Export, Schedule, Watch)


class Books:
    """One connection, which blocks the caller: each look takes a millisecond, a thread for it more.

    ``url`` is SQLAlchemy's async form; use as a context manager.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url.replace("+aiosqlite", ""), isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    @property
    def _open(self) -> Connection:
        assert self._connection is not None
        return self._connection

    def has(self, prompt: str) -> bool:
        """Whether a run with this prompt was accepted."""
        return self._open.execute(select(Run.id).where(Run.prompt == prompt)).first() is not None

    def open_work(self) -> list[str]:
        """Which runs are not over, which messages and files owed, which tables to be read, in words."""
        open_runs = select(Run.id, Run.state, Run.prompt).where(Run.state != RunState.FINISHED)
        owed = select(Delivery.run_id, Delivery.state, Delivery.kind).where(Delivery.state.in_(OWED))
        wanted = select(Export.run_id, Export.state, Export.file_format)
        wanted = wanted.where(Export.state == ExportState.PENDING)
        unread = select(Watch.run_id, literal("watch"), Watch.table_id).where(Watch.due_at.is_not(None))
        return [" ".join(row) for row in self._open.execute(union_all(open_runs, owed, wanted, unread))]

    def wants_file(self) -> bool:
        """Whether a file was accepted to be made."""
        return self._open.execute(select(Export.id)).first() is not None

    def let_recur(self, prompt: str, team_id: str, owner_id: str, channel_id: str) -> None:
        """Keep a daily brief that was due yesterday and the day before, as if nobody had been there."""
        workspace_id = self._open.scalar(select(Workspace.id).where(Workspace.team_id == team_id))
        if workspace_id is None:
            workspace_id = "w"
            workspace = {"id": workspace_id, "team_id": team_id, "enterprise_id": "", "settings": {}}
            self._open.execute(insert(Workspace).values(**workspace))
        its = {"workspace_id": workspace_id, "owner_id": owner_id, "channel_id": channel_id, "prompt": prompt}
        recurs = {"weekdays": WEEKDAYS, "time_of_day": "09:00", "time_zone": "UTC"}
        due = database_now(-2 * 86_400.0)
        row = {"id": prompt, "state": ScheduleState.ACTIVE, "next_at": due, **its, **recurs}
        self._open.execute(insert(Schedule).values(**row))

    def winners(self) -> list[str]:
        """The labels of the choices that won."""
        return list(self._open.scalars(select(Choice.label).where(Choice.chosen_by.is_not(None))))

    def held(self) -> list[str]:
        """What is under a lease that has not ended."""
        live = [select(one.lease_owner).where(one.lease_until > database_now()) for one in LEASED]
        return [str(owner) for owner in self._open.scalars(union_all(*live))]

    def bury(self, living: Collection[str]) -> None:
        """End the leases of all but these owners, as time would."""
        for record in LEASED:
            key = inspect(record).primary_key[0]
            alive = or_(false(), *(record.lease_owner.startswith(owner) for owner in living if owner))
            held = and_(not_(alive), record.lease_until > database_now())
            found = self._open.scalars(select(key).where(held)).all()
            if found:
                freed = update(record).where(key.in_(found), held).values(lease_until=database_now(-1))
                self._open.execute(freed)
