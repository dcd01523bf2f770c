"""HubSpot in public reports: refused batches, other people's e-mails, lists of options, lost permissions."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from data import leads, outbox
from data.clock import SystemClock
from data.store import Store
from sync.connectors.base import Delivered, Outcome, Rejected, SharedRecord
from sync.connectors.hubspot import HubSpotConnector
from sync.connectors.hubspot.preflight import _describe_field_problem
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.errors import ConfigurationFault
from tests.support.scripted_connector import ManualClock
from tests.sync.conftest import save_one
from tests.sync.hubspot.conftest import TOKEN, ScriptedHubSpot, make_lead, push_batches
from tests.sync.hubspot.factories import make_settings

Save = Callable[..., list[str]]


class Account(ScriptedHubSpot):
    """A HubSpot that stores contacts, and refuses a whole call if one of them has another contact's e-mail."""

    def __init__(self) -> None:
        super().__init__()
        self.contacts: dict[str, dict[str, str]] = {}
        self.refuses: Callable[[dict[str, str]], dict[str, Any] | None] = lambda properties: None
        self.respond = self.answer

    def add(self, **properties: str) -> str:
        """Add an existing contact, and return its id."""
        self.contacts[f"{100 + len(self.contacts) + 1}"] = properties
        return f"{100 + len(self.contacts)}"

    def find(self, name: str, value: str) -> str:
        """Return the id of the contact with that value; empty if there is none."""
        return next((key for key, has in self.contacts.items() if has.get(name, "").lower() == value.lower()), "")

    def answer(self, body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        """One call."""
        if self.asked[-1].path.endswith("/read"):
            ids = [self.find("email", item["id"]) for item in body["inputs"]]
            found = [{"id": key, "properties": self.contacts[key]} for key in ids if key]
            return (207 if len(found) < len(ids) else 200), {"status": "COMPLETE", "results": found, "errors": []}, {}
        for item in body["inputs"]:
            if refusal := self.refuses(item["properties"]):
                return 400, refusal, {}
            own = self.find(item["idProperty"], item["id"])
            other = self.find("email", item["properties"].get("email", "-"))
            if other and other != own:
                said = f"Contact already exists. Existing ID: {other}"
                return 409, {"status": "error", "category": "CONFLICT", "message": said}, {}
        results = []
        for item in body["inputs"]:
            values = {**item["properties"], item["idProperty"]: item["id"]}
            key = self.find(item["idProperty"], item["id"]) or self.add()
            self.contacts[key].update(values)
            results.append({"id": key, "objectWriteTraceId": item["objectWriteTraceId"], "properties": values})
        return 200, {"status": "COMPLETE", "results": results}, {}


@pytest.fixture
def account() -> Any:
    """An account without contacts."""
    made = Account()
    yield made
    made.stop()


def make_connector(hubspot: ScriptedHubSpot, **changes: Any) -> HubSpotConnector:
    """Make a connector to the account."""
    return HubSpotConnector(make_settings(hubspot, **changes), read_token=lambda: TOKEN)


def run_drain(store: Store, hubspot: ScriptedHubSpot, **changes: Any) -> DrainSummary:
    """One run."""

    async def run() -> DrainSummary:
        made = make_connector(hubspot, **changes)
        try:
            return await Drain(store, made, ManualClock()).run(now=True)
        finally:
            await made.aclose()

    return asyncio.run(run())


def save_lead(store: Store, name: str, email: str, **fields: str) -> str:
    """Save a lead, and return its id."""
    lead_id = save_one(store, f"{name}@x.example")
    leads.edit_lead(store, lead_id, {"name": name, "email": email, **fields}, "", SystemClock())
    return lead_id


def read_states(store: Store) -> dict[str, str]:
    """Return each lead's state, by its name."""
    return {row["name"]: row["state"] for row in store.execute(
        "select leads.name, outbox.state from outbox join leads on leads.id = outbox.lead_id")}  # fmt: skip


def test_two_leads_with_one_address_never_become_one_contact(store: Store, account: Account) -> None:
    """customeros#970: the first lead keeps its name, and the second needs a person."""
    for name in ("Bob Stone", "Ana Lopez"):
        save_lead(store, name, "info@acme.example")

    run_drain(store, account)

    taken = next(name for name, state in read_states(store).items() if state == "delivered")
    assert sorted(read_states(store).values()) == ["delivered", "needs you"]
    assert [contact["lastname"] for contact in account.contacts.values()] == [taken]


def test_another_persons_contact_is_not_overwritten(store: Store, account: Account) -> None:
    """hubspot-ruby#111: the contact existed before the show; the sentence names its owner."""
    account.add(email="info@acme.example", firstname="Eve", lastname="Moss")
    ana = save_lead(store, "Ana Lopez", "info@acme.example")

    run_drain(store, account)

    (reason,) = store.execute("select reason from outbox where lead_id = ?", (ana,)).fetchone()
    assert account.contacts["101"] == {"email": "info@acme.example", "firstname": "Eve", "lastname": "Moss"}
    assert "has Eve Moss under info@acme.example (101), and this lead is Ana Lopez" in reason
    outbox.retry_lead(store, ana, "", ManualClock())
    run_drain(store, account)
    assert (read_states(store), account.contacts["101"]["lastname"]) == ({"Ana Lopez": "delivered"}, "Ana Lopez")


def test_the_same_persons_contact_is_updated(store: Store, account: Account) -> None:
    """A contact with the same name, or without one, gets the lead's id."""
    account.add(email="ana@acme.example", firstname="Ana", lastname="López")
    account.add(email="bob@acme.example")
    save_lead(store, "Ana Lopez", "ana@acme.example")
    save_lead(store, "Bob Stone", "bob@acme.example")

    run_drain(store, account)

    assert set(read_states(store).values()) == {"delivered"}
    assert len(account.contacts) == 2


def test_thirty_known_people_in_a_hundred_take_few_calls(store: Store, account: Account) -> None:
    """hubspot-api-python#51: HubSpot refuses the whole call; the e-mails are looked up instead of halving the batch."""
    names = {f"visitor{number}@acme.example": f"Visitor {chr(65 + number % 26)}{number}" for number in range(100)}
    for number, (email, name) in enumerate(names.items()):
        save_lead(store, name, email)
        if number % 10 < 3:
            account.add(email=email, lastname=name)

    run_drain(store, account)

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=100)
    assert sorted(contact["email"] for contact in account.contacts.values()) == sorted(names)
    assert len(account.asked) <= 6


