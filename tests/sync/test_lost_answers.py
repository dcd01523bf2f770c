"""Answers that get lost after the CRM has committed, at every connector: one record each in the end."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from data.clock import SystemClock
from data.store import Store
from sync.connectors.base import Connector
from sync.drain import Drain
from tests.support.connectors import CONNECTORS

MAX_RUNS = 40
"""Drains after which we give up. More than enough: every third answer gets lost, so most calls of a run go through."""


@pytest.mark.parametrize("make", CONNECTORS, ids=lambda make: make.__name__)
def test_every_third_answer_is_lost_and_nobody_is_there_twice(
    store: Store, save_leads: Callable[..., list[str]], crm: Any, make: Callable[[Any], Connector]
) -> None:
    """The drain sends again what was not answered, under the same ids."""
    leads = save_leads(store, *(f"{uuid4()}@initech.com" for _ in range(40)))
    before = crm.stats()
    crm.set_faults(lost_answers=3)

    runs = asyncio.run(drain_all(store, make(crm)))

    crm.set_faults(lost_answers=0)
    kept = [contact["client_id"] for contact in crm.contacts() if contact["client_id"] in leads]
    assert runs < MAX_RUNS, "they never all got through"
    assert sorted(kept) == sorted(leads)
    assert crm.stats()["contacts"] - before["contacts"] == 40
    assert crm.stats()["repeats"] > before["repeats"]


async def drain_all(store: Store, connector: Connector) -> int:
    """Drain until nothing waits, at most `MAX_RUNS` times; return the number of drains."""
    connector.batch_size = min(7, connector.batch_size)
    waiting = "select count(*) from outbox where state <> 'delivered'"
    runs = 0
    try:
        while runs < MAX_RUNS and store.execute(waiting).fetchone()[0]:
            await Drain(store, connector, SystemClock()).run(now=True)
            runs += 1
    finally:
        await connector.aclose()
    return runs
