"""Importing an attendee list: the first row with an id counts, and an id that two people have finds neither."""

from data import attendees
from data.attendee_import import AttendeeImport, ListedAttendee
from data.attendees import Attendee
from data.contact import Contact
from data.leads import get_lead
from data.store import write_transaction
from tests.data.conftest import Booth
from tests.support.clock import FakeClock

EVENT = "Expo 2026"


def make_person(line: int, badge_id: str, name: str, *other_ids: str) -> ListedAttendee:
    """Return a person on a line of the list."""
    return ListedAttendee(line, Attendee(badge_id, Contact(name=name), other_ids))


def import_lots(booth: Booth, *lots: list[ListedAttendee]) -> list[tuple[int, list[tuple[int, str]]]]:
    """Import a list in *lots*."""
    importing = AttendeeImport(booth.db, EVENT)
    done = []
    for lot in lots:
        with write_transaction(booth.db):
            done.append(importing.add_in_transaction(lot))
    importing.close()
    return done


def name_of(booth: Booth, badge_id: str) -> str:
    """Return the name behind an id; empty if there is none."""
    found = attendees.find_contact(booth.db, EVENT, badge_id)
    return found.name if found else ""


def test_the_first_with_an_id_counts_in_the_same_lot_and_in_a_later_one(booth: Booth) -> None:
    """A row that repeats another is not a problem; what an earlier list said is replaced."""
    import_lots(booth, [make_person(2, "7", "Before")])

    done = import_lots(
        booth,
        [make_person(2, "7", "Ana"), make_person(3, "7", "Bob")],
        [make_person(4, "7", "Ana"), make_person(5, "7", "Cy")],
    )

    sentence = "it has the same ID as line 2, but different details"
    assert done == [(1, [(3, sentence)]), (0, [(5, sentence)])]
    assert name_of(booth, "7") == "Ana"


def test_an_id_that_two_people_have_finds_neither_whichever_lot_they_are_in(booth: Booth) -> None:
    """A person's own id takes precedence over another person's second id."""
    first = [make_person(2, "1", "Ana", "order", "x1"), make_person(3, "2", "Bob", "order")]
    import_lots(booth, first, [make_person(4, "3", "Cy", "order", "2")])

    assert [name_of(booth, badge) for badge in ("1", "x1", "2", "3", "order")] == ["Ana", "Ana", "Bob", "Cy", ""]


def test_a_lead_that_was_scanned_by_another_id_is_completed(booth: Booth, clock: FakeClock) -> None:
    """Also by one that was typed with Caps Lock on."""
    leads = [booth.show(kind="id", badge_id=badge_id).lead for badge_id in ("ticket-9", "pzd97", "nobody")]
    import_lots(booth, [make_person(2, "1", "Ana", "ticket-9"), make_person(3, "PZD97", "Bob")])

    assert attendees.complete_past_leads(booth.db, EVENT, clock) == 2
    assert [get_lead(booth.db, lead.id).contact.name for lead in leads] == ["Ana", "Bob", ""]
