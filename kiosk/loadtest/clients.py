"""Simulated people at the booth: each posts, waits for the response, thinks, and posts again."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kiosk.loadtest.connection import HttpConnection, HttpResponse, encode_request
from kiosk.loadtest.target import LoadTarget

# How long one post may take to be saved, with all its retries.
POST_TIMEOUT_SECONDS = 30.0


@dataclass(slots=True)
class CrowdOutcome:
    """What the clients saw."""

    milliseconds: list[float] = field(default_factory=list)
    """Response times, with retries, of the posts that were saved."""
    failures: Counter[str] = field(default_factory=Counter)
    """Posts that were not saved, by what happened."""
    retries: int = 0
    """How often a client was asked to try again later, and did."""
    acknowledged: int = 0
    """Contacts that the kiosk reported as saved."""
    seconds: float = 0.0
    """From the first post to the last response."""


class ClientCrowd:
    """Many clients, each with its own *posts*."""

    def __init__(self, target: LoadTarget, posts: Sequence[Iterable[bytes]], path: str, think_seconds: float) -> None:
        self.target = target
        self.posts = posts
        self.path = path
        self.think_seconds = think_seconds
        self.outcome = CrowdOutcome()

    async def post_all(self, report: Callable[[], None] = lambda: None) -> CrowdOutcome:
        """Start all clients at once, wait until they are done, and call *report* after each post."""
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for bodies in self.posts:
                group.create_task(self._run_client(bodies, report))
        self.outcome.seconds = time.perf_counter() - started
        return self.outcome

    async def _run_client(self, bodies: Iterable[bytes], report: Callable[[], None]) -> None:
        """Post all *bodies* of one client."""
        connection: HttpConnection | None = None
        for body in bodies:
            connection = await self._post_body(connection, body)
            report()
            if self.think_seconds:
                await asyncio.sleep(self.think_seconds)
        if connection is not None:
            connection.close()

    async def _post_body(self, connection: HttpConnection | None, body: bytes) -> HttpConnection | None:
        """Post *body* until it is saved or refused; return the connection if the next post can use it."""
        target, outcome = self.target, self.outcome
        request = encode_request("POST", self.path, f"{target.host}:{target.port}", target.token, body)
        started = time.perf_counter()
        try:
            while True:
                seconds_left = max(0.0, POST_TIMEOUT_SECONDS - (time.perf_counter() - started))
                # Kept open from post to post, as a real device would.
                connection = connection or await HttpConnection.open(target.host, target.port, seconds_left)
                response = await connection.send_request(request, seconds_left)
                retry_seconds = _get_retry_seconds(response)
                if retry_seconds is None or time.perf_counter() - started + retry_seconds > POST_TIMEOUT_SECONDS:
                    break
                outcome.retries += 1
                await asyncio.sleep(retry_seconds)
        except TimeoutError:
            outcome.failures["no response in time"] += 1
        except OSError:
            outcome.failures["the connection broke"] += 1
        else:
            self._record_response(response, (time.perf_counter() - started) * 1000)
            return connection
        if connection is not None:
            connection.close()
        return None

    def _record_response(self, response: HttpResponse, milliseconds: float) -> None:
        """Record how a post ended; a bulk post counts as saved when all its contacts are."""
        statuses = [response.status]
        if response.status == 200 and self.path.endswith("/bulk"):
            statuses = [result["status"] for result in response.json()["results"]]
        failed = [status for status in statuses if status not in (200, 201)]
        self.outcome.acknowledged += len(statuses) - len(failed)
        if failed:
            self.outcome.failures[f"status {failed[0]}"] += 1
        else:
            self.outcome.milliseconds.append(milliseconds)


def _get_retry_seconds(response: HttpResponse) -> float | None:
    """Return how long the kiosk asks to wait before a retry; None where it does not ask."""
    retry_after = response.headers.get(b"retry-after", b"")
    return float(retry_after) if response.status in (429, 503) and retry_after.isdigit() else None
