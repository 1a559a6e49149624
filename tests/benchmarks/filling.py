# ruff: noqa: E501 - SQL reads better in whole lines
"""A database with years of finished runs in it, made inside the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from storage.database import Database

RESULT = '{"id":"o","status":"completed","response":{"text":"' + "Found fifty founders. " * 40 + '"}}'
"""About 1 KB, as a common answer has."""

_TABLES = {
    "threads": "INSERT INTO threads (id, workspace_id, channel_id, requester_id, thread_ts, muted, created_at) "
    "SELECT 'ft' || n, 'W' || (n % {workspaces}), 'FC' || (n % 50000), 'U' || (n % 97), 'f' || n, {no}, {then} {series}",
    "runs": "INSERT INTO runs (id, workspace_id, thread_id, follows_id, requester_id, source, prompt, focus_table_ids, attachments, "
    "state, status, attempts, submissions, steps_completed, steps_max, leads_added, result, created_at, "
    "started_at, finished_at) SELECT 'fr' || n, 'W' || (n % {workspaces}), 'ft' || n, CASE n % 4 WHEN 3 THEN 'fr' || (n - 1) END, 'U' || (n % 97), 'command', "
    "'find 50 founders', '[]', '[]', 'finished', 'completed', 0, 1, 12, 40, 50, :result, {then}, {then}, {then} {series}",
    "deliveries": "INSERT INTO deliveries (token, workspace_id, run_id, kind, subject, sequence, channel_id, payload, state, "
    "priority, revision, due_at, attempts, uncertain, ts, posted_at, sent_at, created_at) SELECT kind || n, "
    "'W' || (n % {workspaces}), 'fr' || n, kind, '', 0, 'FC' || (n % 50000), '{{}}', 'sent', 0, 1, {then}, 0, {no}, "
    "'f' || n, {then}, {then}, {then} {series} CROSS JOIN (SELECT 'opening' AS kind UNION ALL SELECT 'answer') kinds",
    "watches": "INSERT INTO watches (run_id, workspace_id, table_id, attempts, ended, created_at) "
    "SELECT 'fr' || n, 'W' || (n % {workspaces}), 'table' || n, 0, 'settled', {then} {series}",
}

_POSTGRESQL = {
    "no": "false",
    "then": "now() - make_interval(secs => 3600.0 + n)",
    "series": "FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS numbers(n)",
}
_SQLITE = {
    "no": "0",
    "then": "((julianday('now') - 2440587.5) * 86400.0 - 3600.0 - n)",
    "series": "FROM (WITH RECURSIVE numbers(n) AS (SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last) "
    "SELECT n FROM numbers) numbers",
}


async def fill(db: Database, already: int, up_to: int, *, workspaces: int) -> None:
    """Finished runs with their threads, messages and watches, until there are so many; and statistics of them."""
    spelled = _SQLITE if db.is_sqlite else _POSTGRESQL
    for statement in _TABLES.values():
        made = text(statement.format(workspaces=workspaces, **spelled))
        given = {"first": already, "last": up_to - 1}
        async with db.write() as session:
            await session.execute(made, {**given, "result": RESULT} if ":result" in statement else given)
    async with db.write() as session:
        await session.execute(text("ANALYZE"))
