"""Loads on one server after the other: each with a fresh database, in turns, so that noise meets all alike."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from kiosk.loadtest.own import Own
from kiosk.loadtest.people import Crowd, Outcome
from kiosk.loadtest.run import AT_ONCE, Load, bodies
from kiosk.loadtest.target import loopback
from tests.bench.report import percentile


@contextmanager
def serving(kind: str, flush: float = 0.0) -> Iterator[tuple[Own, int]]:
    """A server of that *kind* alone, without a worker, and its process; its commits take *flush* seconds longer."""
    with tempfile.TemporaryDirectory(prefix="kiosk-", ignore_cleanup_errors=True) as name:
        own = Own(Path(name))
        command = [sys.executable, "-m", "tests.bench.intake.servers", kind, str(own.config), str(flush)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                own.host, own.port = loopback(process.stdout.readline().strip())
                yield own, process.pid
            finally:
                process.terminate()


def posted(own: Own, load: Load, name: str = "bench") -> Outcome:
    """What the people of *load* see."""
    mark = f"{name}.example.com"
    path = f"/api/v1/contacts{'/bulk' if load.bulk else ''}"
    everybody = [bodies(load, person, mark) for person in range(load.people)]
    return asyncio.run(Crowd(own, everybody, path, 0.0).post())


class Race:
    """What came of several *kinds* of server under the same *load*."""

    def __init__(self, kinds: Sequence[str], load: Load, rounds: int, flush: float = 0.0) -> None:
        self.load = load
        self.outcomes: dict[str, list[Outcome]] = {kind: [] for kind in kinds}
        for number in range(rounds):
            for kind in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
                with serving(kind, flush) as (own, _):
                    posted(own, Load(load.people, 2), "warm")
                    self.outcomes[kind].append(posted(own, load))

    def rate(self, kind: str) -> float:
        """Contacts a second: the median of the rounds."""
        return median(outcome.acknowledged / outcome.seconds for outcome in self.outcomes[kind])

    def time(self, kind: str, share: float) -> float:
        """The time in milliseconds that *share* of the posts do not exceed: the median of the rounds."""
        return median(percentile(outcome.times, share) for outcome in self.outcomes[kind])

    def failures(self, kind: str) -> int:
        """Posts that came to nothing."""
        return sum(outcome.failures.total() for outcome in self.outcomes[kind])

    @property
    def contacts(self) -> int:
        """How many people were met in one round."""
        return self.load.people * self.load.posts * (AT_ONCE if self.load.bulk else 1)
