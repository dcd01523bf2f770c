"""The pending list: what is in it, in which order, and what a search finds."""

from typing import Any

import pytest

from data import leads, outbox, pending, scans
from data.outbox import NEEDS_DETAILS, STATES
from data.store import write_transaction
from tests.data.conftest import Booth


def list_labels(booth: Any, **options: Any) -> list[str]:
    """Return the labels in the list."""
    return [entry.lead.label for entry in pending.list_entries(booth.db, booth.clock, **options)]


def park_refused(booth: Any, lead_id: str, cause: str = "rejected", reason: str = "It is refused.") -> None:
    """Park the lead as refused by the CRM."""
    with write_transaction(booth.db):
        outbox.park_lead(booth.db, lead_id, 1, cause, reason, booth.clock.wall_time())


def test_those_that_need_a_person_come_first_then_the_newest(booth: Booth) -> None:
    """Delivered and discarded ones are not pending."""
    ana, _, _, zoe, gone = (booth.show(name=name).lead.id for name in ("Ana", "Bob", "Eve", "Zoe", "Gone"))
    park_refused(booth, ana)
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, zoe, 1, "crm", booth.clock.wall_time())
    outbox.discard_lead(booth.db, gone, "a test", "bob", booth.clock)

    assert list_labels(booth) == ["Ana", "Eve", "Bob"]
    assert list_labels(booth, states=("delivered",)) == ["Zoe"]
    assert list_labels(booth, states=STATES) == ["Ana", "Gone", "Zoe", "Eve", "Bob"]
    assert list_labels(booth, states=()) == []


def test_no_more_than_the_limit(booth: Booth) -> None:
    """The newest of many."""
    for number in range(5):
        booth.show(name=f"Visitor {number}")

    assert list_labels(booth, limit=2) == ["Visitor 4", "Visitor 3"]
    assert list_labels(booth, limit=0) == []


def test_an_entry_says_why_when_and_who(booth: Booth) -> None:
    """Cause and reason as they came, seconds left by this boot's time, the last operator, the first scan."""
    first = booth.show("badge:7", name="Ana", operator="ana")
    met = booth.clock.wall_time()
    booth.clock.tick(10.0)
    booth.show("badge:7", operator="eve")
    with write_transaction(booth.db):
        outbox.postpone_lead(
            booth.db, first.lead.id, booth.clock, seconds=60.0, cause="retry", reason="It failed.", is_attempt=True
        )
    booth.clock.tick(20.0)

    [entry] = pending.list_entries(booth.db, booth.clock)

    assert (
        entry.state, entry.cause, entry.reason, entry.attempts, pytest.approx(entry.seconds_left)
    ) == ("waiting", "retry", "It failed.", 1, 40.0)  # fmt: skip
    assert (entry.operator, entry.scanned_at) == ("eve", met)
    assert (entry.delivered_revision, entry.remote_id, entry.delivered_at) == (None, None, None)
    assert pending.get_entry(booth.db, booth.clock, first.lead.id) == entry


def test_seconds_left_of_another_boot_are_none(booth: Booth) -> None:
    """What was postponed before a restart is due."""
    lead = booth.show(name="Ana").lead
    with write_transaction(booth.db):
        outbox.postpone_lead(booth.db, lead.id, booth.clock, seconds=60.0, cause="retry", reason="x", is_attempt=True)

    booth.clock.restart("boot-2")

    assert pending.get_entry(booth.db, booth.clock, lead.id).seconds_left == 0.0


def test_a_lead_that_is_not_there_is_a_key_error(booth: Booth) -> None:
    """Also where its id is hostile."""
    with pytest.raises(KeyError):
        pending.get_entry(booth.db, booth.clock, "' or '1'='1")


def test_a_cause_keeps_only_its_own(booth: Booth) -> None:
    """And an unknown cause selects nothing."""
    ana, _ = (booth.show(name=name).lead.id for name in ("Ana", "Bob"))
    booth.show("badge:7", badge_id="7")
    park_refused(booth, ana)

    assert list_labels(booth, cause="rejected") == ["Ana"]
    assert list_labels(booth, cause=NEEDS_DETAILS) == ["7"]
    assert list_labels(booth, cause="' or '1'='1") == []
    assert pending.count_causes(booth.db) == {"rejected": 1, NEEDS_DETAILS: 1}


