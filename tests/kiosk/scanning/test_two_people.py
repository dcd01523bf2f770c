"""Two people whose badges have something in common are two leads; one person with two badges is one."""

import pytest

from data import attendees, leads
from data.contact import Contact
from data.store import open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.scanning.scan_result import ScanResult
from tests.kiosk.conftest import Counter, vcard

TWO_PEOPLE = {
    "a year for an id": ("2024^Brian^Trainor^b@x.org", "2024^Alice^Jones^a@x.org"),
    "no e-mails": ("2024^Brian^Trainor", "2024^Alice^Jones"),
    "one has no e-mail": ("2024^Brian^Trainor^b@x.org", "2024^Alice^Jones"),
    "one has no name": ("2024^Brian^Trainor^b@x.org", '{"id":"2024","email":"a@x.org"}'),
    "one name, two addresses": ("2024^John^Smith^j1@x.org", "2024^John^Smith^j2@x.org"),
    "the event in front": ("EVT2024|R1", "EVT2024|R2"),
    "the kind of badge": (
        '{"badge":"visitor","name":"Ann","email":"ann@x.org"}',
        '{"badge":"visitor","name":"Bob","email":"bob@x.org"}',
    ),
    "the kind of badge, no e-mail": ('{"badge":"visitor","name":"Ann"}', '{"badge":"visitor","name":"Bob"}'),
    "the kind of badge, with a digit": ('{"badge":"VIP1","name":"Ann"}', '{"badge":"VIP1","name":"Bob"}'),
    "phones alone": ('{"id":"2024","phone":"+1 555 0001"}', '{"id":"2024","phone":"+1 555 0002"}'),
    "no number": ('{"id":NaN,"name":"Ann"}', '{"id":NaN,"name":"Bob"}'),
    "infinite": ('{"id":1e400,"name":"Ann","phone":"1234567"}', '{"id":2e400,"phone":"7654321"}'),
    "no address": (vcard("Ann", "n/a"), vcard("Bob", "n/a")),
    "no address and no name": ("MECARD:EMAIL:n/a;TEL:1234567;;", "MECARD:EMAIL:n/a;TEL:7654321;;"),
    "the office's address": (vcard("Ann Smith", "info@corp.org"), vcard("Bob Jones", "info@corp.org")),
    "a family's address": (vcard("Ann Smith", "smith@corp.org"), vcard("Bob Smith", "smith@corp.org")),
    "address and year": ("2024^Ann^Smith^info@corp.org", "2024^Bob^Jones^info@corp.org"),
}


def people(counter: Counter) -> list[str]:
    """Who is on the disk."""
    return [lead.label for lead in leads.iterate_leads(counter.db)]


@pytest.mark.parametrize(("one", "other"), TWO_PEOPLE.values(), ids=TWO_PEOPLE)
@pytest.mark.parametrize("is_turned", [False, True], ids=["", "turned"])
def test_two_people_are_two_leads(counter: Counter, one: str, other: str, is_turned: bool) -> None:
    """Both are kept, whoever comes first, and each is recognised when they come back."""
    badges = [other, one] if is_turned else [one, other]

    first = [counter.show(badge).lead for badge in badges]
    again = [counter.show(badge).lead for badge in badges]

    assert [lead and lead.id for lead in first] == [lead and lead.id for lead in again]
    assert counter.rows(
        "select (select count(*) from leads), (select count(*) from outbox), (select count(*) from scans)"
    ) == [(2, 2, 4)]


ONE_PERSON = {
    "the same badge": ("2024^Alice^Jones^a@x.org", "2024^Alice^Jones^a@x.org"),
    "the same e-mail": (vcard("Alice Jones", "a@x.org"), vcard("Alice Jones", "A@X.org", "Initech")),
    "the same e-mail, other id": ("17^Alice^Jones^a@x.org", "18^Alice^Jones^a@x.org"),
    "an initial": (vcard("Alice Jones", "a@x.org"), vcard("A. Jones", "a@x.org")),
    "first the id alone": ("AB17", "AB17^Alice^Jones^a@x.org"),
    "then the id alone": ("AB17^Alice^Jones^a@x.org", "AB17"),
    "first no e-mail": ("AB17^Alice^Jones", "AB17^Alice^Jones^a@x.org"),
    "first no name": ('{"id":"AB17","email":"a@x.org"}', "AB17^Alice^Jones^a@x.org"),
    "first the address alone": ("a@x.org", vcard("Alice Jones", "a@x.org")),
    "another minute": ('{"id":"AB17","ts":1}', '{"id":"AB17","ts":2}'),
    "the id, and a phone": ("AB17", '{"id":"AB17","phone":"+1 555 0001"}'),
    "its link": ("https://www.linkedin.com/in/alice", "https://www.linkedin.com/in/alice"),
}


