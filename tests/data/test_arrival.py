"""The one way in: an arrival is a lead, a scan and an outbox row, alone or together with others."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from data import attendees, client_ids, outbox
from data.arrival import Arrival, arrive, arrive_in_transaction, arrive_together
from data.attendees import Attendee
from data.contact import Contact
from data.lead import ScanRecord, ScanTime
from data.store import write_transaction
from data.uuid7 import get_uuid7_lower_bound, new_uuid7
from tests.data.conftest import Booth

ROOT = Path(__file__).parents[2]

WRITES_LEADS = re.compile(
    r"(insert (or \w+ )?into|replace into|update|delete from) leads\b|insert_new_leads\(|lead_table\.update_lead\(",
    re.I,
)

WRITERS = {
    "data/arrival.py",  # the one way in
    "data/lead_table.py",  # the statements
    "data/leads.py",  # what people and devices change in a lead that is there
    "data/salvage.py",  # rows that were found in a damaged file
    "data/scans.py",  # a later revision for leads whose scan got another time
}


def test_nothing_else_writes_leads() -> None:
    """Consent, exclusions and questions have to be built in one place only."""
    product = [path for folder in ("camera", "data", "kiosk", "sync") for path in (ROOT / folder).rglob("*.py")]

    found = {path.relative_to(ROOT).as_posix() for path in product if WRITES_LEADS.search(path.read_text("utf-8"))}

    assert found == WRITERS


def make_arrival(booth: Booth, name: str, email: str = "", **values: Any) -> Arrival:
    """Return the scan of a badge with this name."""
    booth.clock.tick(0.01)
    return Arrival(booth.scan(f"{name} {email}".encode()), booth.lead(name=name, email=email), **values)


def test_many_that_are_new_are_saved_as_each_alone_would_be(booth: Booth) -> None:
    """Lead, identities, scan and outbox row; who comes a second time is left to be saved alone."""
    booth.show(name="Ana Lopez", email="ana@initech.example")
    coming = [
        make_arrival(booth, "Ana Lopez", "ana@initech.example"),
        make_arrival(booth, "Bob", "bob@initech.example"),
        make_arrival(booth, "Bob", "bob@initech.example"),
        make_arrival(booth, "Zoe"),
    ]

    with write_transaction(booth.db):
        saved = arrive_together(booth.db, coming, booth.clock)
        alone = [arrive_in_transaction(booth.db, one, booth.clock) for one in (coming[0], coming[2])]

    assert [one is not None and one.is_new for one in saved] == [False, True, False, True]
    assert [one.is_new for one in alone] == [False, False]
    assert (booth.count_rows("leads"), booth.count_rows("scans"), outbox.count_leads(booth.db).waiting) == (3, 5, 3)
    assert alone[1].lead.id == saved[1].lead.id


@pytest.mark.parametrize("is_together", [False, True])
def test_the_attendee_list_completes_an_arrival(booth: Booth, is_together: bool) -> None:
    """And identifies the person by what it adds, whichever way the arrival came."""
    people = [Attendee("17", Contact(name="Ana Lopez", email="ana@initech.example"))]
    list(attendees.add_attendees(booth.db, "Expo 2026", people))
    badge = Arrival(booth.scan(b"17"), booth.lead(badge_id="17"))

    if is_together:
        with write_transaction(booth.db):
            (saved,) = arrive_together(booth.db, [badge], booth.clock)
    else:
        saved = arrive(booth.db, badge, booth.clock)

    assert saved is not None and saved.lead.contact.email == "ana@initech.example"
    assert not booth.show(email="ana@initech.example").is_new


def test_a_lead_of_another_kiosk_keeps_its_id_and_is_found_by_it(booth: Booth) -> None:
    """A list that comes again finds it; its place among the others is that of the scan."""
    other_id, at = new_uuid7(1_700_000_000.0), 1_700_000_000.0
    scan = replace(booth.scan(b"row"), **ScanTime.given(at, booth.clock)._asdict())

    saved = arrive(booth.db, Arrival(scan, booth.lead(id=other_id, name="Ana"), met_at=at), booth.clock)

    assert saved.lead.id == other_id == client_ids.find_lead_id(booth.db, other_id)


def test_two_leads_that_another_kiosk_kept_apart_stay_two(booth: Booth) -> None:
    """However alike they are: people there have decided."""
    one, two = (booth.lead(id=new_uuid7(at), name="Ana", email="ana@initech.example") for at in (1e9, 1.1e9))

    saved = [arrive(booth.db, Arrival(booth.scan(b"row"), lead), booth.clock) for lead in (one, two)]

    assert [each.is_new for each in saved] == [True, True]
    assert saved[1].kept_apart_from == saved[0].lead


def test_a_lead_that_was_discarded_elsewhere_is_discarded_here(booth: Booth) -> None:
    """With the reason that was given there; it can be restored."""
    lead = booth.lead(id=new_uuid7(1e9), name="Ana")

    saved = arrive(booth.db, Arrival(booth.scan(b"row"), lead, discard_reason="a test"), booth.clock)

    assert (booth.read_outbox_row(saved.lead.id)["state"], booth.read_outbox_row(saved.lead.id)["reason"]) == (
        "discarded",
        "a test",
    )


def test_a_lead_without_an_id_is_sorted_where_it_was_met(booth: Booth) -> None:
    """The id of a lead from a list begins with the time that the list gives."""
    saved = arrive(booth.db, Arrival(booth.scan(b"row"), booth.lead(name="Ana"), met_at=1_700_000_000.0), booth.clock)

    assert get_uuid7_lower_bound(1_700_000_000.0) <= saved.lead.id < get_uuid7_lower_bound(1_700_000_001.0)


def test_a_badge_of_which_only_a_part_is_stored_is_recognised_again(booth: Booth) -> None:
    """An entry secret is left out of what is stored; the hash is that of the whole payload, also in an import."""
    options = {"kind": "unknown", "operator": "ana", "kiosk": "kiosk-1"}
    imported, shown = (
        ScanRecord.of_payload(b"A12/secret", b"A12", ScanTime.now(booth.clock), source=source, **options)
        for source in ("import", "camera")
    )

    first = arrive(booth.db, Arrival(imported, booth.lead(kind="unknown")), booth.clock)
    second = arrive(booth.db, Arrival(shown, booth.lead(kind="unknown")), booth.clock)

    assert (second.is_new, second.lead.id) == (False, first.lead.id)
    assert [bytes(row[0]) for row in booth.db.execute("select payload from scans")] == [b"A12", b"A12"]
