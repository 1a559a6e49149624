"""Everything that is kept encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from storage.records import Workspace
from storage.records.installations import SECRETS, bots, installations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession


async def everything_sealed(session: AsyncSession) -> list[str]:
    """Each sealed key and token, as it is kept."""
    keys = select(Workspace.sealed_key).where(Workspace.sealed_key.is_not(None))
    found = [key for key in (await session.execute(keys)).scalars() if key]
    for table in (installations, bots):
        names = [name for name in SECRETS if name in table.c]
        rows = await session.execute(select(*(table.c[name] for name in names)))
        found += [secret for row in rows for secret in row if secret]
    return found
