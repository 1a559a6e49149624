"""Origami's API v2, one method for each thing that we ask of it.

Every method raises an OrigamiError and nothing else for whatever Origami or the network does.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote, urlencode

import orjson

from bot.origami import _reading as reading
from bot.origami import retry_after as retry_after_header
from bot.origami._account import Account, Credits
from bot.origami._documents import Uploaded
from bot.origami._pages import Page
from bot.origami._tables import Row, Table
from bot.origami.errors import KeyRefused, MalformedAnswer, NotFound, OrigamiError, from_answer
from bot.origami.models import Agent, Container, Run, RunSummary
from bot.origami.transport import FAILURES, Http, body_of, unavailable

ANSWER_BYTES = 16 * 2**20
"""Ours: a page of 200 rows is far below 1 MiB."""

TOTAL_SECONDS = 45.0
"""Ours: a server that sends a byte now and then must not hold a lease for ever."""

PAGE_LIMIT = 100
"""Origami: 100 items a page."""
ROWS_LIMIT = 200
"""Origami: 200 rows a page."""
PAGES = 5

R = TypeVar("R", RunSummary, Agent, Table)

_KEY = re.compile(r"[\x21-\x7e]+")
_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True)
class Admission:
    """A new agent and its first run, which is `running`, also in a replayed answer: poll it."""

    agent: Agent
    run: Run


@dataclass(frozen=True)
class Polled:
    """A run and the poll's Retry-After in seconds, None where there was none (the run is over)."""

    run: Run
    retry_after: float | None


@dataclass(frozen=True)
class RowPage:
    """A page of the table's saved view; `total` counts the view, not the table.

    A row can come again on a later page.
    """

    rows: tuple[Row, ...]
    next_cursor: str | None
    total: int | None


@dataclass(frozen=True)
class Exchange:
    """One request and what came of it, for logs and metrics: `outcome` is `ok` or the name of the error."""

    method: str
    outcome: str
    seconds: float
    request_id: str | None


