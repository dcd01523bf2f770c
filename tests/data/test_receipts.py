"""Batches and receipts, gates, and ids."""

import sqlite3
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import batches, gates, outbox
from data.batches import NO_ANSWER_MESSAGE, Receipt
from data.gates import Gate
from data.store import open_store, write_transaction
from data.uuid7 import new_uuid7
from tests.data.conftest import Booth


@pytest.fixture
def two(booth: Booth) -> list[str]:
    """The ids of two leads."""
    return [booth.show(name=name).lead.id for name in ("Ana", "Bob")]


def test_a_lead_that_was_sent_before_is_known(booth: Booth, two: list[str]) -> None:
    """The CRM may have it, whatever the result; the revision is known for each destination."""
    for destination, revision in (("old crm", 2), ("crm", 3), ("crm", 4)):
        batch = batches.start_batch(booth.db, destination, {two[1]: revision}, booth.clock)
        with write_transaction(booth.db):
            batches.end_batch(booth.db, batch, 1.0, [Receipt(two[1], revision, "unsure")], booth.clock.wall_time())

    assert batches.find_sent_revisions(booth.db, two, "crm") == {two[1]: batches.SentRevisions(first=2, newest=4)}
    assert batches.find_sent_revisions(booth.db, two, "new crm") == {two[1]: batches.SentRevisions(first=2, newest=0)}


def test_a_batch_is_on_the_disk_before_it_is_sent(booth: Booth, two: list[str]) -> None:
    """Another process sees its members and their revisions, and that it has no end."""
    batch = batches.start_batch(booth.db, "crm", {two[0]: 1, two[1]: 3}, booth.clock)

    other = open_store(booth.path)
    members = other.execute("select lead_id, revision from batch_members where batch_id = ?", (batch.id,)).fetchall()
    ended = other.execute("select ended_at from batches where id = ?", (batch.id,)).fetchone()[0]
    other.close()
    assert dict(map(tuple, members)) == {two[0]: 1, two[1]: 3}
    assert ended is None


def test_every_attempt_leaves_a_receipt(booth: Booth, two: list[str]) -> None:
    """With the CRM's words as they came, oldest first."""
    batch = batches.start_batch(booth.db, "crm", {two[0]: 1, two[1]: 1}, booth.clock)
    words = "'; drop table leads; -- \x1b[31m"
    with write_transaction(booth.db):
        batches.end_batch(
            booth.db, batch, 0.25,
            [Receipt(two[0], 1, "retry", 500, words), Receipt(two[1], 1, "delivered", 200)], booth.clock.wall_time(),
        )  # fmt: skip

    assert batches.list_receipts(booth.db, two[0]) == [Receipt(two[0], 1, "retry", 500, words, batch.started_at, 0.25)]
    assert [receipt.outcome for receipt in batches.list_receipts(booth.db, two[1])] == ["delivered"]
    assert batches.list_receipts(booth.db, "nobody") == []
    assert batches.close_unfinished_batches(booth.db, "crm", booth.clock) == 0


def test_a_batch_that_a_killed_worker_left_open_is_closed_as_unsure(booth: Booth, two: list[str]) -> None:
    """A receipt for each member, dated when the batch was sent; the leads are still due, with all their attempts."""
    batch = batches.start_batch(booth.db, "crm", {two[0]: 1, two[1]: 1}, booth.clock)
    batches.start_batch(booth.db, "another crm", {two[0]: 1}, booth.clock)
    booth.clock.tick(600.0)

    assert batches.close_unfinished_batches(booth.db, "crm", booth.clock) == 2

    assert batches.list_receipts(booth.db, two[0]) == [
        Receipt(two[0], 1, "unsure", None, NO_ANSWER_MESSAGE, batch.started_at)
    ]
    assert [owed.lead.id for owed in outbox.list_due_leads(booth.db, booth.clock, 10)] == two[::-1]
    assert [booth.read_outbox_row(lead_id)["attempts"] for lead_id in two] == [0, 0]
    assert batches.close_unfinished_batches(booth.db, "crm", booth.clock) == 0
    assert batches.close_unfinished_batches(booth.db, "another crm", booth.clock) == 1