def not_an_option(properties: dict[str, str]) -> dict[str, Any] | None:
    """Make HubSpot's error about a country that its list does not have."""
    if (country := properties.get("country", "")) in ("", "Germany"):
        return None
    said = f"{country} was not one of the allowed options: [label: 'Germany' value: 'Germany', label: ...]"
    return {
        "status": "error", "category": "VALIDATION_ERROR", "message": "Property values were not valid",
        "errors": [{"message": said, "code": "INVALID_OPTION", "context": {"propertyName": ["country"]}}],
    }  # fmt: skip


def test_a_rejected_option_is_one_configuration_fault(store: Store, account: Account) -> None:
    """csc-frodx#21: sixty leads, five values; no lead needs a person, and the sentence names the property."""
    for number in range(60):
        country = ("Deutschland", "Österreich", "Schweiz", "Frankreich", "Italien")[number % 5]
        save_lead(store, f"Visitor {number}", f"visitor{number}@acme.example", country=country)
    account.refuses = not_an_option

    summary = run_drain(store, account)

    assert (summary.gate.cause, outbox.count_leads(store)) == ("set-up", outbox.OutboxCounts(waiting=60))
    assert "the country" in summary.gate.sentence
    assert "label" not in summary.gate.sentence
    assert len(account.asked) < 25


def test_if_others_are_accepted_leads_with_a_bad_value_need_you(store: Store, account: Account) -> None:
    """If other leads are accepted, the configuration is not at fault."""
    for number in range(20):
        country = "Deutschland" if number % 5 == 0 else "Germany"
        save_lead(store, f"Visitor {number}", f"visitor{number}@acme.example", country=country)
    account.refuses = not_an_option

    run_drain(store, account)

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=16, needs_you=4)


