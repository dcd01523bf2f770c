"""Scans are never deleted, and dated by the best knowledge of the clock."""

import pytest

from data import outbox, pending, scans
from data.arrival import Arrival, RefusedScan, arrive, record_refused_scan
from data.clock import SystemClock
from data.store import write_transaction
from tests.data.conftest import Booth

YEAR = 365 * 86400.0
EVENT = "Expo 2026"


def get_scan_time(booth: Booth, lead_id: str) -> float:
    """Return when the lead was first scanned."""
    return scans.find_first_scan_times(booth.db, [lead_id])[lead_id]


def settle_revision(booth: Booth, lead_id: str, revision: int = 1) -> None:
    """Record that the CRM has the lead."""
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, lead_id, revision, "crm", booth.clock.wall_time())


@pytest.fixture
def unset(booth: Booth) -> Booth:
    """A booth whose machine started with a clock that is three years late, and without a time server."""
    booth.clock.is_synced = False
    booth.clock.jump(-3 * YEAR)
    scans.record_boot_clock(booth.db, booth.clock)
    return booth


def test_a_refused_scan_keeps_only_a_hash(booth: Booth) -> None:
    """Its payload is a secret: no lead, no payload, no count, and the bytes are not in the file."""
    with write_transaction(booth.db):
        record_refused_scan(booth.db, RefusedScan(EVENT, booth.scan(b"WIFI:S:booth;P:hunter2;;")))

    row = booth.db.execute("select * from scans").fetchone()
    assert (row["lead_id"], row["payload"], len(row["payload_hash"])) == (None, None, 64)
    assert [booth.count_rows("leads"), booth.count_rows("outbox")] == [0, 0]
    assert scans.count_scans(booth.db, EVENT) == 0
    booth.db.close()
    assert not any(b"hunter2" in file.read_bytes() for file in booth.path.parent.iterdir())


def test_a_scan_keeps_its_payload_byte_for_byte(booth: Booth) -> None:
    """So that it can be read again when a badge profile is corrected."""
    payload = bytes(range(256))

    arrive(booth.db, Arrival(booth.scan(payload), booth.lead(name="Ana"), ["badge:7"]), booth.clock)

    assert booth.db.execute("select payload from scans").fetchone()[0] == payload


def test_scans_of_an_event_are_counted_since_a_moment(booth: Booth) -> None:
    """Two scans of one person are two."""
    booth.show("badge:7", name="Ana")
    booth.clock.tick(60.0)
    noon = booth.clock.wall_time()
    booth.show("badge:7", name="Ana")
    booth.show("badge:8", name="Bob", event="Fair 2027")

    assert (scans.count_scans(booth.db, EVENT), scans.count_scans(booth.db, EVENT, noon)) == (2, 1)


def test_a_lead_is_dated_by_its_first_scan(booth: Booth) -> None:
    """An unknown lead has no date."""
    lead = booth.show("badge:7", name="Ana").lead
    first = booth.clock.wall_time()
    booth.clock.tick(3600.0)
    booth.show("badge:7", name="Ana")

    assert scans.find_first_scan_times(booth.db, [lead.id, "nobody"]) == {lead.id: pytest.approx(first)}
    assert scans.find_first_scan_times(booth.db, []) == {}


def test_scans_are_dated_again_when_the_clock_is_set(unset: Booth) -> None:
    """The time between two scans stays; the day is corrected, also in the list."""
    ana = unset.show(name="Ana").lead
    believed = unset.clock.wall_time()
    unset.clock.tick(100.0)
    bob = unset.show(name="Bob").lead
    assert get_scan_time(unset, ana.id) == believed

    unset.clock.tick(50.0)
    unset.clock.jump(3 * YEAR)
    unset.clock.is_synced = True
    scans.record_boot_clock(unset.db, unset.clock)

    assert pytest.approx(get_scan_time(unset, ana.id)) == believed + 3 * YEAR
    assert pytest.approx(get_scan_time(unset, bob.id) - get_scan_time(unset, ana.id), abs=1e-3) == 100.01
    assert pytest.approx(pending.get_entry(unset.db, unset.clock, ana.id).scanned_at) == believed + 3 * YEAR


def test_leads_that_went_with_a_wrong_time_go_again(unset: Booth) -> None:
    """Delivered ones, once; a discarded lead stays discarded, and a waiting one is sent anyway."""
    done, gone, waits = (unset.show(name=name).lead for name in ("Ana", "Bob", "Eve"))
    settle_revision(unset, done.id)
    settle_revision(unset, gone.id)
    outbox.discard_lead(unset.db, gone.id, "a test", "bob", unset.clock)
    unset.clock.jump(3 * YEAR)
    unset.clock.is_synced = True

    for _ in range(2):
        scans.record_boot_clock(unset.db, unset.clock)
        unset.clock.tick(60.0)

    assert [
        (unset.read_outbox_row(lead.id)["state"], unset.read_outbox_row(lead.id)["revision"])
        for lead in (done, gone, waits)
    ] == [
        ("waiting", 2),
        ("discarded", 2),
        ("waiting", 1),
    ]
    owed = {item.lead.id: item.lead.revision for item in outbox.list_due_leads(unset.db, unset.clock, 10)}
    assert owed == {done.id: 2, waits.id: 1}
    settle_revision(unset, done.id, 2)
    assert unset.read_outbox_row(done.id)["state"] == "delivered"


