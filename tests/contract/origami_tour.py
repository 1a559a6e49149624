"""A tour of everything that the local Origami answers, each answer held against the vendor's file."""

import base64
import json
from typing import Any

import aiohttp

from bot.sandbox.local_origami import DEFAULT_KEY, SCENARIOS, LocalOrigami, LocalOrigamiSettings
from tests.contract.origami_report import Report
from tests.contract.origami_spec import Contract

SERVED = {
    "POST /agents", "GET /agents", "GET /agents/{id}", "POST /agents/{id}/runs", "GET /agents/{id}/runs",
    "GET /agents/{id}/runs/{runId}", "POST /agents/{id}/cancel", "GET /agents/{id}/tables", "GET /tables",
    "GET /tables/{tableId}", "GET /tables/{tableId}/columns", "GET /tables/{tableId}/rows", "GET /account",
    "GET /account/credits", "POST /workspaces", "POST /workspaces/{workspaceId}/documents",
    "POST /workspaces/{workspaceId}/uploads", "GET /workspaces/{workspaceId}/documents",
}  # fmt: skip

ODD_RUNS = {
    "odd": "values and fields beyond the contract, which clients must survive",
    "unknown status": "a status beyond the contract, which clients must survive",
}
UNDECLARED_CODES = {
    "IDEMPOTENCY_ERROR": "declared for every POST by the Idempotency-Key parameter, not by the operation",
    "RATE_LIMITED": "described under Rate limits, not by the operation",
    "PROJECT_NOT_FOUND": "described under Tenancy, not by the operation",
}
_UNPAID_KEYS = (
    "no_subscription",
    "no_credits",
    "budget_exceeded",
    "payment_failed",
    "spend_limit_reached",
    "settlement_pending",
)
NOBODY = "6a1f0c0e-0000-4000-8000-000000000001"
BRIEF = {"prompt": "find 10 founders in Austin"}