@pytest.mark.parametrize(("one", "other"), ONE_PERSON.values(), ids=ONE_PERSON)
def test_one_person_is_one_lead(counter: Counter, one: str, other: str) -> None:
    """Where everything on the badges agrees; nothing is reported as shared."""
    first, second = counter.show(one), counter.show(other)

    assert first.lead and second.lead
    assert first.lead.id == second.lead.id
    assert "" == first.notice == second.notice
    assert "shared" not in second.sentence


def test_a_shared_id_is_reported(counter: Counter) -> None:
    """Once, when the second person comes, with the name of the first."""
    badges = ("2024^Brian^Trainor^b@x.org", "2024^Alice^Jones^a@x.org", "2024^Alice^Jones^a@x.org")

    shown = [counter.show(badge) for badge in badges]

    notice = "The ID 2024 is shared: Brian Trainor has it too, so these are two leads."
    assert [captured.notice for captured in shown] == ["", notice, ""]
    assert (shown[1].kind, shown[1].headline, shown[1].sentence) == ("saved", "Saved", f"Alice Jones. {notice}")
    assert (shown[2].kind, shown[2].headline, shown[2].sentence) == ("again", "Already saved", "Alice Jones")


def test_a_shared_address_is_reported(counter: Counter) -> None:
    """They are two leads; what a CRM does with one address is its connector's business."""
    counter.show(vcard("Ann Smith", "info@corp.org"))

    captured = counter.show(vcard("Bob Jones", "info@corp.org"))

    assert captured.notice == "The e-mail info@corp.org is shared: Ann Smith has it too, so these are two leads."
    assert people(counter) == ["Ann Smith", "Bob Jones"]


def test_a_shared_id_alone_belongs_to_nobody(counter: Counter) -> None:
    """It is a lead of its own that needs details, and the same lead when it is shown again."""
    counter.show("2024^Brian^Trainor^b@x.org")
    counter.show("2024^Alice^Jones^a@x.org")

    shown = [counter.show("2024"), counter.show("2024")]

    assert [captured.kind for captured in shown] == ["needs details"] * 2
    assert "The ID 2024 is shared: Brian Trainor has it too" in shown[0].sentence
    assert "shared" not in shown[1].sentence
    assert counter.rows("select count(*) from leads") == [(3,)]
    assert counter.rows("select count(*) from scans where payload = ?", b"2024") == [(2,)]


def test_a_shared_address_alone_belongs_to_nobody(counter: Counter) -> None:
    """The same for an office's e-mail address."""
    ann, bob = counter.show(vcard("Ann Smith", "info@corp.org")), counter.show(vcard("Bob Jones", "info@corp.org"))

    shown = [counter.show("info@corp.org"), counter.show("mailto:info@corp.org")]

    assert ann.lead and bob.lead and shown[0].lead and shown[1].lead
    assert shown[0].lead.id == shown[1].lead.id
    assert shown[0].lead.id not in (ann.lead.id, bob.lead.id)


def test_where_everybody_has_one_id_everybody_is_a_lead(counter: Counter) -> None:
    """Also the hundredth person, and all are recognised again."""
    badges = [f"2024^Visitor{number}^Number{number}^v{number}@x.org" for number in range(100)]
    badges += [f"2024^Guest{number}^Number{number}" for number in range(100)]

    first = [counter.show(badge).lead for badge in badges]
    again = [counter.show(badge) for badge in badges]

    assert len({lead.id for lead in first if lead}) == 200
    assert [captured.kind for captured in again] == ["again"] * 200
    assert counter.rows("select count(*) from leads") == [(200,)]


def test_a_corrected_lead_is_still_recognised_by_its_badge(counter: Counter) -> None:
    """A misprinted badge still belongs to that person."""
    badge = vcard("Alise Jones", "alise@x.org")
    lead = counter.show(badge).lead
    assert lead
    leads.edit_lead(counter.db, lead.id, {"name": "Alice Brown", "email": "alice@y.org"}, "bob", counter.clock)

    captured = counter.show(badge)

    assert (captured.kind, captured.sentence) == ("again", "Alice Brown")
    assert captured.lead and captured.lead.id == lead.id


