"""Two people whom another device posts are two leads, also where their badges carry the same."""

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
    """A new store on the disk."""
    db = open_store(tmp_path / "kiosk.db")
    yield db
    db.close()


def post(store: Store, *contacts: NewContact) -> list[str]:
    """Post *contacts*, and return who is on the disk then."""
    taking = ContactSaver(EventSettings("Expo 2026"), BadgeProfile(), FakeClock())
    with write_transaction(store):
        for contact in contacts:
            taking.save_contact(store, contact, PHONE)
    return sorted(lead.label for lead in leads.iterate_leads(store))


def test_a_posted_name_distinguishes_equal_payloads(store: Store) -> None:
    """The badge says no more than its kind; whoever holds the phone says who it is."""
    ann, bob = (NewContact(payload="VIP2024", name=name) for name in ("Ann Smith", "Bob Jones"))

    assert post(store, ann, bob, bob, ann) == ["Ann Smith", "Bob Jones"]


def test_a_shared_office_address_does_not_merge_people(store: Store) -> None:
    """As at the camera."""
    ann, bob = (NewContact(email="info@corp.example", name=name) for name in ("Ann Smith", "Bob Jones"))

    assert post(store, ann, bob, bob) == ["Ann Smith", "Bob Jones"]


def test_the_same_person_posted_twice_is_one_lead(store: Store) -> None:
    """With the payload alone, and with what was typed in beside it."""
    assert post(
        store, NewContact(payload="AB17"), NewContact(payload="AB17", name="Ann Smith"), NewContact(payload="AB17")
    ) == ["Ann Smith"]