def test_a_clock_that_was_nearly_right_sends_nothing_again(unset: Booth) -> None:
    """Less than a minute off is not worth sending."""
    lead = unset.show(name="Ana").lead
    settle_revision(unset, lead.id)
    unset.clock.jump(30.0)
    unset.clock.is_synced = True

    scans.record_boot_clock(unset.db, unset.clock)

    assert (unset.read_outbox_row(lead.id)["state"], unset.read_outbox_row(lead.id)["revision"]) == ("delivered", 1)


def test_only_the_scans_of_this_boot_are_dated_again(unset: Booth) -> None:
    """Scans of another boot are dated by that boot's clock."""
    before = unset.show(name="Ana").lead
    settle_revision(unset, before.id)
    dated = get_scan_time(unset, before.id)
    unset.clock.restart("boot-2")
    scans.record_boot_clock(unset.db, unset.clock)
    after = unset.show(name="Bob").lead
    unset.clock.jump(3 * YEAR)
    unset.clock.is_synced = True

    scans.record_boot_clock(unset.db, unset.clock)

    assert get_scan_time(unset, before.id) == dated
    assert unset.read_outbox_row(before.id)["state"] == "delivered"
    assert get_scan_time(unset, after.id) > dated + 2 * YEAR


def test_a_clock_that_loses_its_server_is_still_believed_as_it_was(unset: Booth) -> None:
    """Once set, a boot's dates are not undone by a clock that jumps without a server."""
    lead = unset.show(name="Ana").lead
    unset.clock.jump(3 * YEAR)
    unset.clock.is_synced = True
    scans.record_boot_clock(unset.db, unset.clock)
    dated = get_scan_time(unset, lead.id)
    assert unset.clock.wall_time() == pytest.approx(dated)

    unset.clock.is_synced = False
    unset.clock.jump(-YEAR)
    scans.record_boot_clock(unset.db, unset.clock)

    assert pytest.approx(get_scan_time(unset, lead.id)) == dated


def test_a_scan_before_its_boot_was_noted_has_the_time_that_the_clock_said(booth: Booth) -> None:
    """Nothing better is known yet."""
    lead = booth.show(name="Ana").lead

    assert booth.clock.wall_time() == get_scan_time(booth, lead.id)


def test_the_system_clock_counts_from_a_boot_with_a_name() -> None:
    """Two clocks of one machine agree, and the time since boot increases."""
    first, second = SystemClock(), SystemClock()

    assert first.boot_id == second.boot_id != ""
    assert first.seconds_since_boot() <= second.seconds_since_boot()
    assert first.wall_time() == pytest.approx(second.wall_time(), abs=60)
    assert isinstance(first.is_synchronized(), bool)


def test_a_clock_that_was_set_by_hand_dates_the_scans_of_its_boot_too(unset: Booth) -> None:
    """Without a time server: what was delivered is sent again, once; what comes later is dated like the rest."""
    done, waits = (unset.show(name=name).lead for name in ("Ana", "Bob"))
    settle_revision(unset, done.id)
    believed = unset.clock.wall_time()
    unset.clock.tick(100.0)
    unset.clock.jump(3 * YEAR)

    for _ in range(2):
        scans.record_boot_clock(unset.db, unset.clock)
        unset.clock.tick(60.0)
    later = unset.show(name="Eve").lead

    dated = [get_scan_time(unset, lead.id) - believed - 3 * YEAR for lead in (done, waits, later)]
    assert dated == pytest.approx([0.0, 0.0, 220.0], abs=1.0)
    owed = {item.lead.id: item.lead.revision for item in outbox.list_due_leads(unset.db, unset.clock, 10)}
    assert owed == {done.id: 2, waits.id: 1, later.id: 1}


def test_what_is_set_by_hand_twice_counts_as_it_was_set_last(unset: Booth) -> None:
    """Somebody mistook the year, and noticed."""
    lead = unset.show(name="Ana").lead
    right = unset.clock.wall_time() + 3 * YEAR
    for years in (4, -1):
        unset.clock.jump(years * YEAR)
        scans.record_boot_clock(unset.db, unset.clock)

    assert get_scan_time(unset, lead.id) == pytest.approx(right)


def test_the_first_look_after_it_was_set_finds_the_jump(booth: Booth) -> None:
    """Scans were saved in 1970, and this boot was not recorded before the clock was set."""
    booth.clock.is_synced = False
    now = booth.clock.wall_time()
    booth.clock.jump(-now + 5.0)
    lead = booth.show(name="Ana").lead
    booth.clock.jump(now - 5.0)

    scans.record_boot_clock(booth.db, booth.clock)

    assert get_scan_time(booth, lead.id) == pytest.approx(now)


def test_a_clock_before_our_release_dates_nothing(unset: Booth) -> None:
    """It is certainly wrong, and does not replace what the boot knew."""
    unset.clock.jump(3 * YEAR)
    scans.record_boot_clock(unset.db, unset.clock)
    lead = unset.show(name="Ana").lead
    right = get_scan_time(unset, lead.id)
    unset.clock.jump(-unset.clock.wall_time() + 5.0)

    scans.record_boot_clock(unset.db, unset.clock)

    assert get_scan_time(unset, lead.id) == pytest.approx(right)
