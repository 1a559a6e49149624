"""Whether a migration only expands: what the release before it needs must still be there and still suffice.

Checked by what Alembic is told to do, not by how the migration is written. A migration that takes something
away is a contract step: it says ``CONTRACTS = "REVISION"``, the schema of the first release that no longer
needed what it takes, and that release came before it.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from alembic.operations import AbstractOperations, ops

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

TAKES_AWAY = (ops.DropTableOp, ops.DropColumnOp, ops.RenameTableOp)
RULES = (
    ops.CreateUniqueConstraintOp,
    ops.CreateCheckConstraintOp,
    ops.CreateForeignKeyOp,
    ops.CreatePrimaryKeyOp,
    ops.ExecuteSQLOp,
)
"""An older release does not know the rule, or nobody can tell what the SQL does."""


@contextmanager
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ops.MigrateOperation]]:
    """Everything that Alembic is told meanwhile."""
    found: list[ops.MigrateOperation] = []
    invoke = AbstractOperations.invoke

    def listen(self: AbstractOperations, operation: ops.MigrateOperation) -> object:
        found.append(operation)
        return invoke(self, operation)

    with monkeypatch.context() as patched:
        patched.setattr(AbstractOperations, "invoke", listen)
        yield found


def problems(operations: list[ops.MigrateOperation]) -> list[str]:
    """What an older release could not live with."""
    made = {one.table_name for one in operations if isinstance(one, ops.CreateTableOp)}
    return [
        f"{type(one).__name__} on {getattr(one, 'table_name', None)}"
        for one in operations
        if getattr(one, "table_name", None) not in made and _hurts(one)
    ]


def _hurts(one: ops.MigrateOperation) -> bool:
    if isinstance(one, (*TAKES_AWAY, *RULES)):
        return True
    if isinstance(one, ops.AddColumnOp):
        return not one.column.nullable and one.column.server_default is None
    if isinstance(one, ops.CreateIndexOp):
        return bool(one.unique)
    if isinstance(one, ops.AlterColumnOp):
        return one.modify_nullable is False or one.modify_name is not None or one.modify_type is not None
    return False