SAID = {
    "an account in trouble": ({"status": "error", "message": "This account has been suspended"}, "been suspended."),
    "a scope": ({"category": "MISSING_SCOPES", "message": "This app hasn't been granted it"}, "contacts.write"),
    "nothing": ({}, "contacts.write"),
}


@pytest.mark.parametrize(("document", "words"), SAID.values(), ids=SAID.keys())
def test_a_forbidden_key_is_explained(hubspot: ScriptedHubSpot, document: dict[str, Any], words: str) -> None:
    """In HubSpot's own words, unless it is about a scope."""
    hubspot.respond = lambda body: (403, document, {})

    with pytest.raises(ConfigurationFault) as caught:
        push_batches(make_connector(hubspot), [make_lead()])

    assert words in str(caught.value)


def test_a_typing_error_is_named_by_its_field(store: Store, account: Account) -> None:
    """Atlas#174: five typos in a hundred."""
    detail = '[{"isValid":false,"message":"Email address a@@b is invalid","error":"INVALID_EMAIL","name":"email"}]'
    refusal = {"category": "VALIDATION_ERROR", "message": f"Property values were not valid: {detail}"}
    account.refuses = lambda properties: refusal if "@@" in properties.get("email", "") else None
    for number in range(20):
        save_lead(store, f"Visitor {number}", f"visitor{number}{'@@' if number in (3, 11) else '@'}acme.example")

    run_drain(store, account)

    (reason,) = {row["reason"] for row in store.execute("select reason from outbox where state = 'needs you'")}
    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=18, needs_you=2)
    assert reason.startswith("HubSpot rejected the e-mail: ")


FIELDS = [
    ("country", {"type": "enumeration", "options": [{"value": "DE"}, {"value": "FR"}]}, "only takes DE, FR"),
    ("rating", {"type": "enumeration", "options": [{"value": str(n)} for n in range(1, 6)]}, ""),
    ("scanned_at", {"type": "date"}, "date without a time"),
    ("scanned_at", {"type": "datetime"}, ""),
    ("scanned_at", {"type": "string"}, ""),
    ("note", {"type": "datetime"}, "date with a time"),
    ("note", {"type": "number"}, "is a number"),
    ("rating", {"type": "number"}, ""),
    ("tags", {"type": "enumeration", "options": [{"value": "demo"}]}, "only takes demo"),
    ("phone", {"type": "phone_number"}, ""),
]


@pytest.mark.parametrize(("ours", "has", "words"), FIELDS)
def test_the_check_finds_what_would_be_refused(ours: str, has: dict[str, Any], words: str) -> None:
    """segment-docs#6320: a list of options, a date for a time, a number for text."""
    found = _describe_field_problem(ours, "their_property", has)

    assert (words in found, bool(found)) == (True, bool(words))


def test_the_connector_reports_a_shared_contact(account: Account) -> None:
    """As a separate outcome: nothing was written, and the record is named."""
    account.add(email="info@acme.example", firstname="Eve", lastname="Moss")
    ana = make_lead("info@acme.example", "0190-ana", name="Ana Lopez")

    ((outcome,),) = [list(ends.values()) for ends in push_batches(make_connector(account), [ana])]

    assert (type(outcome), outcome.remote_id, outcome.record_owner) == (SharedRecord, "101", "Eve Moss")


def test_a_second_address_of_a_contact_is_found(account: Account) -> None:
    """HubSpot finds a contact by a secondary address, and returns the primary one."""

    def say(body: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        if account.asked[-1].path.endswith("/read"):
            return (
                200,
                {
                    "status": "COMPLETE",
                    "results": [
                        {
                            "id": "7",
                            "properties": {"email": "first@acme.example", "firstname": "Eve", "lastname": "Moss"},
                        }
                    ],
                },
                {},
            )
        return 409, {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 7"}, {}

    account.respond = say

    ends: list[dict[str, Outcome]] = push_batches(
        make_connector(account), [make_lead("second@acme.example", "0190-ana", name="Ana Li")]
    )

    assert ends == [{"0190-ana": SharedRecord("7", "Eve Moss")}]
    assert not isinstance(ends[0]["0190-ana"], Delivered | Rejected)
