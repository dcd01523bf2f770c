"""One load: everybody posts, then the worker delivers, then it is counted what became of it."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from kiosk.loadtest.clients import ClientCrowd, CrowdOutcome
from kiosk.loadtest.target import LeadCounts, LoadTarget

CRM_FAULTS: dict[str, tuple[str, ...]] = {
    "fast": ("rate_limit=1000000",),
    "slow": ("rate_limit=1000000", "delay=2-5"),
    "limited": ("rate_limit=5",),
    "down": ("off",),
}
"""How the practice CRM can be, and its faults then: slow is 2 to 5 seconds a call, limited 5 calls in ten seconds."""

BULK_CONTACTS = 100
"""Contacts in one bulk post."""

POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What is to be carried."""

    people: int
    posts: int
    """How many each of them makes."""
    bulk: bool = False
    """Whether a post holds a hundred contacts, or one."""
    crm: str = "fast"
    think_seconds: float = 0.0
    """Seconds between an answer and the next post."""
    delivery_seconds: float = 60.0
    """Seconds for the leads to be delivered, after the last answer."""

    @property
    def contacts(self) -> int:
        """How many people are met."""
        return self.people * self.posts * (BULK_CONTACTS if self.bulk else 1)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load came to; times in milliseconds, of posts that were saved."""

    people: int
    crm: str
    posts: int
    contacts: int
    seconds: float
    """From the first post to the last answer."""
    contacts_a_second: float
    mean: float
    p50: float
    p95: float
    p99: float
    max: float
    failures: int
    asked_to_wait: int
    acknowledged: int
    saved: int
    delivered: int
    duplicates: int | None
    why: dict[str, int] = field(default_factory=dict)
    """The failures, by what happened."""

    @property
    def lost(self) -> int:
        """Contacts that were said to be saved and are not there; there must be none."""
        return max(0, self.acknowledged - self.saved)

    @property
    def is_clean(self) -> bool:
        """Whether everything was saved, once."""
        return not (self.failures or self.lost or self.duplicates)


def run_load(load: LoadPlan, target: LoadTarget, report: Callable[[], None] = lambda: None) -> LoadResult:
    """Have *target* carry *load*, *report* being told of each post, and count what became of it."""
    mark = f"{secrets.token_hex(5)}.loadtest.example.com"
    everybody = [generate_posts(load, person, mark) for person in range(load.people)]
    crowd = ClientCrowd(target, everybody, f"/api/v1/contacts{'/bulk' if load.bulk else ''}", load.think_seconds)
    outcome = asyncio.run(crowd.post_all(report))
    return summarize_load(load, outcome, _wait_for_delivery(load, target, mark, outcome.acknowledged))


def _wait_for_delivery(load: LoadPlan, target: LoadTarget, mark: str, wanted: int) -> LeadCounts:
    """What became of the leads, once all are delivered, or as it stands when the patience is at its end."""
    until = time.monotonic() + (0.0 if load.crm == "down" else load.delivery_seconds)
    while (found := target.count_leads(mark)).delivered < wanted and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
    return found


def generate_posts(load: LoadPlan, person: int, mark: str) -> Iterator[bytes]:
    """The posts of one person; everybody who is met has an e-mail of their own, with *mark* in it."""
    return (encode_post(load, f"{person}.{post}", mark) for post in range(load.posts))


def encode_post(load: LoadPlan, name: str, mark: str) -> bytes:
    """One post."""
    if not load.bulk:
        return json.dumps(make_contact(name, mark)).encode()
    return json.dumps(
        {"contacts": [make_contact(f"{name}.{number}", mark) for number in range(BULK_CONTACTS)]}
    ).encode()


def make_contact(name: str, mark: str) -> dict[str, str]:
    """Somebody who does not exist."""
    return {
        "client_id": f"{name}.{mark}",
        "name": f"Visitor {name}",
        "email": f"visitor.{name}@{mark}",
        "company": "Initech",
        "job_title": "Buyer",
    }


def summarize_load(load: LoadPlan, outcome: CrowdOutcome, found: LeadCounts) -> LoadResult:
    """The figures of a load."""
    times = sorted(outcome.milliseconds)
    return LoadResult(
        people=load.people,
        crm=load.crm,
        posts=load.people * load.posts,
        contacts=load.contacts,
        seconds=outcome.seconds,
        contacts_a_second=outcome.acknowledged / outcome.seconds if outcome.seconds else 0.0,
        mean=sum(times) / len(times) if times else 0.0,
        p50=compute_percentile(times, 0.5),
        p95=compute_percentile(times, 0.95),
        p99=compute_percentile(times, 0.99),
        max=times[-1] if times else 0.0,
        failures=outcome.failures.total(),
        asked_to_wait=outcome.retries,
        acknowledged=outcome.acknowledged,
        saved=found.saved,
        delivered=found.delivered,
        duplicates=found.duplicates,
        why=dict(outcome.failures),
    )


def compute_percentile(ordered: Sequence[float], part: float) -> float:
    """The time that *part* of the *ordered* ones do not exceed (the nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * part) - 1)] if ordered else 0.0


def result_to_json(found: LoadResult) -> dict[str, Any]:
    """The same for a script, to the hundredth."""
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(found).items()}
