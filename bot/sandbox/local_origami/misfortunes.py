"""How each kind of fault happens to a request that is otherwise carried out honestly."""

import socket
import struct
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sandbox.local_origami import answers
from bot.sandbox.local_origami.clock import Clock
from bot.sandbox.local_origami.faults import Fault, Faults
from bot.sandbox.local_origami.refusals import not_found
from bot.sandbox.local_origami.retry_after import http_date

_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1><hr>proxy</body></html>"
)

CarryOut = Callable[[], Awaitable[web.Response]]


class Misfortunes:
    """Faults that happen around the work; `delay` and an `error` after the work happen within it."""

    def __init__(self, faults: Faults, clock: Clock) -> None:
        self._faults = faults
        self._clock = clock

    async def meet(
        self, fault: Fault | None, request: web.Request, carry_out: CarryOut
    ) -> web.StreamResponse:
        """Carry out the request, with what the fault does to it."""
        if fault is None or fault.kind == "delay" or (fault.kind == "error" and fault.after_work):
            return await carry_out()
        if fault.kind in ("error", "answer", "vanished"):
            return _instead(fault, request)
        if fault.kind in ("html", "reset", "hang"):
            return await self._around(fault, request, carry_out)
        return await self._spoil(fault, request, await carry_out())

    async def _around(self, fault: Fault, request: web.Request, carry_out: CarryOut) -> web.StreamResponse:
        response = await carry_out() if fault.after_work else None
        if fault.kind == "hang":
            await self._faults.hold(fault.seconds)
            return response if response is not None else await carry_out()
        if fault.kind == "reset":
            _reset(request)
        return web.Response(text=_PAGE, status=fault.status or 502, content_type="text/html")

    async def _spoil(self, fault: Fault, request: web.Request, response: web.Response) -> web.StreamResponse:
        content = answers.body(response)
        if fault.kind == "retry_after":
            return self._with_retry_after(fault, response)
        if fault.kind == "truncated":
            response.body = content[: len(content) // 2]
            return response
        partial = web.StreamResponse(status=response.status, headers={"Content-Type": response.content_type})
        partial.content_length = len(content)
        await partial.prepare(request)
        await partial.write(content[: len(content) // 2])
        if request.transport is not None:
            request.transport.close()
        return partial

    def _with_retry_after(self, fault: Fault, response: web.Response) -> web.Response:
        given = response.headers.pop("Retry-After", None)
        if fault.value == "date":
            response.headers["Retry-After"] = http_date(float(given or 0), now=self._clock.wall())
        elif fault.value is not None:
            response.headers["Retry-After"] = fault.value
        return response


def _instead(fault: Fault, request: web.Request) -> web.Response:
    if fault.kind == "error":
        return answers.internal_error(fault.status or 500)
    if fault.kind == "answer":
        return answers.json_answer(fault.body or {}, status=fault.status or 500, headers=fault.headers)
    parts = request.path.split("/")
    what = "Run" if "runs" in parts[:-1] else "Table" if "tables" in parts[:-1] else "Agent"
    return answers.refusal(not_found(what))


def _reset(request: web.Request) -> None:
    transport = request.transport
    if transport is None:
        return
    # Without lingering the kernel sends RST, which is what a client sees of a proxy that died.
    connection = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