def test_two_open_batches_with_the_same_lead_are_both_closed(booth: Booth, two: list[str]) -> None:
    """Killed twice in a row: each attempt has its receipt."""
    for _ in range(2):
        booth.clock.tick(1.0)
        batches.start_batch(booth.db, "crm", {two[0]: 1}, booth.clock)

    assert batches.close_unfinished_batches(booth.db, "crm", booth.clock) == 2
    assert [receipt.outcome for receipt in batches.list_receipts(booth.db, two[0])] == ["unsure"] * 2


def test_a_batch_of_nobody_leaves_nothing(booth: Booth) -> None:
    """A member that does not exist is refused, and the batch with it."""
    with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        batches.start_batch(booth.db, "crm", {"nobody": 1}, booth.clock)

    assert booth.count_rows("batches") == 0


def test_a_gate_that_was_never_heard_of_is_open(booth: Booth) -> None:
    """Whatever its destination is called."""
    assert gates.read_gate(booth.db, "https://crm.example/'; --") == Gate("https://crm.example/'; --")


def test_a_gate_is_read_as_it_was_written(booth: Booth) -> None:
    """One per destination; its last success is not forgotten when it closes."""
    opened = Gate("crm", since=1.0, last_success=booth.clock.wall_time())
    shut = Gate(
        "crm", False, "offline", "No network.", 2.0, booth.clock.seconds_since_boot() + 5.0, booth.clock.boot_id, 3
    )
    for gate in (opened, shut, Gate("other")):
        with write_transaction(booth.db):
            gates.write_gate(booth.db, gate)

    found = gates.read_gate(booth.db, "crm")
    assert (
        found.is_open, found.cause, found.sentence, found.since, found.failures
    ) == (False, "offline", "No network.", 2.0, 3)  # fmt: skip
    assert opened.last_success == found.last_success
    assert gates.read_gate(booth.db, "other") == Gate("other")


def test_a_closed_gate_is_tried_when_its_time_has_passed(booth: Booth) -> None:
    """By the time since boot: a clock that jumps changes nothing, a restart makes it due."""
    gate = Gate(
        "crm", is_open=False, next_try=booth.clock.seconds_since_boot() + 60.0, next_try_boot=booth.clock.boot_id
    )

    booth.clock.jump(-1e8)
    assert gate.seconds_left(booth.clock) == 60.0
    booth.clock.tick(59.0)
    assert gate.seconds_left(booth.clock) == 1.0
    booth.clock.tick(100.0)
    assert gate.seconds_left(booth.clock) == 0.0
    booth.clock.restart("boot-2")
    assert gate.seconds_left(booth.clock) == 0.0
    assert Gate("crm", is_open=True, next_try=1e9, next_try_boot="boot-2").seconds_left(booth.clock) == 0.0


WALL = st.floats(0, 0xFFFF_FFFF_FFFF / 1000 - 1)


@given(WALL)
def test_an_id_is_a_uuid_of_version_7(wall: float) -> None:
    """RFC 9562, section 5.7: 48 bits of milliseconds, the version, the variant; in lower case with its dashes."""
    text = new_uuid7(wall)
    value = UUID(text)

    assert (value.version, value.variant) == (7, "specified in RFC 4122")
    assert int(wall * 1000) == value.int >> 80
    assert str(value) == text


@given(WALL, WALL)
def test_ids_are_in_the_order_of_their_milliseconds(first: float, second: float) -> None:
    """As texts, which is how SQLite compares them."""
    earlier, later = sorted((first, second))

    if int(earlier * 1000) < int(later * 1000):
        assert new_uuid7(earlier) < new_uuid7(later)


def test_ids_of_one_moment_differ() -> None:
    """They have 74 random bits."""
    assert len({new_uuid7(1_800_000_000.0) for _ in range(10_000)}) == 10_000


def test_a_clock_before_1970_still_gives_a_valid_id() -> None:
    """A machine without a clock battery believes anything."""
    assert UUID(new_uuid7(-12_345.678)).version == 7
