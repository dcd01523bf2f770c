"""HubSpot's own client talks to the practice CRM's HubSpot dialect, and is content with all that it answers."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

hubspot = pytest.importorskip("hubspot", reason="hubspot-api-client is not installed")

from hubspot.crm import contacts, properties  # noqa: E402

from tests.sync.hubspot.conftest import make_lead, push_batches  # noqa: E402
from tests.sync.hubspot.factories import ID_PROPERTY, add_property  # noqa: E402
from tests.sync.hubspot.factories import make_connector as connector_for  # noqa: E402

pytestmark = pytest.mark.referee


@pytest.fixture
def client(crm: Any) -> Any:
    """HubSpot's client, signed in at the practice CRM, which checks what it sends and gets against its models."""
    add_property(crm, ID_PROPERTY, hasUniqueValue=True)
    return hubspot.HubSpot(access_token=crm.token, host=crm.url, client_side_validation=True)


def entry(key: str, by: str = ID_PROPERTY, **values: str) -> Any:
    """An input of a batch."""
    return contacts.SimplePublicObjectBatchInputUpsert(
        id=key, id_property=by, object_write_trace_id=f"trace-{key}", properties=values
    )


def upsert(client: Any, *entries: Any) -> Any:
    """What a batch upsert comes to."""
    batch = contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=list(entries))
    return client.crm.contacts.batch_api.upsert(batch)


def refusal(client: Any, call: Callable[[], Any]) -> tuple[int, Any]:
    """The status and the body of a call that is refused, as the client's own model has it."""
    with pytest.raises((contacts.exceptions.ApiException, properties.exceptions.ApiException)) as caught:
        call()
    body = SimpleNamespace(data=caught.value.body)
    return caught.value.status, client.crm.contacts.batch_api.api_client.deserialize(body, "Error")


def test_contacts_are_upserted(client: Any) -> None:
    """Twice is once, and every field of the response is of its type."""
    key, email = str(uuid4()), f"{uuid4()}@initech.com"

    first = upsert(client, entry(key, email=email, firstname="Ana"))
    again = upsert(client, entry(key, email=email, company="Initech"))

    assert contacts.BatchResponseSimplePublicUpsertObject is type(first) is type(again)
    (new,), (same,) = first.results, again.results
    assert ("COMPLETE", True, False, new.id) == (first.status, new.new, same.new, same.id)
    assert (new.object_write_trace_id, new.archived) == (f"trace-{key}", False)
    assert all(isinstance(moment, datetime) for moment in (first.started_at, first.completed_at, new.created_at))
    assert (same.properties["firstname"], same.properties["company"]) == ("Ana", "Initech")


def test_a_partial_failure_names_the_trace_id(client: Any) -> None:
    """As 207, with errors in the client's model."""
    good, bad = str(uuid4()), str(uuid4())

    answer = upsert(client, entry(good, email=f"{good}@initech.com"), entry(bad, email="nope"))

    assert type(answer) is contacts.BatchResponseSimplePublicUpsertObjectWithErrors
    ((error,), (result,)) = answer.errors, answer.results
    assert (answer.num_errors, result.object_write_trace_id) == (1, f"trace-{good}")
    assert (error.context["objectWriteTraceId"], error.category) == ([f"trace-{bad}"], "VALIDATION_ERROR")
    assert error.errors[0].code == "INVALID_EMAIL"


def test_a_property_is_added_listed_and_read(client: Any) -> None:
    """With unique values, as the lead's own id needs it."""
    name = f"booth_{uuid4().hex}"
    wanted = properties.PropertyCreate(
        name=name, label="Booth", type="string", field_type="text", group_name="contactinformation",
        has_unique_value=False,
    )  # fmt: skip

    made = client.crm.properties.core_api.create("contacts", wanted)
    listed = client.crm.properties.core_api.get_all("contacts").results
    read = client.crm.properties.core_api.get_by_name("contacts", name)

    assert properties.ModelProperty is type(made) is type(read)
    assert (made.name, made.type, read.has_unique_value) == (name, "string", False)
    assert {name, ID_PROPERTY, "email", "firstname"} <= {item.name for item in listed}
    assert all(properties.ModelProperty is type(item) for item in listed)


def test_a_contact_is_read_and_archived(client: Any) -> None:
    """And is gone then."""
    (made,) = upsert(client, entry(str(uuid4()), email=f"{uuid4()}@initech.com")).results

    read = client.crm.contacts.basic_api.get_by_id(made.id)
    client.crm.contacts.basic_api.archive(made.id)
    status, error = refusal(client, lambda: client.crm.contacts.basic_api.get_by_id(made.id))

    assert (made.id, made.properties["email"]) == (read.id, read.properties["email"])
    assert (status, error.category) == (404, "OBJECT_NOT_FOUND")


def test_what_the_connector_delivered_is_what_the_client_reads(crm: Any, client: Any) -> None:
    """Under the id that proves the delivery."""
    ana = make_lead(company="¡Llámame! 電話", job_title="CTO")

    (outcomes,) = push_batches(connector_for(crm), [ana])
    read = client.crm.contacts.basic_api.get_by_id(outcomes[ana.id].remote_id)

    sent = {
        "firstname": "Ana",
        "lastname": "Lopez",
        "company": "¡Llámame! 電話",
        "jobtitle": "CTO",
        ID_PROPERTY: ana.id,
    }
    assert {name: read.properties[name] for name in sent} == sent


REFUSED: list[tuple[str, dict[str, Any], list[Any], int, str]] = [
    ("an id twice", {}, [entry("twice"), entry("twice")], 400, "VALIDATION_ERROR"),
    ("too many", {}, [entry(str(number)) for number in range(101)], 400, "VALIDATION_ERROR"),
    ("a key that is not unique", {}, [entry("Ana", "firstname")], 400, "VALIDATION_ERROR"),
    ("an unknown key", {"unauthorised": True}, [entry("1")], 401, "INVALID_AUTHENTICATION"),
    ("a missing scope", {"forbidden": True}, [entry("1")], 403, "MISSING_SCOPES"),
    ("trouble", {"fail": "all"}, [entry("1")], 500, "INTERNAL_ERROR"),
]


@pytest.mark.parametrize(
    ("faults", "entries", "status", "category"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refusals_are_errors_as_the_client_knows_them(
    crm: Any, client: Any, faults: dict[str, Any], entries: list[Any], status: int, category: str
) -> None:
    """With a category, a message, and an id to ask HubSpot about."""
    crm.set_faults(**faults)

    got, error = refusal(client, lambda: upsert(client, *entries))

    assert (got, error.category) == (status, category)
    assert error.message and error.correlation_id
