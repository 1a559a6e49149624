from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from bot.sandbox.local_origami import DEFAULT_KEY, LocalOrigami


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.raw)

    @property
    def code(self) -> str:
        return self.json["code"]


@dataclass(frozen=True)
class Caller:
    """A client with a key; what it offers reads like the API."""

    http: aiohttp.ClientSession
    origami: LocalOrigami
    key: str | None = DEFAULT_KEY

    def with_key(self, key: str | None) -> "Caller":
        return Caller(self.http, self.origami, key)

    async def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            named["Authorization"] = f"Bearer {self.key}"
        raw = body if body is None or isinstance(body, bytes) else orjson.dumps(body)
        async with self.http.request(method, self.origami.url + path, data=raw, headers=named) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.send("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return await self.send("POST", path, body, **headers)

    async def create(self, prompt: str, **fields: Any) -> Answer:
        return await self.post("/agents", {"prompt": prompt, **fields})

    async def run_to_end(self, prompt: str, seconds: float = 60, **fields: Any) -> Any:
        """Create an agent, let time pass and read the run with its extras."""
        run = (await self.create(prompt, **fields)).json["run"]
        return await self.later(run, seconds)

    async def follow_up(self, run: Any, prompt: str, seconds: float = 60) -> Any:
        answer = await self.post(f"/agents/{run['agentId']}/runs", {"prompt": prompt})
        return await self.later(answer.json["run"], seconds)

    async def later(self, run: Any, seconds: float) -> Any:
        self.origami.clock.advance(seconds)
        return (await self.poll(run)).json

    async def poll(self, run: Any, include: str = "") -> Answer:
        return await self.get(f"/agents/{run['agentId']}/runs/{run['id']}?include={include}")
