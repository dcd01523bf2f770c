"""Two people posted by another device are two leads, even if their badges have the same payload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from data import leads
from data.store import Store, open_store, write_transaction
from kiosk.api.ingest.save import ContactSaver
from kiosk.api.wire.requests import NewContact
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from tests.kiosk.api.devices import PHONE
from tests.support.clock import FakeClock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A new database."""
    db = open_store(tmp_path / "kiosk.db")
    yield db
    db.close()


def post(store: Store, *contacts: NewContact) -> list[str]:
    """Post *contacts* and return all leads."""
    taking = ContactSaver(EventSettings("Expo 2026"), BadgeProfile(), FakeClock())
    with write_transaction(store):
        for contact in contacts:
            taking.save_contact(store, contact, PHONE)
    return sorted(lead.label for lead in leads.iterate_leads(store))


def test_a_posted_name_distinguishes_equal_payloads(store: Store) -> None:
    """The badge has only a ticket type; the name is typed on the phone."""
    ann, bob = (NewContact(payload="VIP2024", name=name) for name in ("Ann Smith", "Bob Jones"))

    assert post(store, ann, bob, bob, ann) == ["Ann Smith", "Bob Jones"]


def test_a_shared_office_address_does_not_merge_people(store: Store) -> None:
    """The same as for scanned badges."""
    ann, bob = (NewContact(email="info@corp.example", name=name) for name in ("Ann Smith", "Bob Jones"))

    assert post(store, ann, bob, bob) == ["Ann Smith", "Bob Jones"]


def test_the_same_person_posted_twice_is_one_lead(store: Store) -> None:
    """With the payload alone, and with typed fields."""
    assert post(
        store, NewContact(payload="AB17"), NewContact(payload="AB17", name="Ann Smith"), NewContact(payload="AB17")
    ) == ["Ann Smith"]
