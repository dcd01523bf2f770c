"""Metrics of the delivery, from the receipts."""

from dataclasses import replace
from typing import Any

import pytest

from data import batches, gates, leads, metrics, outbox
from data.arrival import Arrival, arrive
from data.batches import Receipt
from data.gates import Gate
from data.pruning import prune_receipts
from data.store import write_transaction
from data.uuid7 import get_uuid7_lower_bound


def record_call(booth: Any, outcomes: dict[str, str], took: float = 0.5) -> None:
    """Record a call to the CRM with this outcome for each of these leads."""
    batch = batches.start_batch(booth.db, "crm", dict.fromkeys(outcomes, 1), booth.clock)
    receipts = [Receipt(lead_id, 1, outcome) for lead_id, outcome in outcomes.items()]
    with write_transaction(booth.db):
        batches.end_batch(booth.db, batch, took, receipts, booth.clock.wall_time())
        for lead_id, outcome in outcomes.items():
            if outcome == "delivered":
                outbox.settle_lead(booth.db, lead_id, 1, "C-1", booth.clock.wall_time())


@pytest.fixture
def three(booth: Any) -> list[str]:
    """The ids of three leads, met a minute apart."""
    found = []
    for name in ("Ana", "Bob", "Eve"):
        found.append(booth.show(name=name).lead.id)
        booth.clock.tick(60.0)
    return found


def test_where_nothing_happened_nothing_is_claimed(booth: Any) -> None:
    """No rate and no time without an attempt."""
    assert metrics.read_metrics(booth.db, "crm", booth.clock) == metrics.Metrics(None)


def test_the_oldest_is_the_one_that_has_waited_longest(booth: Any, three: list[str]) -> None:
    """Who is delivered waits no more."""
    first = metrics.read_metrics(booth.db, "crm", booth.clock).oldest_waiting
    record_call(booth, {three[0]: "delivered"})

    assert (
        pytest.approx(first, abs=1.0),
        pytest.approx(metrics.read_metrics(booth.db, "crm", booth.clock).oldest_waiting, abs=1.0),
    ) == (180.0, 120.0)


def test_attempts_are_counted_by_how_they_ended(booth: Any, three: list[str]) -> None:
    """The share of those that delivered is of the last hour; the count is of all time."""
    record_call(booth, {three[0]: "offline"})
    booth.clock.tick(7200.0)
    record_call(booth, {three[0]: "delivered", three[1]: "delivered", three[2]: "rejected"})
    record_call(booth, {three[2]: "unsure"})

    found = metrics.read_metrics(booth.db, "crm", booth.clock)

    assert found.attempts == {"delivered": 2, "offline": 1, "rejected": 1, "unsure": 1}
    assert found.success_rate == 0.5


def test_the_answer_time_is_of_calls_that_were_answered(booth: Any, three: list[str]) -> None:
    """Each call once, however many leads were in it."""
    record_call(booth, dict.fromkeys(three, "rejected"), took=0.2)
    record_call(booth, {three[0]: "rejected"}, took=0.4)
    record_call(booth, {three[0]: "rejected"}, took=3.0)
    record_call(booth, {three[0]: "unsure"}, took=45.0)

    found = metrics.read_metrics(booth.db, "crm", booth.clock)

    assert (found.answer_median, found.answer_p95) == (0.4, 3.0)


def test_the_gate_s_history_has_each_change_once(booth: Any) -> None:
    """However often it was probed in between; another destination's is not in it."""
    for gate in (
        Gate("crm", since=1.0),
        Gate("crm", False, "offline", "No network.", 2.0),
        Gate("crm", False, "offline", "No network.", 2.0, failures=2),
        Gate("other", False, "quota", "Used up.", 3.0),
        Gate("crm", since=4.0),
    ):
        with write_transaction(booth.db):
            gates.write_gate(booth.db, gate)

    found = metrics.read_metrics(booth.db, "crm", booth.clock).history

    assert [(c.is_open, c.cause, c.at) for c in found] == [(True, "", 4.0), (False, "offline", 2.0), (True, "", 1.0)]


