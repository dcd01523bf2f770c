"""A machine whose clock begins in 1970: it is an alert, and no lead goes to the CRM with that date."""

import asyncio
from contextlib import closing
from typing import Any

import pytest

from data import outbox, scans
from kiosk.alerts.snapshot import estimate_clock_ahead
from sync.connectors.base import Delivered, Outcome
from sync.drain import Drain
from tests.kiosk.alerts.booth import Looked
from tests.support.clock import FakeClock
from tests.support.scripted_connector import ScriptedConnector


@pytest.mark.parametrize(
    ("now", "is_synced", "known", "ahead", "is_off"),
    [
        (5.0, False, None, None, True),
        (946_684_800.0, False, None, None, True),
        (1_800_000_000.0, False, None, None, False),
        (1_800_000_000.0, False, 1_800_100_000.0, None, True),
        (5.0, True, None, None, False),
        (5.0, False, None, 0.0, False),
    ],
    ids=["1970", "2000", "now", "before a known time", "as a server says", "as others say"],
)
def test_a_clock_before_our_release_is_off(
    now: float, is_synced: bool, known: float | None, ahead: float | None, is_off: bool
) -> None:
    """Even at a kiosk that never knew the time, and can ask nobody."""
    found = estimate_clock_ahead(FakeClock(now=now, is_synced=is_synced), ahead, known)

    assert bool(found and found < -60.0) == is_off


def test_it_is_an_alert_and_the_leads_go_without_a_time_until_it_is_set(tmp_path: Any) -> None:
    """A new folder in 1970; then a person sets the clock: the lead goes once more, with the time of its scan."""
    sent: list[Any] = []

    def take(leads: Any) -> dict[str, Outcome]:
        sent.extend(lead.fields["scanned_at"] for lead in leads)
        return {lead.id: Delivered(f"C-{lead.id}", 200) for lead in leads}

    booth = Looked(tmp_path)
    booth.clock.now, booth.clock.is_synced = 5.0, False
    with closing(booth.db):
        scans.record_boot_clock(booth.db, booth.clock)
        booth.scan("ana")
        drain = Drain(booth.db, ScriptedConnector(take), booth.clock)
        asyncio.run(drain.run())
        (alert,) = booth.wrong()
        booth.clock.tick(60.0)
        booth.clock.jump(1_800_000_000.0 - booth.clock.now)
        scans.record_boot_clock(booth.db, booth.clock)
        asyncio.run(drain.run())

        assert "This device's clock is" in alert.sentence
        assert sent == [None, "2027-01-15T07:59:00+00:00"]
        assert outbox.count_leads(booth.db) == outbox.OutboxCounts(delivered=1)
        assert booth.wrong() == []
