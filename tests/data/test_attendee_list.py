"""The attendee list: storing and replacing it, and what it adds to leads that were scanned before."""

from collections.abc import Iterator

import pytest

from data import attendees, leads, outbox
from data.attendees import ROWS_PER_TRANSACTION
from data.contact import Contact
from data.outbox import NEEDS_DETAILS
from data.store import open_store, write_transaction
from tests.data.conftest import Booth

EVENT = "Expo 2026"
ANA = Contact(name="Ana Lopez", email="Ana@Initech.example", company="Initech")


def add_people(booth: Booth, *people: tuple[str, Contact]) -> list[int]:
    """Import *people*."""
    return list(attendees.add_attendees(booth.db, EVENT, [attendees.Attendee(*person) for person in people]))


def test_a_badge_id_finds_the_person(booth: Booth) -> None:
    """At this event only, and by the whole id only, whatever it holds."""
    add_people(booth, ("7", ANA), ("' or 1=1 --", Contact(name="Bob")))

    assert attendees.find_contact(booth.db, EVENT, "7") == ANA
    assert attendees.find_contact(booth.db, EVENT, "' or 1=1 --") == Contact(name="Bob")
    assert [attendees.find_contact(booth.db, EVENT, badge_id) for badge_id in ("07", "%", "")] == [None] * 3
    assert attendees.find_contact(booth.db, "Fair 2027", "7") is None


def test_a_newer_list_replaces_who_is_there_and_keeps_the_others(booth: Booth) -> None:
    """Also if it empties a field; if one list has somebody twice, the last row counts."""
    add_people(booth, ("7", ANA), ("8", Contact(name="Bob")))

    add_people(booth, ("7", Contact(name="Ana")), ("7", Contact(name="Ana L.")))

    assert attendees.find_contact(booth.db, EVENT, "7") == Contact(name="Ana L.")
    assert attendees.find_contact(booth.db, EVENT, "8") == Contact(name="Bob")
    assert (attendees.count_attendees(booth.db, EVENT), attendees.count_attendees(booth.db, "Fair 2027")) == (2, 0)


def test_a_long_list_is_added_in_chunks_and_reports_its_progress(booth: Booth) -> None:
    """Between two transactions another process can write, so that the kiosk can save scans."""
    people = (
        attendees.Attendee(f"{number}", Contact(name=f"Visitor {number}"))
        for number in range(ROWS_PER_TRANSACTION * 2 + 1)
    )
    other = open_store(booth.path)
    other.execute("pragma busy_timeout = 0")

    done = []
    for so_far in attendees.add_attendees(booth.db, EVENT, people):
        assert attendees.count_attendees(other, EVENT) == so_far
        with write_transaction(other):
            attendees.count_attendees(other, EVENT)
        done.append(so_far)
    other.close()

    assert done == [ROWS_PER_TRANSACTION, ROWS_PER_TRANSACTION * 2, ROWS_PER_TRANSACTION * 2 + 1]


def test_a_list_that_breaks_off_keeps_the_chunks_that_were_reported(booth: Booth) -> None:
    """And nothing of the one that was not reported."""

    def people() -> Iterator[attendees.Attendee]:
        for number in range(ROWS_PER_TRANSACTION + 10):
            yield attendees.Attendee(f"{number}", Contact(name="Visitor"))
        raise OSError("the stick was pulled out")

    told = []
    with pytest.raises(OSError, match="pulled out"):
        told.extend(attendees.add_attendees(booth.db, EVENT, people()))

    assert attendees.count_attendees(booth.db, EVENT) == ROWS_PER_TRANSACTION
    assert not booth.db.conn.in_transaction


def test_an_empty_list_is_no_error(booth: Booth) -> None:
    """It adds nobody."""
    assert add_people(booth) == []
    assert attendees.count_attendees(booth.db, EVENT) == 0


def test_leads_that_were_scanned_before_the_list_came_are_completed(booth: Booth) -> None:
    """They have a name now and are sent to the CRM; what staff typed in meanwhile stays."""
    blank = booth.show("badge:7", badge_id="7").lead
    typed = booth.show("badge:8", badge_id="8", kind="id").lead
    leads.edit_lead(booth.db, typed.id, {"name": "Bobby"}, "bob", booth.clock)
    assert booth.read_outbox_row(blank.id)["cause"] == NEEDS_DETAILS
    add_people(booth, ("7", ANA), ("8", Contact(name="Robert", company="Acme")))

    assert attendees.complete_past_leads(booth.db, EVENT, booth.clock) == 2

    assert leads.get_lead(booth.db, blank.id).contact == ANA
    assert leads.get_lead(booth.db, typed.id).contact == Contact(name="Bobby", company="Acme")
    assert [owed.lead.id for owed in outbox.list_due_leads(booth.db, booth.clock, 10)] == [typed.id, blank.id]


def test_completing_twice_sends_nothing_twice(booth: Booth) -> None:
    """A lead that learned nothing new has no new revision."""
    lead = booth.show("badge:7", badge_id="7").lead
    add_people(booth, ("7", ANA))
    attendees.complete_past_leads(booth.db, EVENT, booth.clock)
    with write_transaction(booth.db):
        outbox.settle_lead(booth.db, lead.id, 2, "crm", booth.clock.wall_time())

    assert attendees.complete_past_leads(booth.db, EVENT, booth.clock) == 0
    assert (booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["revision"]) == ("delivered", 2)


def test_only_the_leads_of_the_event_with_a_badge_id_are_completed(booth: Booth) -> None:
    """An empty badge id on the list matches no lead, nor do leads of other events."""
    here, there = booth.show(name="Eve").lead, booth.show("badge:7", badge_id="7", event="Fair 2027").lead
    add_people(booth, ("", ANA), ("7", ANA))

    assert attendees.complete_past_leads(booth.db, EVENT, booth.clock) == 0
    assert [leads.get_lead(booth.db, lead.id) for lead in (here, there)] == [here, there]


def test_a_completed_lead_is_known_by_its_e_mail(booth: Booth) -> None:
    """The badge with the address is the same lead as the badge with the id."""
    lead = booth.show("badge:7", badge_id="7").lead
    add_people(booth, ("7", ANA))
    attendees.complete_past_leads(booth.db, EVENT, booth.clock)

    assert booth.show(name="Ana", email="ana@initech.EXAMPLE").lead.id == lead.id


def test_a_discarded_lead_is_completed_and_stays_discarded(booth: Booth) -> None:
    """Only a person restores it; then it has its name."""
    lead = booth.show("badge:7", badge_id="7").lead
    outbox.discard_lead(booth.db, lead.id, "a test", "bob", booth.clock)
    add_people(booth, ("7", ANA))

    attendees.complete_past_leads(booth.db, EVENT, booth.clock)
    assert (booth.read_outbox_row(lead.id)["state"], booth.read_outbox_row(lead.id)["reason"]) == (
        "discarded",
        "a test",
    )

    outbox.restore_lead(booth.db, lead.id, "bob", booth.clock)
    assert [owed.lead.label for owed in outbox.list_due_leads(booth.db, booth.clock, 10)] == ["Ana Lopez"]
