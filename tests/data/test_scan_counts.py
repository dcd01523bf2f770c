"""What the scan screen asks of the database: scans by the hour, the meeting before this one, and the CRM's word."""

from data import outbox, scans
from tests.data.conftest import EVENT, Booth


def test_scans_are_counted_by_the_hour_until_now(booth: Booth) -> None:
    for name in ("Ana", "Bo"):
        booth.show(name=name, email=f"{name}@example.com".lower())
    booth.clock.tick(3600)
    booth.show(name="Cy", email="cy@example.com")
    booth.clock.tick(2 * 3600 - 1)

    now = booth.clock.wall_time()

    assert scans.count_scans_by_hour(booth.db, EVENT, now, 4) == (0, 2, 1, 0)
    assert scans.count_scans_by_hour(booth.db, "another event", now, 4) == (0, 0, 0, 0)


def test_the_scan_before_the_latest_is_the_previous_one(booth: Booth) -> None:
    lead = booth.show(name="Ana", email="ana@example.com").lead
    at = booth.clock.wall_time()
    assert scans.find_previous_scan(booth.db, lead.id) is None

    booth.clock.tick(600)
    booth.show(name="Ana", email="ana@example.com")

    previous = scans.find_previous_scan(booth.db, lead.id)
    assert previous is not None
    assert (previous.at, previous.operator) == (at, "ana")


def test_a_badge_that_is_shown_twice_in_one_meeting_was_not_met_before(booth: Booth) -> None:
    lead = booth.show(name="Ana", email="ana@example.com").lead
    booth.clock.tick(8)
    booth.show(name="Ana", email="ana@example.com")

    assert scans.find_previous_scan(booth.db, lead.id) is None


def test_a_lead_is_delivered_once_its_newest_revision_is(booth: Booth) -> None:
    lead = booth.show(name="Ana", email="ana@example.com").lead
    assert not outbox.is_delivered(booth.db, lead.id)

    outbox.settle_lead(booth.db, lead.id, lead.revision, "c-1", booth.clock.wall_time())

    assert outbox.is_delivered(booth.db, lead.id)
    assert not outbox.is_delivered(booth.db, "no such lead")
