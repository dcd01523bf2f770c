"""What the alert rules measure: leads the CRM did not accept, the longest wait, and a time that is certainly past."""

import pytest

from data import alert_queries, batches, leads, outbox, scans
from data.alert_queries import RecentDeliveries
from data.batches import Receipt
from data.store import write_transaction
from tests.data.conftest import Booth

OFFLINE = ("offline", "throttled")


def record_attempts(booth: Booth, outcome: str, *lead_ids: str) -> None:
    """Make one call with this outcome for each lead, a second after the last."""
    booth.clock.tick(1.0)
    batch = batches.start_batch(booth.db, "practice", dict.fromkeys(lead_ids, 1), booth.clock)
    with write_transaction(booth.db):
        batches.end_batch(
            booth.db, batch, 0.1, [Receipt(lead, 1, outcome) for lead in lead_ids], booth.clock.wall_time()
        )


def count_tried(booth: Booth, seconds: float = 900.0) -> RecentDeliveries:
    """Count the deliveries of the last *seconds*."""
    return alert_queries.count_recent_deliveries(booth.db, "practice", booth.clock.wall_time() - seconds, OFFLINE)


def save_people(booth: Booth, number: int) -> list[str]:
    """Save one lead for each person."""
    return [booth.show(name=f"V{at}", email=f"v{at}@x.example").lead.id for at in range(number)]


def test_leads_are_counted_and_not_attempts(booth: Booth) -> None:
    """A batch of a hundred with one bad lead, halved until that is alone, counts as one failure."""
    ids = save_people(booth, 8)
    for lot in (ids, ids[4:], ids[6:], ids[7:]):
        record_attempts(booth, "refused", *lot)
    record_attempts(booth, "delivered", *ids[:7])

    assert count_tried(booth) == RecentDeliveries(8, 1)


@pytest.mark.parametrize("outcome", ["rejected", "retry", "unsure", "refused", "CRM down"])
def test_each_end_but_delivered_is_a_failure(booth: Booth, outcome: str) -> None:
    record_attempts(booth, outcome, *save_people(booth, 2))

    assert count_tried(booth) == RecentDeliveries(2, 2)


def test_what_was_not_sent_does_not_count(booth: Booth) -> None:
    """A missing network says nothing about the CRM: its last response counts."""
    one, two, three = save_people(booth, 3)
    record_attempts(booth, "delivered", one)
    record_attempts(booth, "rejected", two)
    record_attempts(booth, "offline", one, two, three)

    assert count_tried(booth) == RecentDeliveries(2, 1)


def test_what_was_before_does_not_count(booth: Booth) -> None:
    record_attempts(booth, "rejected", *save_people(booth, 3))
    booth.clock.tick(1000.0)

    assert count_tried(booth) == RecentDeliveries(0, 0)
    assert count_tried(booth, 2000.0) == RecentDeliveries(3, 3)


def test_another_crm_does_not_count(booth: Booth) -> None:
    record_attempts(booth, "rejected", *save_people(booth, 3))

    assert alert_queries.count_recent_deliveries(booth.db, "hubspot", 0.0, OFFLINE) == RecentDeliveries(0, 0)


def test_a_lead_waits_since_its_scan(booth: Booth) -> None:
    """The one that waits longest counts; None if none waits."""
    nobody = alert_queries.find_oldest_wait(booth.db)
    first = booth.show(name="Ana", email="ana@x.example").lead.id
    at = booth.clock.wall_time()
    booth.clock.tick(60.0)
    booth.show(name="Bo", email="bo@x.example")
    since = alert_queries.find_oldest_wait(booth.db)
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, first, 1, "c-1", booth.clock.wall_time())

    assert nobody is None
    assert pytest.approx(at) == since
    assert alert_queries.find_oldest_wait(booth.db) == pytest.approx(at + 60.01)


@pytest.mark.parametrize("verb", ["retry", "restore", "edit"])
def test_a_lead_that_is_in_the_outbox_again_waits_since_then(booth: Booth, verb: str) -> None:
    """Retrying, restoring or editing yesterday's lead does not make it a wait of a day."""
    lead = booth.show(name="Ana", email="ana@x.example").lead.id
    if verb == "restore":
        outbox.discard_lead(booth.db, lead, "a test", "ana", booth.clock)
    booth.clock.tick(86_400.0)

    if verb == "edit":
        leads.edit_lead(booth.db, lead, {"note": "call her"}, "ana", booth.clock)
    else:
        assert getattr(outbox, f"{verb}_lead")(booth.db, lead, "ana", booth.clock)

    assert pytest.approx(booth.clock.wall_time()) == alert_queries.find_oldest_wait(booth.db)


def test_a_clock_that_was_set_makes_no_queue_of_fifty_years(booth: Booth) -> None:
    """A Pi that starts in 1970: the scan's time is known again once a time server has set the clock."""
    booth.clock.now, booth.clock.is_synced = 1000.0, False
    scans.record_boot_clock(booth.db, booth.clock)
    booth.show(name="Ana", email="ana@x.example")
    booth.clock.jump(1_800_000_000.0)
    booth.clock.is_synced = True
    scans.record_boot_clock(booth.db, booth.clock)

    since = alert_queries.find_oldest_wait(booth.db)

    assert since is not None
    assert booth.clock.wall_time() - since < 10


def test_a_time_is_certainly_past_if_a_time_server_had_set_the_clock(booth: Booth) -> None:
    """A clock that nobody set proves nothing."""
    booth.clock.is_synced = False
    scans.record_boot_clock(booth.db, booth.clock)
    unknown = alert_queries.find_last_synced_time(booth.db)
    booth.clock.restart("boot-2")
    booth.clock.is_synced = True
    scans.record_boot_clock(booth.db, booth.clock)

    assert unknown is None
    assert booth.clock.wall_time() == alert_queries.find_last_synced_time(booth.db)
