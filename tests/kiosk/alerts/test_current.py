"""The current alerts, as `kiosk status` and the web page read them: stored by another process, or measured here."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data import alerts, batches, gates, pause, scans
from data.alerts import Alert
from data.batches import Receipt
from data.gates import Gate
from data.store import write_transaction
from sync.file_lock import hold_lock
from tests.kiosk.alerts.booth import Looked


@pytest.fixture
def booth(tmp_path: Path) -> Iterator[Looked]:
    """A kiosk at which all is well."""
    found = Looked(tmp_path)
    with closing(found.db):
        yield found


def test_at_a_new_kiosk_nothing_is_wrong(booth: Looked) -> None:
    assert booth.wrong() == []


def test_a_queue_is_too_old_after_an_hour_and_well_when_the_first_was_taken(booth: Looked) -> None:
    """By the clock, not by how often it is checked."""
    booth.scan("ana")
    booth.clock.tick(3590)
    before = booth.causes()
    booth.clock.tick(10)
    after = booth.wrong()
    booth.clock.jump(-2000)

    assert before == []
    assert [alert.sentence for alert in after] == ["Leads have been waiting to be sent for more than 60 min."]
    assert booth.causes() == []


def test_leads_that_the_crm_does_not_take_are_counted_over_a_window(booth: Looked) -> None:
    """Within a quarter of an hour; then they are forgotten."""
    ids = booth.scan(*(f"v{number}" for number in range(10)))
    batch = batches.start_batch(booth.db, "practice", dict.fromkeys(ids, 1), booth.clock)
    ends = [Receipt(lead, 1, "rejected" if number < 4 else "delivered") for number, lead in enumerate(ids)]
    with write_transaction(booth.db):
        batches.end_batch(booth.db, batch, 0.1, ends, booth.clock.wall_time())

    (found,) = booth.wrong()
    booth.clock.tick(901)

    assert found.sentence == "The CRM did not accept 4 of 10 leads sent within 15 min."
    assert booth.wrong() == []


def test_a_clock_before_a_time_that_is_past_is_off(booth: Looked) -> None:
    """A Pi that starts without one, on the day after."""
    scans.record_boot_clock(booth.db, booth.clock)
    booth.clock.restart("boot-2")
    booth.clock.is_synced = False
    booth.clock.jump(-7200)

    (found,) = booth.wrong()
    booth.clock.is_synced = True

    assert found.sentence == "This device's clock is 2 h behind."
    assert booth.wrong() == []


@pytest.mark.parametrize("lock", ["worker_lock", "kiosk_lock"])
def test_while_another_process_evaluates_its_stored_alerts_count(booth: Looked, lock: str) -> None:
    """What is slow to measure is left to that process; what is quick is measured here again."""
    booth.scan("ana")
    booth.clock.tick(7200)
    errors = Alert("errors", "The CRM did not take 5 of 10.", "Look at the list.", 1.0)
    with hold_lock(getattr(booth.settings, lock)):
        silent = booth.causes()
        alerts.update_alerts(booth.db, [errors], booth.clock)
        found = booth.wrong(disk_free_mb=10_000_000)

    assert silent == []
    assert [alert.cause for alert in found] == ["disk", "errors"]
    assert found[1] == errors
    assert booth.causes() == ["queue"]


def test_reading_writes_nothing(booth: Looked) -> None:
    """Reading the alerts raises none."""
    booth.wrong(disk_free_mb=10_000_000)

    assert alerts.read_open_alerts(booth.db) == {}


def test_a_sign_in_that_is_refused_is_wrong_until_a_call_goes_through(booth: Looked) -> None:
    """Also while the network is away, which proves nothing."""
    seen = []
    for gate in ("not authorised", "offline", "login page", ""):
        with write_transaction(booth.db):
            gates.write_gate(booth.db, Gate("practice", not gate, gate, since=booth.clock.wall_time()))
        alerts.update_alerts(booth.db, booth.wrong(), booth.clock)
        seen.append(booth.causes())

    assert seen == [["sign-in"]] * 3 + [[]]


def test_another_crm_has_an_account_of_its_own(booth: Looked) -> None:
    """What the practice CRM refused says nothing of the one that is set up now."""
    with write_transaction(booth.db):
        gates.write_gate(booth.db, Gate("hubspot", False, "not authorised"))

    assert booth.wrong() == []


def test_the_reason_for_an_old_queue_is_the_current_one(booth: Looked) -> None:
    """It was stored while the network was gone; then sending was paused and resumed, and the network was back."""
    booth.scan("ana")
    booth.clock.tick(7200)
    with write_transaction(booth.db):
        gates.write_gate(booth.db, Gate("practice", False, "offline", "No network."))
    alerts.update_alerts(booth.db, booth.wrong(), booth.clock)
    with hold_lock(booth.settings.worker_lock):
        offline = booth.wrong()
        pause.pause_sending(booth.db, "Ana", booth.clock)
        paused = booth.wrong()
        pause.resume_sending(booth.db)
        with write_transaction(booth.db):
            gates.write_gate(booth.db, Gate("practice"))
        well = booth.wrong()

    whys = (" (offline)", " (sending is paused)", "")
    expected = [f"Leads have been waiting to be sent for more than 60 min{why}." for why in whys]
    assert [alert.sentence for alert in (*offline, *paused, *well)] == expected
    assert ["to a network" in alert.advice for alert in (*offline, *paused, *well)] == [True, False, False]
    assert len({alert.since for alert in (*offline, *paused, *well)}) == 1
