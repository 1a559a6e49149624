"""The obvious way: a task for each run, which asks and sleeps, with httpx as it comes."""

from __future__ import annotations

import asyncio
import random
import sys

import httpx


async def main(address: str, runs: int) -> None:
    limits = httpx.Limits(max_connections=200, max_keepalive_connections=200)
    async with httpx.AsyncClient(limits=limits, timeout=20) as http:

        async def watch(run: int) -> None:
            await asyncio.sleep(1 + random.random() * 15)
            while True:
                answer = await http.get(
                    f"{address}/api/v2/agents/a{run}/runs/o{run}", headers={"Authorization": f"Bearer k{run}"}
                )
                assert answer.json()["run"]["status"] == "running"
                await asyncio.sleep(float(answer.headers["Retry-After"]))

        await asyncio.gather(*(watch(run) for run in range(runs)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
