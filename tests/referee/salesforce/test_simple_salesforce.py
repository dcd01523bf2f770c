"""`simple-salesforce`, which programs use with real orgs, talks to the practice org, and understands all it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

simple_salesforce = pytest.importorskip("simple_salesforce", reason="simple-salesforce is not installed")

import requests  # noqa: E402
from requests.adapters import HTTPAdapter  # noqa: E402
from simple_salesforce import Salesforce  # noqa: E402
from simple_salesforce.exceptions import (  # noqa: E402
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from sync.connectors.base import Delivered, OutgoingLead  # noqa: E402
from sync.practice_crm.dialects.salesforce.lead import EXTERNAL_ID_FIELD  # noqa: E402
from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY, PUBLIC_KEY_FILE_NAME  # noqa: E402
from sync.settings.salesforce import SalesforceSettings  # noqa: E402
from tests.sync.salesforce.helpers import push_leads  # noqa: E402

pytestmark = pytest.mark.referee

MANY = f"composite/sobjects/Lead/{EXTERNAL_ID_FIELD}"


class Loopback(HTTPAdapter):
    """Takes what is meant for an org on the internet to the practice CRM: the client knows no other than https."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Only the address changes."""
        parts = urlsplit(str(request.url))
        request.url = f"{self.url}{parts.path}?{parts.query}" if parts.query else f"{self.url}{parts.path}"
        return super().send(request, *args, **options)


@pytest.fixture
def session(practice_crm: Any) -> Iterator[requests.Session]:
    """What the client makes its calls with."""
    with requests.Session() as made:
        made.trust_env = False
        made.mount("https://", Loopback(practice_crm.url))
        yield made


@pytest.fixture
def org(practice_crm: Any, session: requests.Session) -> Salesforce:
    """The client, signed in by client credentials."""
    secret = practice_crm.token
    return Salesforce(consumer_key=CONSUMER_KEY, consumer_secret=secret, domain="booth.my", session=session)


def fields(**more: Any) -> dict[str, Any]:
    """A lead that the org takes."""
    return {"LastName": "Lopez", "Company": "Initech", "Email": "ana@initech.com", **more}


def record(key: str, **more: Any) -> dict[str, Any]:
    """The same, as one of many."""
    return {"attributes": {"type": "Lead"}, EXTERNAL_ID_FIELD: key, **fields(**more)}


def test_it_signs_in_with_a_key(practice_crm: Any, session: requests.Session) -> None:
    """Its assertion is verified by the public key; that of another is not taken."""
    ours, others = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    public = ours.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (Path(practice_crm.folder) / PUBLIC_KEY_FILE_NAME).write_bytes(public)

    def signed_in(key: rsa.RSAPrivateKey) -> Salesforce:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        user = "booth@initech.com"
        return Salesforce(username=user, consumer_key=CONSUMER_KEY, privatekey=private, session=session)

    assert signed_in(ours).limits()["DailyApiRequests"]["Max"] == 15_000
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        signed_in(others)


def test_a_wrong_secret_is_a_failed_sign_in(practice_crm: Any, session: requests.Session) -> None:
    """With the code and the words that Salesforce has for it."""
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(consumer_key=CONSUMER_KEY, consumer_secret="wrong", domain="booth.my", session=session)

    assert str(caught.value).endswith("(code: invalid_client): invalid client credentials")


