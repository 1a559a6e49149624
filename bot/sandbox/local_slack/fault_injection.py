"""Faults applied to an HTTP exchange."""

import asyncio
import socket
import struct
from collections.abc import Iterable

from aiohttp import web

from bot.sandbox.local_slack.faults import Fault, first

PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body>Something went wrong.</body></html>"
# Linger on, zero seconds: closing sends RST instead of FIN.
RESET = struct.pack("ii", 1, 0)
# Longer than any client waits.
NEVER_SECONDS = 3600.0


async def before_work(faults: Iterable[Fault], request: web.Request) -> web.Response | None:
    """Wait, or spoil the exchange so that nothing is done; None to go on."""
    if fault := first(faults, "delay"):
        await asyncio.sleep(fault.seconds)
    if first(faults, "reset_before"):
        reset(request)
        return web.Response(status=500)
    if fault := first(faults, "error_before"):
        return web.Response(status=fault.status, text="upstream error")
    if fault := first(faults, "html"):
        return web.Response(status=fault.status, text=PAGE, content_type="text/html")
    if fault := first(faults, "ratelimited"):
        return web.json_response(
            {"ok": False, "error": "ratelimited"},
            status=429,
            headers={"Retry-After": str(max(1, round(fault.seconds)))},
        )
    if fault := first(faults, "refuse"):
        return web.json_response({"ok": False, "error": fault.error})
    return None


async def after_work(faults: Iterable[Fault], request: web.Request) -> web.Response | None:
    """Keep the answer from the client although the work was done; None to answer."""
    if first(faults, "reset_after"):
        reset(request)
        return web.Response(status=500)
    if fault := first(faults, "error_after"):
        return web.Response(status=fault.status, text="upstream error")
    if first(faults, "lost"):
        await asyncio.sleep(NEVER_SECONDS)
    return None


def reset(request: web.Request) -> None:
    """Cut the connection with a TCP reset."""
    transport = request.transport
    if transport is None:
        return
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    transport.abort()
