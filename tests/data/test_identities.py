"""By what a person is known again."""

import pytest

from data.contact import Contact
from data.identities import derive_identities
from data.lead import hash_payload
from kiosk.badges.stored_id import to_stored_id

ANA = Contact("Ana", email=" Ana@X.org")
PAYLOAD = "payload:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.mark.parametrize(
    ("contact", "badge_id", "expected"),
    [
        (ANA, "17", ["email:ana@x.org", "badge:17"]),
        (ANA, "", ["email:ana@x.org"]),
        (Contact("Ana"), "17", ["badge:17"]),
        (Contact("Ana"), "", [PAYLOAD]),
    ],
)
def test_the_strongest_identity_comes_first(contact: Contact, badge_id: str, expected: list[str]) -> None:
    """The address, then the id, and the payload's hash only where there is neither."""
    assert derive_identities(contact, badge_id, hash_payload(b"hello")) == expected


def test_ids_too_long_to_keep_stay_apart() -> None:
    """Cut off, two long ids would be one, and the second visitor lost."""
    first, second = (to_stored_id("https://x.org/" + "a" * 400 + end) for end in "12")

    assert first != second


@pytest.mark.parametrize("raw", ["5uhbd49wms2fakafn5nzq7pcqpbjun2v", " 000012 ", "AQA", "x" * 400])
def test_a_stored_id_is_stored_as_itself(raw: str) -> None:
    """An attendee list exported from here can be imported again."""
    assert to_stored_id(to_stored_id(raw)) == to_stored_id(raw)