def test_it_upserts_one_by_our_id(practice_crm: Any, org: Salesforce) -> None:
    """201 the first time, 200 again; it reads back what it wrote, and deletes it."""
    key = str(uuid4())

    assert [org.Lead.upsert(f"{EXTERNAL_ID_FIELD}/{key}", fields(Title=title)) for title in ("CEO", "CTO")] == [
        201,
        200,
    ]
    found = org.Lead.get_by_custom_id(EXTERNAL_ID_FIELD, key)
    assert (found["LastName"], found["Title"], found[EXTERNAL_ID_FIELD]) == ("Lopez", "CTO", key)
    assert org.query(f"SELECT Id FROM Lead WHERE {EXTERNAL_ID_FIELD} = '{key}'")["records"][0]["Id"] == found["Id"]
    assert org.Lead.delete(found["Id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        org.Lead.get(found["Id"])


def test_it_upserts_many_and_gets_each_result(practice_crm: Any, org: Salesforce) -> None:
    """In the order in which they were sent; a second time they are the same records."""
    records = [record("a"), record("b", Email="not an address"), record("c")]

    first = org.restful(MANY, method="PATCH", json={"allOrNone": False, "records": records})
    again = org.restful(MANY, method="PATCH", json={"allOrNone": False, "records": records})

    assert [result["success"] for result in first] == [True, False, True]
    assert first[1]["errors"][0]["statusCode"] == "INVALID_EMAIL_ADDRESS"
    assert [result.get("id") for result in first] == [result.get("id") for result in again]
    assert practice_crm.stats()["contacts"] == 2


def test_it_reads_the_description_and_the_limit(org: Salesforce) -> None:
    """The key is an external id; each answer's header is understood as usage."""
    described = {field["name"]: field for field in org.Lead.describe()["fields"]}

    assert (described[EXTERNAL_ID_FIELD]["externalId"], described[EXTERNAL_ID_FIELD]["unique"]) == (True, True)
    assert org.limits()["DailyApiRequests"]["Remaining"] == 14_998
    assert tuple(org.api_usage["api-usage"]) == (2, 15_000)


def test_it_parses_our_errors_as_salesforces(practice_crm: Any, org: Salesforce) -> None:
    """Each as the exception that it has for it."""
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        org.Lead.upsert(f"{EXTERNAL_ID_FIELD}/1", {"LastName": "Lopez"})
    with pytest.raises(SalesforceResourceNotFound, match="NOT_FOUND"):
        org.Lead.upsert("Other__c/1", fields())
    practice_crm.set_faults(quota=True)
    with pytest.raises(SalesforceRefusedRequest, match="TotalRequests Limit exceeded"):
        org.limits()


def test_it_renews_an_expired_session(practice_crm: Any, org: Salesforce) -> None:
    """By the code of the refusal; and gives up where none is taken any longer."""
    before = org.session_id
    practice_crm.set_faults(session_calls=1)

    assert [org.limits()["DailyApiRequests"]["Max"] for _ in range(2)] == [15_000, 15_000]

    assert org.session_id != before
    direct = Salesforce(session_id="00D!gone", instance_url=practice_crm.url, session=org.session)
    with pytest.raises(SalesforceExpiredSession, match="INVALID_SESSION_ID"):
        direct.limits()


def test_it_finds_what_our_connector_delivered(
    practice_crm: Any, org: Salesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the id that the outcome names; and what it writes by the same key is the same record, also for us."""
    monkeypatch.setenv("BOOTH_TEST_SECRET", practice_crm.token)
    settings = SalesforceSettings(practice_crm.url, client_id=CONSUMER_KEY, client_secret_env="BOOTH_TEST_SECRET")
    ana = OutgoingLead(
        str(uuid4()), 1, {"name": "Ana Lopez", "email": "ana@initech.com", "rating": 5, "note": "¡Llámame!"}
    )

    delivered = push_leads(settings, [ana])[ana.id]

    assert isinstance(delivered, Delivered)
    found = org.Lead.get(delivered.remote_id)
    assert (found["FirstName"], found["LastName"], found["Company"]) == ("Ana", "Lopez", "[not provided]")
    assert ("Hot", "¡Llámame!", ana.id) == (found["Rating"], found["Description"], found[EXTERNAL_ID_FIELD])
    assert org.Lead.upsert(f"{EXTERNAL_ID_FIELD}/{ana.id}", {"Phone": "+34 600"}) == 200
    assert push_leads(settings, [ana])[ana.id] == delivered
    assert org.Lead.get(delivered.remote_id)["Phone"] == "+34 600"
