"""Generated bodies: whatever is posted is answered, never with 500."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.contact import CONTACT_FIELDS
from tests.kiosk.api.api import Api

OTHERS = ("client_id", "payload", "badge_id", "operator", "scanned_at", "rating", "note", "tags", "answers")

FILTERS = ("state", "cause", "search", "limit", "cursor")

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)

LIKELY = st.fixed_dictionaries(
    {},
    optional={
        **{name: TEXTS | st.none() for name in (*CONTACT_FIELDS, "badge_id", "operator", "note")},
        "email": st.emails() | TEXTS,
        "client_id": st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20),
        "payload": TEXTS
        | st.sampled_from(["BEGIN:VCARD\nFN:", "MECARD:N:", "WIFI:S:", "HC1:", "otpauth://", "{", "http://"]),
        "rating": st.integers(0, 6),
        "tags": st.lists(TEXTS, max_size=4),
        "answers": st.dictionaries(TEXTS, TEXTS, max_size=4),
        "scanned_at": st.datetimes().map(lambda when: f"{when.isoformat()}Z") | TEXTS,
    },
)

# Which of the statuses is right depends on the body that was made up; an error of ours or a hang never is.
MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@MANY
@given(body=LIKELY | st.dictionaries(st.sampled_from([*CONTACT_FIELDS, *OTHERS]) | TEXTS, VALUES, max_size=6) | VALUES)
def test_one_contact(api: Api, body: Any) -> None:
    """It is saved, known, or refused with a reason; what was saved can be read."""
    answer = api.call("POST", "/api/v1/contacts", content=json.dumps(body))

    assert answer.status_code in (200, 201, 400, 409, 422), answer.text
    if answer.is_success:
        assert api.call("GET", f"/api/v1/contacts/{answer.json()['id']}").status_code == 200
    else:
        assert answer.json()["detail"]


@MANY
@given(items=st.lists(LIKELY | VALUES, max_size=8))
def test_many_contacts(api: Api, items: list[Any]) -> None:
    """Each item has its own result, in the same order."""
    answer = api.bulk(items)

    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert len(items) == len(results)
    assert {200, 201, 409, 422} >= {one["status"] for one in results}, answer.text


@MANY
@given(body=st.binary(max_size=200), path=st.sampled_from(["contacts", "contacts/bulk", "pair", "contacts/x/discard"]))
def test_any_bytes(api: Api, body: bytes, path: str) -> None:
    """Most of them are not JSON."""
    assert api.call("POST", f"/api/v1/{path}", content=body).status_code in (400, 403, 404, 422, 429)


@MANY
@given(body=LIKELY | VALUES)
def test_any_change(api: Api, body: Any) -> None:
    """Changes of an existing lead."""
    api.post({"client_id": "changes", "name": "Chan Ges"})
    answer = api.call("PATCH", "/api/v1/contacts/changes", content=json.dumps(body))

    assert answer.status_code in (200, 400, 422), answer.text


@MANY
@given(query=st.dictionaries(st.sampled_from(FILTERS) | TEXTS, TEXTS, max_size=3))
def test_any_filter(api: Api, query: dict[str, str]) -> None:
    """The leads are found, or the wrong filter is named."""
    assert api.call("GET", "/api/v1/contacts", params=query).status_code in (200, 422)


@pytest.fixture(autouse=True, scope="module")
def no_complaint(api: Api) -> Any:
    """Check that the server logged no traceback."""
    yield
    assert "Traceback" not in api.log, api.log[-3000:]
