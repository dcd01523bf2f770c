"""One load: everybody posts, then the worker delivers, then it is counted what became of it."""

import asyncio
import json
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from math import ceil
from typing import Any

from kiosk.loadtest.people import Crowd, Outcome
from kiosk.loadtest.target import Found, Target

CRMS: dict[str, tuple[str, ...]] = {
    "fast": ("rate_limit=1000000",),
    "slow": ("rate_limit=1000000", "delay=2-5"),
    "limited": ("rate_limit=5",),
    "down": ("off",),
}
"""How the practice CRM can be, and its faults then: slow is 2 to 5 seconds a call, limited 5 calls in ten seconds."""

AT_ONCE = 100
"""Contacts in one bulk post."""

LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be carried."""

    people: int
    posts: int
    """How many each of them makes."""
    bulk: bool = False
    """Whether a post holds a hundred contacts, or one."""
    crm: str = "fast"
    think: float = 0.0
    """Seconds between an answer and the next post."""
    wait: float = 60.0
    """Seconds for the leads to be delivered, after the last answer."""

    @property
    def contacts(self) -> int:
        """How many people are met."""
        return self.people * self.posts * (AT_ONCE if self.bulk else 1)


@dataclass(frozen=True, slots=True)
class Figures:
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
    def is_good(self) -> bool:
        """Whether everything was saved, once."""
        return not (self.failures or self.lost or self.duplicates)


def carry(load: Load, target: Target, report: Callable[[], None] = lambda: None) -> Figures:
    """Have *target* carry *load*, *report* being told of each post, and count what became of it."""
    mark = f"{secrets.token_hex(5)}.loadtest.example.com"
    everybody = [bodies(load, person, mark) for person in range(load.people)]
    crowd = Crowd(target, everybody, f"/api/v1/contacts{'/bulk' if load.bulk else ''}", load.think)
    outcome = asyncio.run(crowd.post(report))
    return figures(load, outcome, settled(load, target, mark, outcome.acknowledged))


def settled(load: Load, target: Target, mark: str, wanted: int) -> Found:
    """What became of the leads, once all are delivered, or as it stands when the patience is at its end."""
    until = time.monotonic() + (0.0 if load.crm == "down" else load.wait)
    while (found := target.found(mark)).delivered < wanted and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    return found


def bodies(load: Load, person: int, mark: str) -> Iterator[bytes]:
    """The posts of one person; everybody who is met has an e-mail of their own, with *mark* in it."""
    return (body(load, f"{person}.{post}", mark) for post in range(load.posts))


def body(load: Load, name: str, mark: str) -> bytes:
    """One post."""
    if not load.bulk:
        return json.dumps(contact(name, mark)).encode()
    return json.dumps({"contacts": [contact(f"{name}.{number}", mark) for number in range(AT_ONCE)]}).encode()


def contact(name: str, mark: str) -> dict[str, str]:
    """Somebody who does not exist."""
    return {
        "client_id": f"{name}.{mark}",
        "name": f"Visitor {name}",
        "email": f"visitor.{name}@{mark}",
        "company": "Initech",
        "job_title": "Buyer",
    }


def figures(load: Load, outcome: Outcome, found: Found) -> Figures:
    """The figures of a load."""
    times = sorted(outcome.times)
    return Figures(
        people=load.people,
        crm=load.crm,
        posts=load.people * load.posts,
        contacts=load.contacts,
        seconds=outcome.seconds,
        contacts_a_second=outcome.acknowledged / outcome.seconds if outcome.seconds else 0.0,
        mean=sum(times) / len(times) if times else 0.0,
        p50=share(times, 0.5),
        p95=share(times, 0.95),
        p99=share(times, 0.99),
        max=times[-1] if times else 0.0,
        failures=outcome.failures.total(),
        asked_to_wait=outcome.waits,
        acknowledged=outcome.acknowledged,
        saved=found.saved,
        delivered=found.delivered,
        duplicates=found.duplicates,
        why=dict(outcome.failures),
    )


def share(ordered: Sequence[float], part: float) -> float:
    """The time that *part* of the *ordered* ones do not exceed (the nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * part) - 1)] if ordered else 0.0


def as_json(found: Figures) -> dict[str, Any]:
    """The same for a script, to the hundredth."""
    return {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(found).items()}
