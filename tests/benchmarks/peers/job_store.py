"""The obvious way that survives a restart: a job for each run in APScheduler's SQLAlchemy job store."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from datetime import UTC, datetime, timedelta

import httpx
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler

SECONDS = 15
HTTP: httpx.AsyncClient


async def poll(url: str) -> None:
    answer = await HTTP.get(url, headers={"Authorization": "Bearer k"})
    assert answer.json()["run"]["status"] == "running"


async def main(address: str, runs: int, folder: str) -> None:
    global HTTP  # noqa: PLW0603  (a job in a store is a module's function: it can take no client along)
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    HTTP = httpx.AsyncClient(
        limits=httpx.Limits(max_connections=200, max_keepalive_connections=200), timeout=20
    )
    scheduler = AsyncIOScheduler(
        timezone="UTC",
        jobstores={"default": SQLAlchemyJobStore(url=f"sqlite:///{folder}/jobs.sqlite3")},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
    begins = datetime.now(UTC) + timedelta(seconds=1)
    for run in range(runs):
        scheduler.add_job(
            poll,
            "interval",
            seconds=SECONDS,
            args=(f"{address}/api/v2/agents/a{run}/runs/o{run}",),
            next_run_time=begins + timedelta(seconds=random.random() * SECONDS),
        )
    scheduler.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