def test_an_address_that_was_typed_in_is_recognised(counter: Counter) -> None:
    """First the ID that was completed by hand, then the person's own card."""
    lead = counter.show("AB17").lead
    assert lead
    leads.edit_lead(counter.db, lead.id, {"name": "Alice Jones", "email": "a@x.org"}, "bob", counter.clock)

    shown = [counter.show(vcard("Alice Jones", "a@x.org")), counter.show("AB17")]

    assert [captured.lead and captured.lead.id for captured in shown] == [lead.id] * 2


def listed(counter: Counter, badge_id: str, contact: Contact) -> int:
    """Import a list of one person; how many leads it completed."""
    assert list(attendees.add_attendees(counter.db, "Expo 2026", [attendees.Attendee(badge_id, contact)])) == [1]
    return attendees.complete_past_leads(counter.db, "Expo 2026", counter.clock)


BRIAN = Contact("Brian Trainor", email="b@x.org", company="Acme")


def test_a_list_imported_later_completes_the_id(counter: Counter) -> None:
    """The ID before the list, the ID after it, and the person's own card are one lead."""
    lead = counter.show("AB17").lead
    assert lead
    assert listed(counter, "AB17", BRIAN) == 1

    shown = [counter.show("AB17"), counter.show(vcard("Brian Trainor", "b@x.org"))]

    assert [captured.lead and captured.lead.id for captured in shown] == [lead.id] * 2


def test_a_list_gives_nobody_the_address_of_somebody_else(counter: Counter) -> None:
    """Brian's ticket went to Alice, and the list does not know: the CRM would take her for him."""
    early = counter.show("AB17^Alice^Jones")
    assert listed(counter, "AB17", BRIAN) == 0
    late = counter.show("AB17^Alicia^Keys")

    assert early.lead and late.lead
    assert [(lead.contact.email, lead.contact.company) for lead in leads.iterate_leads(counter.db)] == [
        ("", ""),
        ("", ""),
    ]


def test_a_name_that_was_typed_in_for_an_id_is_completed_by_the_list(counter: Counter) -> None:
    """Whoever typed `Bob` meant the person whom the list calls Robert."""
    lead = counter.show("AB17").lead
    assert lead
    leads.edit_lead(counter.db, lead.id, {"name": "Bob"}, "ana", counter.clock)

    assert listed(counter, "AB17", Contact("Robert Smith", email="robert@x.org")) == 1
    again = counter.show("AB17")

    assert (again.kind, again.sentence) == ("again", "Bob")
    assert counter.rows("select name, email from leads") == [("Bob", "robert@x.org")]


def test_people_whom_a_list_gives_one_address_are_two(counter: Counter) -> None:
    """The office booked for both."""
    list(
        attendees.add_attendees(
            counter.db,
            "Expo 2026",
            [
                attendees.Attendee("A1", Contact("Ann Smith", email="info@corp.org")),
                attendees.Attendee("B2", Contact("Bob Jones", email="info@corp.org")),
            ],
        )
    )

    for badge in ("A1", "B2", "A1", "B2"):
        counter.show(badge)

    assert people(counter) == ["Ann Smith", "Bob Jones"]


def test_a_badge_profile_with_the_wrong_id_column_loses_nobody(counter: Counter) -> None:
    """A mistake in `[badges]` must not merge visitors."""
    counter.capture.profile = BadgeProfile(";", ("id", "name", "company"))

    shown: list[ScanResult] = [counter.show(badge) for badge in ("PRESS;Ann;Acme", "PRESS;Bob;Acme", "PRESS;Ann;Acme")]

    assert [captured.kind for captured in shown] == ["saved", "saved", "again"]
    assert people(counter) == ["Ann", "Bob"]


def test_both_are_there_after_the_file_is_opened_again(counter: Counter) -> None:
    """What is shared is recorded on the disk, not in memory."""
    badges = ("2024^Brian^Trainor", "2024^Alice^Jones")
    for badge in badges:
        counter.show(badge)
    counter.db.close()

    counter.open()

    assert [counter.show(badge).kind for badge in badges] == ["again", "again"]
    other = open_store(counter.path)
    assert len(list(leads.iterate_leads(other))) == 2
    other.close()
