"""Runs loads on several servers in turn, each with a fresh database, so that noise affects all alike."""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from kiosk.loadtest.clients import ClientCrowd, CrowdOutcome
from kiosk.loadtest.load_run import BULK_CONTACTS, LoadPlan, generate_posts
from kiosk.loadtest.target import parse_loopback_url
from kiosk.loadtest.throwaway_kiosk import ThrowawayKiosk
from tests.bench.report import percentile


@contextmanager
def serving(kind: str, flush: float = 0.0) -> Iterator[tuple[ThrowawayKiosk, int]]:
    """Run a server of that *kind*, and yield it with its process id; commits take *flush* seconds more."""
    with tempfile.TemporaryDirectory(prefix="kiosk-", ignore_cleanup_errors=True) as name:
        own = ThrowawayKiosk(Path(name))
        command = [sys.executable, "-m", "tests.bench.api.servers", kind, str(own.config), str(flush)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                own.host, own.port = parse_loopback_url(process.stdout.readline().strip())
                yield own, process.pid
            finally:
                process.terminate()


def posted(own: ThrowawayKiosk, load: LoadPlan, name: str = "bench") -> CrowdOutcome:
    """Post *load* and return what its clients saw."""
    mark = f"{name}.example.com"
    path = f"/api/v1/contacts{'/bulk' if load.bulk else ''}"
    everybody = [generate_posts(load, person, mark) for person in range(load.people)]
    return asyncio.run(ClientCrowd(own, everybody, path, 0.0).post_all())


class Race:
    """The outcomes of several *kinds* of server under the same *load*."""

    def __init__(self, kinds: list[str], load: LoadPlan, rounds: int, flush: float = 0.0) -> None:
        self.load = load
        self.outcomes: dict[str, list[CrowdOutcome]] = {kind: [] for kind in kinds}
        for number in range(rounds):
            for kind in kinds[number % len(kinds) :] + kinds[: number % len(kinds)]:
                with serving(kind, flush) as (own, _):
                    posted(own, LoadPlan(load.people, 2), "warm")
                    self.outcomes[kind].append(posted(own, load))

    def rate(self, kind: str) -> float:
        """Return the contacts per second, the median of the rounds."""
        return median(outcome.acknowledged / outcome.seconds for outcome in self.outcomes[kind])

    def time(self, kind: str, share: float) -> float:
        """Return the milliseconds that a *share* of the posts did not exceed, the median of the rounds."""
        return median(percentile(outcome.milliseconds, share) for outcome in self.outcomes[kind])

    def failures(self, kind: str) -> int:
        """Return the number of failed posts."""
        return sum(outcome.failures.total() for outcome in self.outcomes[kind])

    @property
    def contacts(self) -> int:
        """The contacts of one round."""
        return self.load.people * self.load.posts * (BULK_CONTACTS if self.load.bulk else 1)
