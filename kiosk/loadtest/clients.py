"""People who stand at the booth at the same moment: each posts, waits for the answer, thinks, and posts again."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kiosk.loadtest.connection import HttpConnection, HttpResponse, encode_request
from kiosk.loadtest.target import LoadTarget

POST_TIMEOUT_SECONDS = 30.0
"""Seconds that a person waits for one post to be saved, with all its repeats."""


@dataclass(slots=True)
class CrowdOutcome:
    """What the people saw."""

    milliseconds: list[float] = field(default_factory=list)
    """Milliseconds from a post to its answer, for each that was saved."""
    failures: Counter[str] = field(default_factory=Counter)
    """Posts that came to nothing, by what happened."""
    retries: int = 0
    """How often somebody was asked to come again, and came."""
    acknowledged: int = 0
    """Contacts that were said to be saved."""
    seconds: float = 0.0
    """From the first post to the last answer."""


class ClientCrowd:
    """So many people, who each have *posts* of their own; *report* is told after each."""

    def __init__(self, target: LoadTarget, posts: Sequence[Iterable[bytes]], path: str, think: float) -> None:
        self.target = target
        self.posts = posts
        self.path = path
        self.think_seconds = think
        self.outcome = CrowdOutcome()

    async def post_all(self, report: Callable[[], None] = lambda: None) -> CrowdOutcome:
        """Have everybody post everything; they all begin at once."""
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for bodies in self.posts:
                group.create_task(self._run_client(bodies, report))
        self.outcome.seconds = time.perf_counter() - started
        return self.outcome

    async def _run_client(self, bodies: Iterable[bytes], report: Callable[[], None]) -> None:
        """One of them."""
        connection: HttpConnection | None = None
        for body in bodies:
            connection = await self._post_body(connection, body)
            report()
            if self.think_seconds:
                await asyncio.sleep(self.think_seconds)
        if connection is not None:
            connection.close()

    async def _post_body(self, connection: HttpConnection | None, body: bytes) -> HttpConnection | None:
        """Post *body* until it is saved or refused; the connection for the next post, if it is of use."""
        target, outcome = self.target, self.outcome
        sent = encode_request("POST", self.path, f"{target.host}:{target.port}", target.token, body)
        started = time.perf_counter()
        try:
            while True:
                left = max(0.0, POST_TIMEOUT_SECONDS - (time.perf_counter() - started))
                connection = connection or await HttpConnection.open(target.host, target.port, left)
                answer = await connection.send_request(sent, left)
                if (
                    wait := _get_retry_seconds(answer)
                ) is None or time.perf_counter() - started + wait > POST_TIMEOUT_SECONDS:
                    break
                outcome.retries += 1
                await asyncio.sleep(wait)
        except TimeoutError:
            outcome.failures["no answer in time"] += 1
        except OSError:
            outcome.failures["the connection broke"] += 1
        else:
            self._record_response(answer, (time.perf_counter() - started) * 1000)
            return connection
        if connection is not None:
            connection.close()
        return None

    def _record_response(self, answer: HttpResponse, took: float) -> None:
        """Note how a post ended; a bulk post is saved when all that is in it is."""
        ends = [answer.status]
        if answer.status == 200 and self.path.endswith("/bulk"):
            ends = [result["status"] for result in answer.json()["results"]]
        good = sum(status in (200, 201) for status in ends)
        self.outcome.acknowledged += good
        if good == len(ends):
            self.outcome.milliseconds.append(took)
        else:
            self.outcome.failures[f"status {next(status for status in ends if status not in (200, 201))}"] += 1


def _get_retry_seconds(answer: HttpResponse) -> float | None:
    """For how long the kiosk asks to wait before the same is posted again; None where it does not ask."""
    after = answer.headers.get(b"retry-after", b"")
    return float(after) if answer.status in (429, 503) and after.isdigit() else None
