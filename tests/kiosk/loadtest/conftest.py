"""A kiosk for the loads of these tests, and servers with scripted responses."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk, run_throwaway_kiosk


@pytest.fixture(scope="module")
def own() -> Iterator[ThrowawayKiosk]:
    """A throwaway kiosk: three processes and their databases."""
    with run_throwaway_kiosk(["rate_limit=1000000"]) as made:
        yield made


class Booth:
    """The address of a scripted server."""

    host, port, token = "127.0.0.1", 0, "secret"


@contextmanager
def answering(*answers: bytes) -> Iterator[Booth]:
    """Run a server that sends *answers* in turn, and the last one repeatedly."""
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
    """Encode a response."""
    lines = [f"HTTP/1.1 {status} X", f"content-length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


Answering = Callable[..., Iterator[Booth]]