class Tour:
    def __init__(
        self, contract: Contract, report: Report, http: aiohttp.ClientSession, origami: LocalOrigami
    ) -> None:
        self._contract = contract
        self._report = report
        self._http = http
        self._origami = origami
        self._seen: set[str] = set()

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: int = 200,
        key: str | None = DEFAULT_KEY,
        note: str = "",
        odd_because: str | None = None,
        **headers: str,
    ) -> Any:
        """Send a request, hold the answer against the file, and return what it says."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            named["Authorization"] = f"Bearer {key}"
        url = self._origami.url + path
        async with self._http.request(method, url, json=body, headers=named) as response:
            status, content_type = response.status, response.content_type
            is_json = content_type == "application/json"
            answer = await (response.json() if is_json else response.text())
        operation = self._contract.operation(method, path)
        if operation is None:
            self._report.check(f"{method} {path}", ["not in the file"])
            return answer
        name = f"{operation.name} {status} {note}".strip()
        self._seen.add(operation.name)
        problems = [] if status == expect else [f"status {status} instead of {expect}: {str(answer)[:200]}"]
        code = answer.get("code") if is_json else None
        if code in UNDECLARED_CODES:
            problems += self._contract.validate_error(answer)
            self._report.check(f"{name} ({UNDECLARED_CODES[code]})", problems)
        else:
            problems += self._contract.validate_answer(operation, status, content_type, answer)
            self._report.check(name, problems, odd_because=odd_because)
        return answer

    async def everything(self) -> None:
        for tag in SCENARIOS:
            await self._scenario(tag)
        await self._reads()
        await self._documents()
        await self._refused_bodies()
        await self._refused_admissions()
        await self._refused_everywhere()
        self._report.check("every served operation was visited", sorted(SERVED ^ self._seen))

    async def _scenario(self, tag: str) -> None:
        prompt = f"find 10 founders in Austin [{tag}]"
        odd = ODD_RUNS.get(tag)
        run = (await self.call("POST", "/agents", {"prompt": prompt}, expect=202, note=f"[{tag}]"))["run"]
        path = f"/agents/{run['agentId']}/runs/{run['id']}"
        await self.call("POST", f"/agents/{run['agentId']}/runs", BRIEF, expect=409, note=f"[{tag}] busy")
        self._origami.clock.advance(3)
        await self.call("GET", path, note=f"[{tag}] under way")
        self._origami.clock.advance(47)
        await self.call("GET", f"{path}?include=stats,transcript", note=f"[{tag}] later", odd_because=odd)
        await self.call("POST", f"/agents/{run['agentId']}/cancel", note=f"[{tag}]", odd_because=odd)
        self._origami.clock.advance(47)
        await self.call("GET", path, note=f"[{tag}] at rest", odd_because=odd)
        await self.call("GET", f"/agents/{run['agentId']}", note=f"[{tag}]", odd_because=_summary_odd(tag))
        await self.call("GET", f"/agents/{run['agentId']}/tables?include=stats", note=f"[{tag}]")
        for table in self._origami.tables()[:2]:
            await self.call("GET", f"/tables/{table.id}/rows?defaults=false&limit=200", note=f"[{tag}]")
        follow_up = f"/agents/{run['agentId']}/runs"
        await self.call("POST", follow_up, {"prompt": "find more"}, expect=202, note=f"[{tag}] follow-up")
        self._origami.clock.advance(60)
        await self.call("GET", follow_up, note=f"[{tag}]", odd_because=_summary_odd(tag))

    async def _reads(self) -> None:
        table = self._origami.tables()[0]
        await self.call("GET", "/account")
        await self.call("GET", "/account/credits")
        await self.call("GET", "/account", key="og_live_enterprise", note="without a slot limit")
        await self.call("GET", "/agents?search=clean&limit=1", note="search")
        await self.call("GET", "/tables?limit=2", note="page")
        await self.call("GET", f"/tables/{table.id}")
        await self.call("GET", f"/tables/{table.id}?include=stats", note="stats")
        await self.call("GET", f"/tables/{table.id}/columns")
        rows = f"/tables/{table.id}/rows"
        await self.call("GET", f"{rows}?limit=1", note="typed")
        await self.call("GET", f"{rows}?format=csv", note="csv")
        flat = await self.call("GET", f"{rows}?cells=flat", note="flat", odd_because=_FLAT)
        self._report.check(
            "flat rows are plain objects", [] if all("cells" not in r for r in flat["items"]) else ["cells"]
        )
        for query in ("filters=x", "sort=x", 'sort={"column":"nope","direction":"asc"}'):
            await self.call("GET", f"{rows}?{query}", expect=400, note=query)

    async def _documents(self) -> None:
        space = await self.call("POST", "/workspaces", {"name": "Uploads"}, expect=201)
        path = f"/workspaces/{space['id']}/documents"
        files = [_file("a.csv", "Name\nAcme\n"), _file("notes.txt", "hello")]
        await self.call("POST", path, {"files": files}, expect=201)
        await self.call("POST", f"/workspaces/{space['id']}/uploads", {"files": files}, expect=201)
        await self.call("GET", path)
        await self.call("POST", path, {"files": []}, expect=400, note="no file")
        await self.call("POST", path, {"files": [{**files[1], "mode": "table"}]}, expect=400, note="mode")
        await self.call("POST", path, {"files": files * 9}, expect=413, note="too many")
        broken = {"filename": "a.txt", "content": "*"}
        await self.call("POST", path, {"files": [broken]}, expect=422, note="unreadable")
        await self.call("POST", f"/workspaces/{NOBODY}/documents", {"files": files}, expect=404)
        inside = {**BRIEF, "workspaceId": space["id"]}
        await self.call("POST", "/agents", inside, expect=202, note="in a container")
        self._origami.clock.advance(60)

    async def _refused_bodies(self) -> None:
        bodies: tuple[dict[str, Any], ...] = (
            {},
            {"prompt": "x" * 10_001},
            {**BRIEF, "workspaceId": NOBODY},
            {**BRIEF, "focusTableIds": [NOBODY]},
            {**BRIEF, "attachments": [{"kind": "document", "documentId": NOBODY}]},
        )
        for body in bodies:
            await self.call("POST", "/agents", body, expect=400, note=",".join(body) or "empty")
        too_good = {**BRIEF, "model": "origami-max"}
        await self.call("POST", "/agents", too_good, expect=400, key="og_live_starter", note="model")

    async def _refused_admissions(self) -> None:
        for key in _UNPAID_KEYS:
            await self.call("POST", "/agents", BRIEF, expect=402, key=f"og_live_{key}", note=key)
        await self.call("POST", "/agents", BRIEF, expect=429, key="og_live_no_slots", note="no free slot")
        await self.call("POST", "/agents", BRIEF, expect=202, Idempotency_Key="one", note="first")
        await self.call("POST", "/agents", BRIEF, expect=202, Idempotency_Key="one", note="replay")
        await self.call(
            "POST", "/agents", {"prompt": "y"}, expect=409, Idempotency_Key="one", note="another body"
        )

    async def _refused_everywhere(self) -> None:
        for path in (f"/agents/{NOBODY}", f"/agents/{NOBODY}/runs", f"/agents/{NOBODY}/runs/v2_run-x",
                     f"/agents/{NOBODY}/tables", f"/tables/{NOBODY}", f"/tables/{NOBODY}/columns",
                     f"/tables/{NOBODY}/rows"):  # fmt: skip
            await self.call("GET", path, expect=404)
        await self.call("POST", f"/agents/{NOBODY}/cancel", expect=404)
        await self.call("POST", f"/agents/{NOBODY}/runs", BRIEF, expect=404)
        await self.call("GET", "/agents", expect=401, key=None)
        await self.call("POST", "/agents", BRIEF, expect=401, key="og_live_revoked")
        await self.call("GET", "/tables", expect=404, x_origami_project=NOBODY, note="project")
        for _ in range(self._origami.settings.requests_per_minute):
            async with self._http.get(f"{self._origami.url}/account", headers=_LAST_KEY) as response:
                await response.read()
        await self.call("GET", "/account", expect=429, key="og_live_ultra", note="rate limit")


_FLAT = "flat rows are unstamped, as the operation's description says, though its schema is the typed row"
_LAST_KEY = {"Authorization": "Bearer og_live_ultra"}


def _summary_odd(tag: str) -> str | None:
    return ODD_RUNS[tag] if tag == "unknown status" else None


def _file(filename: str, content: str) -> dict[str, str]:
    return {"filename": filename, "content": base64.b64encode(content.encode()).decode()}


async def tour(contract: Contract, report: Report) -> None:
    """Visit every operation, scenario and refusal of a local Origami whose time moves only when told."""
    settings = LocalOrigamiSettings(
        step_seconds=1, credits=1_000_000, requests_per_minute=2_000,
        requests_per_minute_and_address=100_000, now=lambda: 1_790_000_000.0,
    )  # fmt: skip
    async with LocalOrigami(settings) as origami, aiohttp.ClientSession() as http:
        await Tour(contract, report, http, origami).everything()


def request_problems(contract: Contract, origami: LocalOrigami) -> dict[str, list[str]]:
    """What is wrong with each request that a server got, by request."""
    found: dict[str, list[str]] = {}
    for number, record in enumerate(origami.requests, 1):
        path = record.path.removeprefix("/api/v2") + (f"?{record.query}" if record.query else "")
        headers = {} if record.idempotency_key is None else {"Idempotency-Key": record.idempotency_key}
        body = json.loads(record.body) if record.body else None
        operation = contract.operation(record.method, path)
        name = operation.name if operation is not None else f"{record.method} {path}"
        found[f"{number}. {name}"] = contract.validate_request(record.method, path, body, headers)
    return found
