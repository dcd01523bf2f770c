"""The event stream of the API, as a listener reads it."""

import json
from collections.abc import Iterator
from typing import Any

import httpx


def events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    """Yield the name and the document of each event."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])
