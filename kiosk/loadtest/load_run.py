"""One load: all clients post, the worker delivers, and the leads are counted."""

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

# What the practice CRM is like, and the faults that make it so. "slow" takes 2 to 5 seconds a call; "limited" allows 5
# calls in ten seconds.
CRM_FAULTS: dict[str, tuple[str, ...]] = {
    "fast": ("rate_limit=1000000",),
    "slow": ("rate_limit=1000000", "delay=2-5"),
    "limited": ("rate_limit=5",),
    "down": ("down",),
}

BULK_CONTACTS = 100

_POLL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """The load to apply."""

    people: int
    posts: int
    """Posts of each person."""
    bulk: bool = False
    """Whether a post has a hundred contacts instead of one."""
    crm: str = "fast"
    think_seconds: float = 0.0
    """Between a response and the next post."""
    delivery_seconds: float = 60.0
    """How long to wait for delivery after the last response."""

    @property
    def contacts(self) -> int:
        """How many contacts are posted."""
        return self.people * self.posts * (BULK_CONTACTS if self.bulk else 1)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """The result of a load. Times are milliseconds, of posts that were saved; the fields are the keys of `--json`."""

    people: int
    crm: str
    posts: int
    contacts: int
    seconds: float
    """From the first post to the last response."""
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
        """Contacts that the kiosk reported as saved and that are not there; there must be none."""
        return max(0, self.acknowledged - self.saved)

    @property
    def is_clean(self) -> bool:
        """Whether everything was saved, exactly once."""
        return not (self.failures or self.lost or self.duplicates)


def run_load(load: LoadPlan, target: LoadTarget, report: Callable[[], None] = lambda: None) -> LoadResult:
    """Apply *load* to *target*, call *report* after each post, and count the leads afterwards."""
    # A domain of its own for each run, by which its leads are found again.
    mark = f"{secrets.token_hex(5)}.loadtest.example.com"
    posts = [generate_posts(load, person, mark) for person in range(load.people)]
    crowd = ClientCrowd(target, posts, f"/api/v1/contacts{'/bulk' if load.bulk else ''}", load.think_seconds)
    outcome = asyncio.run(crowd.post_all(report))
    return summarize_load(load, outcome, _wait_for_delivery(load, target, mark, outcome.acknowledged))


def _wait_for_delivery(load: LoadPlan, target: LoadTarget, mark: str, wanted: int) -> LeadCounts:
    """Count the leads once *wanted* are delivered, or after the time limit for that."""
    # A CRM that is down delivers nothing, however long one waits.
    give_up_at = time.monotonic() + (0.0 if load.crm == "down" else load.delivery_seconds)
    while (counts := target.count_leads(mark)).delivered < wanted and time.monotonic() < give_up_at:
        time.sleep(_POLL_SECONDS)
    return counts


def generate_posts(load: LoadPlan, person: int, mark: str) -> Iterator[bytes]:
    """Generate the posts of one person; every contact has an e-mail address of its own, with *mark* in it."""
    return (encode_post(load, f"{person}.{post}", mark) for post in range(load.posts))


def encode_post(load: LoadPlan, name: str, mark: str) -> bytes:
    """Encode the body of one post."""
    if not load.bulk:
        return json.dumps(make_contact(name, mark)).encode()
    return json.dumps(
        {"contacts": [make_contact(f"{name}.{number}", mark) for number in range(BULK_CONTACTS)]}
    ).encode()


def make_contact(name: str, mark: str) -> dict[str, str]:
    """Make up a contact."""
    return {
        "client_id": f"{name}.{mark}",
        "name": f"Visitor {name}",
        "email": f"visitor.{name}@{mark}",
        "company": "Initech",
        "job_title": "Buyer",
    }


def summarize_load(load: LoadPlan, outcome: CrowdOutcome, counts: LeadCounts) -> LoadResult:
    """Compute the result of a load."""
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
        saved=counts.saved,
        delivered=counts.delivered,
        duplicates=counts.duplicates,
        why=dict(outcome.failures),
    )


def compute_percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value that a *share* of the *ordered* values does not exceed (nearest rank); 0 for none."""
    return ordered[max(0, ceil(len(ordered) * share) - 1)] if ordered else 0.0


def result_to_json(result: LoadResult) -> dict[str, Any]:
    """Return *result* as JSON, rounded to hundredths."""
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(result).items()}
