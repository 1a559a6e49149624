"""What every request to the API passes before and after its work: log, key, limits, idempotency."""

import logging
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import web

from bot.sandbox.local_origami import answers
from bot.sandbox.local_origami.faults import Fault, Faults
from bot.sandbox.local_origami.idempotency import IdempotencyKeys, StoredAnswer
from bot.sandbox.local_origami.misfortunes import Misfortunes
from bot.sandbox.local_origami.rate_limit import SlidingWindows
from bot.sandbox.local_origami.records import Org
from bot.sandbox.local_origami.refusals import RefusalError, invalid, not_found, rate_limited, unauthorized
from bot.sandbox.local_origami.request_log import RequestLog, RequestRecord
from bot.sandbox.local_origami.retry_after import seconds
from bot.sandbox.local_origami.world import World

BASE_PATH = "/api/v2"
ORG: web.RequestKey[Org] = web.RequestKey("org", Org)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Gate:
    """The middleware of the API."""

    def __init__(self, world: World, faults: Faults, log: RequestLog) -> None:
        self._world = world
        self._faults = faults
        self._log = log
        self._misfortunes = Misfortunes(faults, world.clock)
        self._keys = IdempotencyKeys()
        self._per_org = SlidingWindows(world.settings.requests_per_minute)
        self._per_address = SlidingWindows(world.settings.requests_per_minute_and_address)

    @web.middleware
    async def admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Log the request, let its fault happen, and send the answer with the request's id."""
        record = await self._record(request)
        self._log.add(record)
        fault = self._faults.befalling(request.method, request.path.removeprefix(BASE_PATH))
        record.fault = fault.kind if fault is not None else None

        async def carry_out() -> web.Response:
            response = await self._answer(request, handler, record, fault)
            record.status = response.status
            return response

        response = await self._misfortunes.meet(fault, request, carry_out)
        if not response.prepared:
            response.headers["X-Request-Id"] = record.request_id
        if record.status is None and isinstance(response, web.Response):
            record.status = response.status
        return response

    async def _record(self, request: web.Request) -> RequestRecord:
        given = request.headers.get("X-Request-Id", "")
        return RequestRecord(
            time=self._world.clock.wall(),
            method=request.method,
            path=request.path,
            query=request.query_string,
            idempotency_key=request.headers.get("Idempotency-Key"),
            body=(await request.read()).decode(errors="replace"),
            request_id=given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4()),
        )

    async def _answer(
        self, request: web.Request, handler: Handler, record: RequestRecord, fault: Fault | None
    ) -> web.Response:
        headers: dict[str, str] = {}
        try:
            org = self._admit(request, headers)
            record.org = org.name
            request[ORG] = org
            response = await self._once(request, handler, record, fault)
        except RefusalError as refusal:
            response = answers.refusal(refusal)
        response.headers.update(headers)
        return response

    def _admit(self, request: web.Request, headers: dict[str, str]) -> Org:
        now = self._world.clock.wall()
        address = request.remote
        wait = self._per_address.count(address, now)
        headers.update(self._per_address.headers(address, now, "IP"))
        if wait:
            raise rate_limited(seconds(wait))
        org = self._org(request)
        wait = self._per_org.count(org.id, now)
        headers.update(self._per_org.headers(org.id, now, "Global"))
        if wait:
            raise rate_limited(seconds(wait))
        if not request.path.startswith(f"{BASE_PATH}/account"):
            if org.barred is not None:
                raise org.barred()
            _check_project(request.headers.get("x-origami-project"))
        return org

    def _org(self, request: web.Request) -> Org:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not key:
            raise unauthorized("Missing API key")
        org = self._world.keys.get(key)
        if org is None or not key.startswith("og_live_"):
            raise unauthorized("Invalid API key")
        return org

    async def _once(
        self, request: web.Request, handler: Handler, record: RequestRecord, fault: Fault | None
    ) -> web.Response:
        key = record.idempotency_key
        if request.method != "POST" or key is None:
            return await self._work(request, handler, fault)
        org_id = request[ORG].id
        fingerprint = b"\n".join((b"POST", request.raw_path.encode(), await request.read()))
        stored = self._keys.begin(org_id, key, fingerprint, self._world.clock.wall())
        if stored is not None:
            record.replay = True
            return answers.replayed(stored)
        try:
            response = await self._work(request, handler, fault)
        except BaseException:
            self._keys.abandon(org_id, key)
            raise
        headers = {name: response.headers[name] for name in ("Retry-After",) if name in response.headers}
        answer = StoredAnswer(response.status, answers.body(response), response.content_type, headers)
        self._keys.finish(org_id, key, answer)
        return response

    async def _work(self, request: web.Request, handler: Handler, fault: Fault | None) -> web.Response:
        if fault is not None and fault.kind == "delay":
            await self._faults.hold(fault.seconds)
        try:
            # Every handler here answers a whole body, which aiohttp's type of a handler does not say.
            response = cast("web.Response", await handler(request))
        except RefusalError as refusal:
            response = answers.refusal(refusal)
        except web.HTTPException as error:
            code = "_".join(error.reason.upper().split())
            response = answers.refusal(RefusalError(error.status, code, error.reason))
        except Exception:  # noqa: BLE001 - a server outlives its faults; this one is logged and answered
            _log.exception("the local Origami failed", extra={"path": request.path})
            response = answers.internal_error(500)
        if fault is not None and fault.kind == "error" and fault.after_work:
            return answers.internal_error(fault.status or 500)
        return response


def _check_project(given: str | None) -> None:
    if given is None:
        return
    try:
        uuid.UUID(given)
    except ValueError:
        issue = {"path": "x-origami-project", "message": "must be a UUID"}
        raise invalid("Invalid project id", [issue]) from None
    raise not_found("Project")
