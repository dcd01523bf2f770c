"""People who stand at the booth at the same moment: each posts, waits for the answer, thinks, and posts again."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kiosk.loadtest.connection import Answer, Connection, request
from kiosk.loadtest.target import Target

PATIENCE = 30.0
"""Seconds that a person waits for one post to be saved, with all its repeats."""


@dataclass(slots=True)
class Outcome:
    """What the people saw."""

    times: list[float] = field(default_factory=list)
    """Milliseconds from a post to its answer, for each that was saved."""
    failures: Counter[str] = field(default_factory=Counter)
    """Posts that came to nothing, by what happened."""
    waits: int = 0
    """How often somebody was asked to come again, and came."""
    acknowledged: int = 0
    """Contacts that were said to be saved."""
    seconds: float = 0.0
    """From the first post to the last answer."""


class Crowd:
    """So many people, who each have *posts* of their own; *report* is told after each."""

    def __init__(self, target: Target, posts: Sequence[Iterable[bytes]], path: str, think: float) -> None:
        self.target = target
        self.posts = posts
        self.path = path
        self.think = think
        self.outcome = Outcome()

    async def post(self, report: Callable[[], None] = lambda: None) -> Outcome:
        """Have everybody post everything; they all begin at once."""
        started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for bodies in self.posts:
                group.create_task(self.person(bodies, report))
        self.outcome.seconds = time.perf_counter() - started
        return self.outcome

    async def person(self, bodies: Iterable[bytes], report: Callable[[], None]) -> None:
        """One of them."""
        connection: Connection | None = None
        for body in bodies:
            connection = await self.one_post(connection, body)
            report()
            if self.think:
                await asyncio.sleep(self.think)
        if connection is not None:
            connection.close()

    async def one_post(self, connection: Connection | None, body: bytes) -> Connection | None:
        """Post *body* until it is saved or refused; the connection for the next post, if it is of use."""
        target, outcome = self.target, self.outcome
        sent = request("POST", self.path, f"{target.host}:{target.port}", target.token, body)
        started = time.perf_counter()
        try:
            while True:
                left = max(0.0, PATIENCE - (time.perf_counter() - started))
                connection = connection or await Connection.to(target.host, target.port, left)
                answer = await connection.ask(sent, left)
                if (wait := seconds_to_wait(answer)) is None or time.perf_counter() - started + wait > PATIENCE:
                    break
                outcome.waits += 1
                await asyncio.sleep(wait)
        except TimeoutError:
            outcome.failures["no answer in time"] += 1
        except OSError:
            outcome.failures["the connection broke"] += 1
        else:
            self.count(answer, (time.perf_counter() - started) * 1000)
            return connection
        if connection is not None:
            connection.close()
        return None

    def count(self, answer: Answer, took: float) -> None:
        """Note how a post ended; a bulk post is saved when all that is in it is."""
        ends = [answer.status]
        if answer.status == 200 and self.path.endswith("/bulk"):
            ends = [result["status"] for result in answer.json()["results"]]
        good = sum(status in (200, 201) for status in ends)
        self.outcome.acknowledged += good
        if good == len(ends):
            self.outcome.times.append(took)
        else:
            self.outcome.failures[f"status {next(status for status in ends if status not in (200, 201))}"] += 1


def seconds_to_wait(answer: Answer) -> float | None:
    """For how long the kiosk asks to wait before the same is posted again; None where it does not ask."""
    after = answer.headers.get(b"retry-after", b"")
    return float(after) if answer.status in (429, 503) and after.isdigit() else None
