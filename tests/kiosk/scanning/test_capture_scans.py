"""What is kept with a scan: when, by whom, from where, and whom the badge's ID stands for."""

from dataclasses import replace

from data import attendees
from data.contact import Contact
from tests.kiosk.conftest import Counter, sha256, vcard

ZOE = Contact("Zoë Müller", email="zoe@suess.example", company="Bäckerei Süß")


def knows(counter: Counter, badge_id: str, contact: Contact, event: str = "Expo 2026") -> None:
    """Put one person on the attendee list."""
    assert list(attendees.add_attendees(counter.db, event, [attendees.Attendee(badge_id, contact)])) == [1]


def test_a_scan_says_when_where_by_whom_and_what(counter: Counter) -> None:
    """The payload as the code has it, and the time in all its forms."""
    badge = vcard("Ana López", "ana@initech.example")
    counter.clock.now, counter.clock.up, counter.clock.boot_id = 1_800_000_499.0, 999.0, "boot-9"

    counter.show(badge, "aztec", "pictures")

    columns = "payload, payload_hash, kind, symbology, source, operator, kiosk, event, wall_at, monotonic, boot_id"
    assert [
        (
            badge.encode(), sha256(badge), "vcard", "aztec", "pictures", "ana", "kiosk-7", "Expo 2026",
            1_800_000_500.0, 1000.0, "boot-9",
        )
    ] == counter.rows(f"select {columns} from scans")  # fmt: skip


def test_each_scan_has_its_own_operator(counter: Counter) -> None:
    """A new operator is recorded from the next scan on."""
    counter.show(vcard("Ana López", "ana@initech.example"))
    counter.capture.operator = "bob"
    counter.show(vcard("Ana López", "ana@initech.example"))

    assert counter.rows("select operator from scans order by id") == [("ana",), ("bob",)]


def test_an_id_on_the_attendee_list_is_that_person_at_once(counter: Counter) -> None:
    """The lead is complete and waits for the CRM; nobody has to look at it."""
    knows(counter, "PZD97W0005", ZOE)

    captured = counter.show("PZD97W0005")

    assert (captured.kind, captured.sentence) == ("saved", "Zoë Müller, Bäckerei Süß")
    assert counter.rows("select email, badge_id, state from leads join outbox on outbox.lead_id = leads.id") == [
        ("zoe@suess.example", "PZD97W0005", "waiting")
    ]


def test_what_the_badge_says_comes_before_the_list(counter: Counter) -> None:
    """The list fills empty fields and changes no others."""
    knows(counter, "AB12", replace(ZOE, name="Z. Mueller"))
    counter.capture.profile = replace(counter.capture.profile, separator="^", fields=("id", "name"))

    lead = counter.show("AB12^Zoë Müller").lead

    assert lead is not None
    assert (lead.contact.name, lead.contact.email) == ("Zoë Müller", "zoe@suess.example")


def test_a_person_is_recognised_by_the_email_and_by_the_id(counter: Counter) -> None:
    """The list says that both belong together: one lead, two scans."""
    knows(counter, "PZD97W0005", ZOE)
    first = counter.show(vcard("Zoë Müller", "zoe@suess.example"))

    second = counter.show("PZD97W0005")

    assert first.lead is not None and second.lead is not None
    assert ("again", first.lead.id) == (second.kind, second.lead.id)
    assert counter.rows("select count(*) from scans where lead_id = ?", first.lead.id) == [(2,)]


def test_the_list_of_another_event_is_not_used(counter: Counter) -> None:
    """IDs are the organiser's own; elsewhere the same one stands for somebody else."""
    knows(counter, "PZD97W0005", ZOE, "Expo 2025")

    captured = counter.show("PZD97W0005")

    assert captured.kind == "needs details"
    assert counter.rows("select email from leads") == [("",)]