def test_causes_come_with_the_most_frequent_first(booth: Booth) -> None:
    """Delivered and discarded leads have no cause."""
    for number in range(3):
        booth.show(f"badge:{number}", badge_id=f"{number}")
    park_refused(booth, booth.show(name="Ana").lead.id)
    outbox.discard_lead(booth.db, booth.show("badge:9", badge_id="9").lead.id, "a test", "bob", booth.clock)

    assert list(pending.count_causes(booth.db).items()) == [(NEEDS_DETAILS, 3), ("rejected", 1)]


SEARCHES = [
    ("lopez", ["Ana Lopez"]),
    ("LOPEZ", ["Ana Lopez"]),
    ("initech", ["Ana Lopez"]),
    ("ana@", ["Ana Lopez"]),
    ("B-77", ["Jörg Müller"]),
    ("müller", ["Jörg Müller"]),
    ("MÜLLER", ["Jörg Müller"]),
    ("muller", ["Jörg Müller"]),
    ("jorg", ["Jörg Müller"]),
    ("López", ["Ana Lopez"]),
    ("ИВАН", ["иван"]),
    ("%", ["100% Sure"]),
    ("_", ["under_score"]),
    ("'", ["O'Brien"]),
    ('"', []),
    ("' or '1'='1", []),
    ("'); drop table leads; --", []),
    ("\\", []),
    ("*", []),
    (" ", ["under_score", "иван", "O'Brien", "100% Sure", "Jörg Müller", "Ana Lopez"]),
]


@pytest.mark.parametrize(("search", "found"), SEARCHES)
def test_a_search_is_text_and_nothing_else(booth: Booth, search: str, found: list[str]) -> None:
    """In name, e-mail, company and badge id, whatever the capitals, in every script; no character is special."""
    booth.show(name="Ana Lopez", email="ana@x.example", company="Initech")
    booth.show(name="Jörg Müller", badge_id="B-77")
    for name in ("100% Sure", "O'Brien", "иван", "under_score"):
        booth.show(name=name)

    assert list_labels(booth, search=search) == found
    assert booth.count_rows("leads") == 6


@pytest.mark.parametrize("state", ["it's", "') or 1=1 --", 'a"b', "\\", """') or 1=1 --\""""])
def test_a_state_that_is_none_finds_nothing(booth: Booth, state: str) -> None:
    """It is a value too, whatever it holds."""
    booth.show(name="Ana")

    assert list_labels(booth, states=(state,)) == []


def test_state_cause_and_search_are_all_asked_for(booth: Booth) -> None:
    """All of them have to match."""
    ana, bob = (booth.show(name=name, company="Initech").lead.id for name in ("Ana", "Bob"))
    park_refused(booth, ana)
    park_refused(booth, bob, "retry")

    assert list_labels(booth, states=("needs you",), cause="rejected", search="initech") == ["Ana"]
    assert list_labels(booth, states=("waiting",), cause="rejected", search="initech") == []


def test_a_discarded_lead_shows_the_reason_that_a_person_gave(booth: Booth) -> None:
    """As it was typed."""
    lead = booth.show(name="Ana").lead
    outbox.discard_lead(booth.db, lead.id, "[b]not[/b] \x1b[1m ours", "bob", booth.clock)

    assert pending.get_entry(booth.db, booth.clock, lead.id).reason == "[b]not[/b] \x1b[1m ours"


def test_a_lead_that_lost_its_scans_is_dated_by_itself(booth: Booth) -> None:
    """Its own time of creation is used instead."""
    lead = leads.get_lead(booth.db, booth.show(name="Ana").lead.id)
    with write_transaction(booth.db):
        booth.db.execute("delete from scans")

    entry = pending.get_entry(booth.db, booth.clock, lead.id)
    assert (lead.created_at, "") == (entry.scanned_at, entry.operator)
    assert scans.find_first_scan_times(booth.db, [lead.id]) == {}
