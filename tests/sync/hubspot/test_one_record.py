"""Exactly one contact for each person at HubSpot, whatever happens to answers and however many kiosks met them."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from data import outbox
from data.clock import SystemClock
from data.store import Store, open_store
from sync.drain import Drain
from tests.sync.hubspot.conftest import make_lead, push_batches
from tests.sync.hubspot.factories import ID_PROPERTY, make_connector

Save = Callable[..., list[str]]
RUNS = 40
"""After so many runs of the drain, all must be there."""


def make_emails(number: int) -> list[str]:
    """E-mails that nobody has yet."""
    batch = uuid4().hex[:8]
    return [f"visitor{at}.{batch}@initech.com" for at in range(number)]


def drain_outbox(crm: Any, store: Store, **changes: Any) -> outbox.OutboxCounts:
    """Run the drain until nothing waits, or long enough; where the leads are then."""

    async def run() -> None:
        connector = make_connector(crm, **changes)
        try:
            drain = Drain(store, connector, SystemClock())
            for _ in range(RUNS):
                await drain.run(now=True)
                if not outbox.count_leads(store).waiting:
                    return
        finally:
            await connector.aclose()

    asyncio.run(run())
    return outbox.count_leads(store)


def count_records(crm: Any, emails: Sequence[str]) -> Counter[str]:
    """Count the CRM's contacts by e-mail."""
    return Counter(contact["email"] for contact in crm.contacts() if contact.get("email") in emails)


@pytest.mark.parametrize("lost", [2, 3, 5], ids=["every second", "every third", "every fifth"])
def test_lost_responses_neither_duplicate_nor_lose_anybody(crm: Any, store: Store, save_leads: Save, lost: int) -> None:
    """The CRM has saved the leads, and the drain does not know: it asks again with the same ids."""
    emails = make_emails(230)
    save_leads(store, *emails)
    crm.set_faults(lost_answers=lost)

    counts = drain_outbox(crm, store)

    assert (counts.delivered, counts.waiting, counts.needs_you) == (230, 0, 0)
    assert dict.fromkeys(emails, 1) == count_records(crm, emails)


@pytest.mark.parametrize("id_property", [ID_PROPERTY, "email"])
def test_after_an_hour_without_responses_each_lead_is_there_once(
    crm: Any, store: Store, save_leads: Save, id_property: str
) -> None:
    """By then, some were saved several times."""
    emails = make_emails(30)
    save_leads(store, *emails)
    crm.set_faults(lost_answers=1)
    before = drain_outbox(crm, store, id_property=id_property)
    crm.set_faults(lost_answers=0)

    counts = drain_outbox(crm, store, id_property=id_property)

    assert (before.delivered, counts.delivered) == (0, 30)
    assert dict.fromkeys(emails, 1) == count_records(crm, emails)


def test_two_kiosks_with_the_same_people_make_one_contact_each(
    crm: Any, store: Store, save_leads: Save, tmp_path: Path
) -> None:
    """Each kiosk has its own ids, and responses get lost as well."""
    emails = make_emails(40)
    other = open_store(tmp_path / "other" / "kiosk.db")
    save_leads(store, *emails)
    save_leads(other, *emails[10:], *make_emails(5))
    crm.set_faults(lost_answers=3)

    counts = [drain_outbox(crm, store), drain_outbox(crm, other)]
    other.close()

    assert [(count.delivered, count.needs_you) for count in counts] == [(40, 0), (35, 0)]
    assert dict.fromkeys(emails, 1) == count_records(crm, emails)


def test_a_contact_with_the_same_e_mail_is_updated(crm: Any) -> None:
    """It gets the lead's id; its other values stay, and next time it is found by that id."""
    (email,) = make_emails(1)
    known = {"id": email, "idProperty": "email", "properties": {"phone": "1", "company": "Old"}}
    answer = crm.call("POST", "/crm/objects/2026-09/contacts/batch/upsert", {"inputs": [known]})
    ana = make_lead(email.upper(), company="Initech")
    calls = crm.stats()["calls"]

    first, again = push_batches(make_connector(crm), [ana], [ana])

    remote_id = answer.json()["results"][0]["id"]
    assert [getattr(outcomes[ana.id], "remote_id", None) for outcomes in (first, again)] == [remote_id] * 2
    assert (crm.contact(ana.id)["phone"], crm.contact(ana.id)["company"]) == ("1", "Initech")
    assert crm.stats()["calls"] - calls == 4  # one of them looks whose contact it is
    assert count_records(crm, [email]) == {email: 1}


def test_a_lead_that_is_two_contacts_needs_a_person(crm: Any) -> None:
    """Its own, and by its corrected e-mail somebody else's: only a person may say that they are one."""
    first, second = make_emails(2)
    ana, bob = make_lead(first), make_lead(second)
    push_batches(make_connector(crm), [ana, bob])

    (outcomes,) = push_batches(make_connector(crm), [type(bob)(bob.id, 2, {**bob.fields, "email": first})])

    assert "already exists" in getattr(outcomes[bob.id], "reason", "")
    assert count_records(crm, [first, second]) == {first: 1, second: 1}


def test_one_push_for_two_leads_of_one_person_ends_as_one_contact(crm: Any) -> None:
    """The second lead waits for the next push, and then updates the contact."""
    (email,) = make_emails(1)
    ana, twin = make_lead(email), make_lead(f" {email.title()}")

    first, again = push_batches(make_connector(crm), [ana, twin], [twin])

    assert type(first[twin.id]).__name__ == "NotSent"
    assert first[ana.id] == again[twin.id]
    assert count_records(crm, [email]) == {email: 1}