@dataclass(frozen=True)
class _Answer:
    data: object
    headers: Mapping[str, str]

    def under(self, name: str) -> object:
        """What stands under a name, or the whole where the wrapper is missing."""
        found = reading.mapping(self.data)
        return found.get(name, self.data)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _unheard(_exchange: Exchange) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Origami:
    """A client for one key; cheap enough to make for each call, because `http` is shared."""

    http: Http
    base_url: str = field(kw_only=True)
    key: str = field(kw_only=True, repr=False)
    now: Callable[[], datetime] = field(kw_only=True, default=_utc_now, repr=False)
    total_seconds: float = field(kw_only=True, default=TOTAL_SECONDS, repr=False)
    told: Callable[[Exchange], None] = field(kw_only=True, default=_unheard, repr=False)
    """Called after each request, in the task that made it."""

    async def create_agent(self, body: bytes, *, idempotency_key: str) -> Admission:
        """Start a new agent on a body from `agent_body`."""
        answer = await self._post("/agents", body, idempotency_key)
        run = Run.read(reading.mapping(answer.data).get("run"))
        agent = reading.mapping(reading.mapping(answer.data).get("agent"))
        return Admission(Agent.read({**agent, "id": agent.get("id") or run.agent_id}), run)

    async def send_run(self, agent_id: str, body: bytes, *, idempotency_key: str) -> Run:
        """Start a follow-up run, which is also how a question is answered, on a body from `run_body`."""
        answer = await self._post(f"/agents/{_segment(agent_id)}/runs", body, idempotency_key)
        return Run.read(answer.under("run"))

    async def run(self, agent_id: str, run_id: str, *, include: Iterable[str] = ()) -> Polled:
        """Poll a run; `include` takes `stats` and `transcript`.

        Without them, of a run that is `running` only its id, status and steps are read.
        """
        path = f"/agents/{_segment(agent_id)}/runs/{_segment(run_id)}"
        asked = ",".join(include)
        answer = await self._get(path, include=asked)
        wait = retry_after_header.parse(answer.headers.get("retry-after"), now=self.now())
        run = answer.under("run")
        going_on = None if asked else Run.going_on(run)
        return Polled(going_on or Run.read(run), wait)

    async def cancel(self, agent_id: str) -> Run | None:
        """Ask the agent to stop; None if it never ran. The run can still be `running`: poll it to its end."""
        answer = await self._post(f"/agents/{_segment(agent_id)}/cancel")
        run = answer.under("run")
        return Run.read(run) if run else None

    async def runs(self, agent_id: str, *, pages: int = PAGES) -> list[RunSummary]:
        """The agent's runs, newest first, those without a start time last; at most 100 a page."""
        path = f"/agents/{_segment(agent_id)}/runs"
        found = await self._all(RunSummary, path, pages, limit=str(PAGE_LIMIT))
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(found, key=lambda run: run.started_at or oldest, reverse=True)

    async def agent(self, agent_id: str) -> Agent:
        """One agent with its last run."""
        return Agent.read((await self._get(f"/agents/{_segment(agent_id)}")).under("agent"))

    async def agents(self, *, search: str = "", pages: int = PAGES) -> list[Agent]:
        """Agents made through the API whose name contains `search`, in any case; at most 100 a page."""
        return await self._all(Agent, "/agents", pages, limit=str(PAGE_LIMIT), search=search)

    async def tables(self, *, pages: int = 1) -> list[Table]:
        """The organisation's tables, 100 a page."""
        return await self._all(Table, "/tables", pages, limit=str(PAGE_LIMIT))

    async def table(self, table_id: str, *, stats: bool = False) -> Table:
        """One table, with its economics where `stats` is set."""
        answer = await self._get(f"/tables/{_segment(table_id)}", include="stats" if stats else "")
        return Table.read(answer.under("table"))

    async def rows(self, table_id: str, *, cursor: str | None = None, limit: int = ROWS_LIMIT) -> RowPage:
        """A page of the saved view: the rows that meet the brief, not every candidate; `limit` is 1..200."""
        size = str(min(max(limit, 1), ROWS_LIMIT))
        answer = await self._get(f"/tables/{_segment(table_id)}/rows", limit=size, cursor=cursor or "")
        page = Page.read(answer.data)
        rows = reading.each(Row.model_validate)(page.items)
        following = page.following[1] if page.following and page.following[0] == "cursor" else None
        return RowPage(rows, following, page.total)

    async def create_workspace(self, name: str, *, idempotency_key: str) -> str:
        """A container to upload to before there is an agent; returns its id."""
        answer = await self._post("/workspaces", orjson.dumps({"name": name}), idempotency_key)
        return Container.read(answer.under("workspace")).id

    async def upload(self, workspace_id: str, body: bytes, *, idempotency_key: str) -> Uploaded:
        """Upload one file, on a body from `upload_body`. Raises UploadFailed where it cannot be read."""
        path = f"/workspaces/{_segment(workspace_id)}/documents"
        return Uploaded.read((await self._post(path, body, idempotency_key)).data)

    async def account(self) -> Account:
        """The plan and what it allows: the cheapest check of a key."""
        return Account.read((await self._get("/account")).under("account"))

    async def credits(self) -> Credits:
        """The wallet's balance."""
        return Credits.read((await self._get("/account/credits")).under("credits"))

    async def _all(self, model: type[R], path: str, pages: int, **query: str) -> list[R]:
        """The records of a list, each id once; stops after `pages`, and where Origami starts over."""
        found: dict[str, R] = {}
        following: tuple[str, str] | None = None
        for _ in range(pages):
            params = query if following is None else {**query, following[0]: following[1]}
            page = Page.read((await self._get(path, **params)).data)
            before = len(found)
            for record in reading.each(model.model_validate)(page.items):
                found.setdefault(record.id, record)
            following = page.following
            if following is None or len(found) == before:
                break
        return list(found.values())

    async def _get(self, path: str, **query: str) -> _Answer:
        params = {name: value for name, value in query.items() if value}
        return await self._answer("GET", path, params=params)

    async def _post(self, path: str, body: bytes = b"", idempotency_key: str | None = None) -> _Answer:
        headers = {"Content-Type": "application/json"} if body else {}
        if idempotency_key is not None:
            if not _IDEMPOTENCY_KEY.fullmatch(idempotency_key):
                raise ValueError("an idempotency key is 1 to 255 printable ASCII characters")
            headers["Idempotency-Key"] = idempotency_key
        return await self._answer("POST", path, content=body, headers=headers)

    async def _answer(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> _Answer:
        began = time.monotonic()
        try:
            answer = await self._ask(method, path, params, content, headers)
        except OrigamiError as error:
            self.told(Exchange(method, type(error).__name__, time.monotonic() - began, error.request_id))
            raise
        request_id = reading.line_or_none(answer.headers.get("x-request-id"))
        self.told(Exchange(method, "ok", time.monotonic() - began, request_id))
        return answer

    async def _ask(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        content: bytes | None,
        headers: Mapping[str, str] | None,
    ) -> _Answer:
        if not _KEY.fullmatch(self.key):
            raise KeyRefused("the key is empty or has characters that no key has")
        headers = {**(headers or {}), "Authorization": f"Bearer {self.key}"}
        target = f"{path}?{urlencode(params)}" if params else path
        try:
            async with asyncio.timeout(self.total_seconds):
                response = await self.http.ask(
                    method, self.base_url, target, headers=headers, content=content or b""
                )
                body = await body_of(response, most_bytes=ANSWER_BYTES)
        except FAILURES as exc:
            failure = unavailable(exc)
        else:
            return self._understood(response.status_code, response.headers, body)
        raise failure  # outside of the handler: the cause can carry the key in its headers

    def _understood(self, status: int, headers: Mapping[str, str], content: bytes | None) -> _Answer:
        if not 200 <= status < 300:
            spoken = (content or b"").replace(self.key.encode(), b"[key]")
            raise from_answer(status, headers, spoken, now=self.now())
        request_id = reading.line_or_none(headers.get("x-request-id"))
        if content is None:
            raise MalformedAnswer(
                f"answer of more than {ANSWER_BYTES:,} bytes", status=status, request_id=request_id
            )
        try:
            return _Answer(reading.parse_json(content), headers)
        except ValueError:
            pass
        raise MalformedAnswer("answer is not JSON", status=status, request_id=request_id)


def _segment(identifier: str) -> str:
    """An id as one segment of a path: ids come from outside, and must not lead elsewhere."""
    if identifier in {"", ".", ".."}:
        raise NotFound(f"{identifier!r} is no id")
    return quote(identifier, safe="", errors="replace")
