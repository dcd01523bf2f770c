"""The scan time is the client's, and corrections of our clock do not move it."""

from collections.abc import Callable
from contextlib import closing

import pytest

from data import scans
from data.store import open_store
from tests.kiosk.api.api import Api
from tests.support.clock import FakeClock


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-05-13T10:00:00Z", "2026-05-13T10:00:00.000+00:00"),
        ("2026-05-13T10:00:00.123456+02:00", "2026-05-13T08:00:00.123+00:00"),
        ("2026-05-13T10:00:00-09:30", "2026-05-13T19:30:00.000+00:00"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000+00:00"),
        ("2001-02-03T04:05:06Z", "2001-02-03T04:05:06.000+00:00"),
        ("2199-12-31T23:59:59Z", "2199-12-31T23:59:59.000+00:00"),
    ],
)
def test_the_scan_time_is_the_clients(api: Api, sent: str, kept: str) -> None:
    """In any time zone, also far in the past, because phones keep leads until they have a network."""
    posted = api.post({"client_id": sent, "name": f"Ti Me {sent}", "scanned_at": sent}).json()

    assert api.call("GET", f"/api/v1/contacts/{posted['id']}").json()["scanned_at"] == kept


def test_a_clock_correction_never_moves_a_clients_time(api_with: Callable[..., Api]) -> None:
    """A Pi that boots without a clock re-dates its own scans only."""
    api = api_with().start()
    theirs = api.post({"client_id": "t-1", "name": "Their Time", "scanned_at": "2026-05-13T10:00:00Z"}).json()["id"]
    ours = api.post({"client_id": "t-2", "name": "Our Time"}).json()["id"]
    with closing(open_store(api.store)) as db:
        boot = db.execute("select boot_id from scans where lead_id = ?", (ours,)).fetchone()[0]
        before = scans.find_first_scan_times(db, [theirs, ours])
        clock = FakeClock(boot, now=2_000_000_000.0, up=50.0, is_synced=True)
        scans.record_boot_clock(db, clock)
        after = scans.find_first_scan_times(db, [theirs, ours])

    assert 1778666400.0 == before[theirs] == after[theirs]
    assert abs(after[ours] - before[ours]) > 60


def test_the_earlier_of_two_scan_times_counts(api: Api) -> None:
    """Also if the first scan arrives last."""
    api.post({"client_id": "f-2", "email": "twice@x.example", "scanned_at": "2026-05-13T12:00:00Z"})
    api.post({"client_id": "f-1", "email": "twice@x.example", "scanned_at": "2026-05-13T09:00:00Z"})

    assert api.call("GET", "/api/v1/contacts/f-2").json()["scanned_at"] == "2026-05-13T09:00:00.000+00:00"


def test_without_a_scan_time_it_is_now(api: Api) -> None:
    """By the kiosk's clock."""
    import time

    before = time.time()
    lead = api.post({"client_id": "now", "name": "No Time"}).json()["id"]

    assert before - 1 <= api.rows("select wall_at from scans where lead_id = ?", lead)[0][0] <= time.time() + 1
