"""A kiosk that carries the loads of these tests, and servers that answer as no kiosk should."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk, run_throwaway_kiosk


@pytest.fixture(scope="module")
def own() -> Iterator[ThrowawayKiosk]:
    """A kiosk of the test's own: three processes, and databases that go with it."""
    with run_throwaway_kiosk(["rate_limit=1000000"]) as made:
        yield made


class Booth:
    """Where a server of `answering` is."""

    host, port, token = "127.0.0.1", 0, "secret"


@contextmanager
def answering(*answers: bytes) -> Iterator[Booth]:
    """A server that gives the first of *answers* to the first call and so on; to each further one, the last."""
    booth, left, loop = Booth(), list(answers), asyncio.new_event_loop()
    ready, ended = threading.Event(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
                await reader.readexactly(int(length.partition(b":")[2]))
                said = left.pop(0) if len(left) > 1 else left[0]
                writer.write(said)
                if not said:
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, booth.host, 0)
        booth.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    try:
        yield booth
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()


def http(status: int, body: bytes = b"{}", *headers: str) -> bytes:
    """An answer as it goes over the line."""
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


Answering = Callable[..., Iterator[Booth]]
