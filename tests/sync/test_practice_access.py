"""Who gets access to the practice CRM: its token, its rate limit, its page."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

CONTACTS_PATH = "/api/v1/contacts"


def make_contact(email: str = "ana@initech.com") -> dict[str, Any]:
    """Make a contact that was never sent before."""
    return {"client_id": str(uuid4()), "name": "Ana Lopez", "email": email}


@pytest.mark.parametrize("path", [CONTACTS_PATH, "/faults", "/api/v1/stats"])
def test_only_the_page_is_open_without_a_token(crm: Any, path: str) -> None:
    """401, with the challenge that RFC 9110 asks for."""
    refused = crm.call("GET", path, token="wrong")

    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_too_many_calls_are_throttled_with_the_seconds_to_wait(crm: Any) -> None:
    """429 says how long, within the window over which calls are counted."""
    crm.set_faults(rate_limit=0)

    refused = crm.call("POST", CONTACTS_PATH, make_contact())

    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 11


def test_a_rate_limit_lets_that_many_calls_through(practice_crm: Any) -> None:
    """Two of three, if two are allowed in ten seconds."""
    practice_crm.set_faults(rate_limit=2)

    statuses = [practice_crm.call("POST", CONTACTS_PATH, make_contact()).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]


def test_the_page_shows_contacts_as_text_and_nothing_else(crm: Any) -> None:
    """A name that is a script is shown, not run; the page needs no token and does not contain it."""
    crm.call("POST", CONTACTS_PATH, {**make_contact(), "name": "<script>alert(1)</script>", "note": '"&{contacts}'})

    page = crm.call("GET", "/", token="none")

    assert page.status_code == 200
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script" not in page.text
    assert "&quot;&amp;{contacts}" in page.text
    assert crm.token not in page.text


@pytest.mark.parametrize("header", ["{token}", "Basic {token}", "Bearer", "Bearer {token}x", "Bearer \xfc", ""])
@pytest.mark.parametrize("path", [CONTACTS_PATH, "/faults"])
def test_a_token_counts_as_a_bearer_token_only(crm: Any, path: str, header: str) -> None:
    """A caller that forgets the scheme learns it here, not from the real CRM."""
    given = header.format(token=crm.token).encode("latin-1")

    refused = httpx.get(crm.url + path, headers={b"Authorization": given}, trust_env=False)

    assert refused.status_code == 401


def test_the_scheme_of_a_token_has_no_case(crm: Any) -> None:
    """RFC 9110 says so."""
    answer = httpx.get(f"{crm.url}/faults", headers={"Authorization": f"bearer {crm.token}"}, trust_env=False)

    assert answer.status_code == 200


def test_the_page_needs_nothing_from_elsewhere(crm: Any) -> None:
    """It works at a booth without internet: it loads nothing."""
    page = crm.call("GET", "/").text

    assert 'http-equiv="refresh"' in page
    assert [loader for loader in ("src=", "href=", "url(", "@import") if loader in page] == []