def test_forgotten_receipts_are_still_counted(booth: Any, three: list[str]) -> None:
    """Those of leads at their end, when they are old."""
    record_call(booth, {three[0]: "offline"})
    record_call(booth, {three[0]: "delivered", three[1]: "delivered"})
    before = metrics.read_metrics(booth.db, "crm", booth.clock).attempts
    booth.clock.tick(91 * 86_400.0)

    forgotten = prune_receipts(booth.db, 90, booth.clock)

    assert forgotten == 3
    assert metrics.read_metrics(booth.db, "crm", booth.clock).attempts == before
    assert batches.list_receipts(booth.db, three[0]) == []
    assert (
        booth.db.execute("select (select count(*) from batches) + (select count(*) from batch_members)").fetchone()[0]
        == 0
    )


def test_what_is_young_or_still_owed_is_not_forgotten(booth: Any, three: list[str]) -> None:
    """The receipts of a lead that waits say what was tried, however old they are."""
    record_call(booth, {three[0]: "unsure", three[1]: "delivered"})
    booth.clock.tick(91 * 86_400.0)
    record_call(booth, {three[2]: "delivered"})

    assert prune_receipts(booth.db, 90, booth.clock) == 1

    assert [receipt.outcome for receipt in batches.list_receipts(booth.db, three[0])] == ["unsure"]
    assert [receipt.outcome for receipt in batches.list_receipts(booth.db, three[2])] == ["delivered"]
    assert booth.db.execute("select count(*) from batch_members").fetchone()[0] == 3


def test_many_receipts_are_deleted_in_chunks_and_no_lead_is(booth: Any, three: list[str]) -> None:
    """Scans can be saved between two transactions; leads, scans and the outbox stay as they are."""
    for _ in range(1_100):
        record_call(booth, {three[0]: "delivered", three[1]: "delivered"})
    booth.clock.tick(91 * 86_400.0)
    counted = outbox.count_leads(booth.db)

    assert prune_receipts(booth.db, 90, booth.clock) == 2_200

    assert outbox.count_leads(booth.db) == counted
    assert len(list(leads.iterate_leads(booth.db))) == 3
    assert booth.db.execute("select count(*) from scans").fetchone()[0] == 3


def test_errors_are_the_crms_and_the_networks(booth: Any, three: list[str]) -> None:
    """A refusal that is the lead's own fault is not an error; successes, errors and refusals add up to all attempts."""
    record_call(booth, {three[0]: "delivered", three[1]: "rejected"})
    record_call(booth, {three[2]: "offline"})
    record_call(booth, {three[2]: "unsure"})

    found = metrics.read_metrics(booth.db, "crm", booth.clock)

    assert (found.success_rate, found.error_rate) == (0.25, 0.5)


def test_leads_are_counted_by_the_hour_on_the_wall(booth: Any) -> None:
    """The hour that runs is the last; who was met a moment before it began is in the one before."""
    this = metrics.count_leads_by_hour(booth.db, booth.clock)[-1][0]
    booth.clock.tick(this - booth.clock.wall_time() - 1.0)
    booth.show(name="Ana")
    booth.clock.tick(1.0)
    booth.show(name="Bob")
    booth.show(name="Eve")

    found = metrics.count_leads_by_hour(booth.db, booth.clock, 3)

    assert [(this - 7200.0, 0), (this - 3600.0, 1), (this, 2)] == found


def test_a_moment_of_an_id_divides_earlier_from_later(booth: Any) -> None:
    """Whatever an id has at random, the millisecond before is less and the moment itself is not."""
    met = booth.show(name="Ana").lead
    now = met.created_at

    assert (
        metrics.count_leads_between(booth.db, now, now + 0.001),
        metrics.count_leads_between(booth.db, 0.0, now),
    ) == (1, 0)
    assert met.id.startswith(get_uuid7_lower_bound(now))


def test_a_scan_of_long_ago_that_came_today_waits_since_today(booth: Any) -> None:
    """A device may post what it scanned last winter; nothing has been late since then."""
    scan = replace(booth.scan(), wall_at=booth.clock.wall_time() - 195 * 86_400.0, boot_id="", monotonic=0.0)
    arrive(booth.db, Arrival(scan, booth.lead(name="Ol Der"), ("email:old@x.example",)), booth.clock)
    booth.clock.tick(60.0)

    assert metrics.read_metrics(booth.db, "crm", booth.clock).oldest_waiting == pytest.approx(60.0, abs=1.0)
