"""The obvious way: an APScheduler interval job for each run, and httpx as it comes."""

from __future__ import annotations

import asyncio
import logging
import random
import sys
from datetime import UTC, datetime, timedelta

import httpx
from apscheduler.schedulers.asyncio import AsyncIOScheduler

SECONDS = 15


async def main(address: str, runs: int) -> None:
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(limits=limits, timeout=20) as http:

        async def poll(run: int) -> None:
            answer = await http.get(
                f"{address}/api/v2/agents/a{run}/runs/o{run}", headers={"Authorization": f"Bearer k{run}"}
            )
            assert answer.json()["run"]["status"] == "running"

        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        for run in range(runs):
            first = datetime.now(UTC) + timedelta(seconds=1 + random.random() * SECONDS)
            scheduler.add_job(poll, "interval", seconds=SECONDS, args=(run,), next_run_time=first)
        scheduler.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
