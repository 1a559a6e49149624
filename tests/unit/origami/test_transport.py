import asyncio
import gc
import socket
import struct
import traceback

import aiohttp
import httpx
import pytest

from bot.origami import Origami, Unavailable, Unreachable, http_client
from bot.origami.transport import unavailable
from tests.unit.origami import samples
from tests.unit.origami.fake import KEY, misbehaving


async def reset(reader, writer):
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


async def close_without_a_word(reader, writer):
    pass


async def hang(reader, writer):
    await asyncio.Event().wait()


async def truncate(reader, writer):
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"id"')
    await writer.drain()


async def truncate_chunked(reader, writer):
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{"id"')
    await writer.drain()


async def break_the_chunks(reader, writer):
    writer.write(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{"id"\r\n')
    await writer.drain()


async def babble(reader, writer):
    writer.write(b"\x00\x01SSH-2.0-OpenSSH\r\n\r\nwhatever\r\n\r\n")
    await writer.drain()


async def endless_header(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000)
    await writer.drain()


async def bad_length(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}")
    await writer.drain()


async def stall_in_the_body(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
    await writer.drain()
    await asyncio.Event().wait()


async def drip(reader, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


SENT = [
    reset,
    close_without_a_word,
    hang,
    truncate,
    truncate_chunked,
    break_the_chunks,
    babble,
    endless_header,
    bad_length,
    stall_in_the_body,
    drip,
]


@pytest.mark.parametrize("behave", SENT, ids=lambda behave: behave.__name__)
async def test_a_post_that_went_out_without_a_sound_answer_may_have_been_carried_out(behave):
    async with misbehaving(behave) as base_url, http_client(timeout_seconds=0.3, connect_seconds=2) as http:
        origami = Origami(http, base_url=base_url, key=KEY, total_seconds=0.6)
        with pytest.raises(Unavailable) as failed:
            await origami.send_run("a", b"{}", idempotency_key="k")
    assert failed.value.uncertain
    assert failed.value.message.startswith("no answer (")
    assert failed.value.__cause__ is None
    assert failed.value.__context__ is None
    assert KEY not in "".join(traceback.format_exception(failed.value))


async def test_a_refused_connection_was_never_sent(http):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base_url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(Unreachable) as failed:
            await Origami(http, base_url=base_url, key=KEY).send_run("a", b"{}", idempotency_key="k")
    assert not failed.value.uncertain


async def test_a_failed_tls_handshake_was_never_sent(fake, http):
    base_url = fake.base_url.replace("http://", "https://")
    with pytest.raises(Unreachable):
        await Origami(http, base_url=base_url, key=KEY).send_run("a", b"{}", idempotency_key="k")
    assert fake.asked == []


async def test_waiting_in_vain_for_a_free_connection_sends_nothing():
    arrived = asyncio.Event()

    async def notice_and_hang(reader, writer):
        arrived.set()
        await hang(reader, writer)

    client = http_client(timeout_seconds=0.2, max_connections=1)
    async with misbehaving(notice_and_hang) as base_url, client as http:
        first = asyncio.create_task(http.get(base_url, timeout=httpx.Timeout(5, connect=5)))
        await arrived.wait()
        with pytest.raises(Unreachable):
            await Origami(http, base_url=base_url, key=KEY).send_run("a", b"{}", idempotency_key="k")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)


@pytest.mark.parametrize(
    "base_url", ["ftp://127.0.0.1", "nonsense", "http://", "http://127.0.0.1:99999", "http://[x"]
)
async def test_an_impossible_address_is_unreachable(http, base_url):
    with pytest.raises(Unreachable):
        await Origami(http, base_url=base_url, key=KEY).account()


def test_httpx_own_failures_are_told_apart_too():
    for never in (httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x")):
        assert type(unavailable(never)) is Unreachable
    for perhaps in (
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.RemoteProtocolError("x"),
        TimeoutError(),
    ):
        assert type(unavailable(perhaps)) is Unavailable


def test_the_aiohttp_exception_behind_decides():
    disguised = httpx.ConnectTimeout("reported for a connection lost in the middle")
    disguised.__cause__ = aiohttp.ServerDisconnectedError()
    assert unavailable(disguised).uncertain


async def test_a_client_can_be_made_outside_a_loop_and_used_for_many_requests(fake):
    client = await asyncio.to_thread(http_client)
    origami = Origami(client, base_url=fake.base_url, key=KEY)
    for _ in range(50):
        fake.tell(samples.agent())
    await asyncio.gather(*(origami.agent("a") for _ in range(50)))
    assert len(fake.asked) == 50
    await client.aclose()
    gc.collect()


async def test_cancelling_a_request_is_not_taken_for_a_failure(http):
    arrived = asyncio.Event()

    async def notice_and_hang(reader, writer):
        arrived.set()
        await hang(reader, writer)

    async with misbehaving(notice_and_hang) as base_url:
        task = asyncio.create_task(Origami(http, base_url=base_url, key=KEY).account())
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_post_on_a_connection_that_dies_is_not_repeated_by_the_transport(http):
    heads = []

    async def answer_once_then_close(reader, writer):
        heads.append("GET")
        writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{"plan": 1}')
        await writer.drain()
        heads.append((await reader.readuntil(b"\r\n\r\n"))[:4].decode())

    async with misbehaving(answer_once_then_close) as base_url:
        origami = Origami(http, base_url=base_url, key=KEY)
        await origami.account()
        with pytest.raises(Unavailable) as failed:
            await origami.send_run("a", b"{}", idempotency_key="k")
    assert failed.value.uncertain
    assert heads == ["GET", "POST"]
