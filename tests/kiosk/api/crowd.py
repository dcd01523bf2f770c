"""Many clients at once, each on its own connection, without httpx, which would take longer than the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.kiosk.api.api import Api, request


@dataclass
class Answer:
    """The response to one client."""

    status: int
    headers: dict[str, str]
    document: Any


class Line:
    """The connection of one client."""

    def __init__(self, token: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.token = token
        self.reader = reader
        self.writer = writer

    async def post(self, body: Any, path: str = "/api/v1/contacts") -> Answer:
        """
        Post, and wait for the response.

        Raises:
            OSError, EOFError: the connection ended before it arrived.
        """
        self.writer.write(request("POST", path, self.token, body))
        first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in lines if one)}
        content = await self.reader.readexactly(int(headers["content-length"]))
        return Answer(int(first.split()[1]), headers, json.loads(content))


@asynccontextmanager
async def crowd(api: Api, number: int) -> AsyncIterator[list[Line]]:
    """Open *number* connections of one device."""
    url, token = httpx.URL(api.url), api.token("post")
    lines = [Line(token, *await asyncio.open_connection(url.host, url.port)) for _ in range(number)]
    try:
        yield lines
    finally:
        for line in lines:
            line.writer.close()
