"""The credential is not taken, or the set-up is wrong: all waits for a person, and the sentence says for what."""

from collections.abc import Callable
from typing import Any

import pytest

from sync.connectors.base import Connector
from tests.support.connectors import odoo, odoo_jsonrpc, salesforce, webhook
from tests.sync.hubspot.factories import make_connector
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import (
    DELIVERED,
    Kiosk,
    make_rest,
    make_searching_rest,
    make_single_rest,
    require_all_arrived,
    require_held_back,
)
from tests.sync.matrix.wire import HTML, PAGE, build_response

Make = Callable[[str], Connector]

MAKES = pytest.mark.parametrize(
    "make", [make_rest, make_single_rest, make_searching_rest], ids=lambda make: make.__name__
)

VENDORS = [make_connector, salesforce, odoo, odoo_jsonrpc, webhook]

BODIES = {
    "JSON": build_response("401 Unauthorized", {"error": {"message": "Expired access token"}}),
    "page": build_response("401 Unauthorized", PAGE, HTML, 'WWW-Authenticate: Basic realm="CRM"'),
    "nothing": build_response("401 Unauthorized"),
}


@pytest.mark.row(number=27)
@MAKES
@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES.keys())
def test_a_key_that_is_rejected_during_the_show(kiosk: Kiosk, crm: FakeCrm, make: Make, answer: bytes) -> None:
    """Row 27: what was delivered stays so, the rest waits for a person; with a new key the same leads go."""
    kiosk.add_leads(2)
    kiosk.use_connector(make(crm.url))
    kiosk.drain()
    first = list(kiosk.leads)
    kiosk.add_leads(5)
    crm.fault = respond_with(answer)

    for _ in range(8):
        kiosk.drain()
        kiosk.wait_for_next_try()

    gate = kiosk.gate
    assert (gate.is_open, gate.cause) == (False, "not authorised")
    assert "rejected the key" in gate.sentence
    assert {kiosk.read_row(lead) for lead in first} == {("delivered", 0, "")}
    assert {kiosk.read_row(lead) for lead in kiosk.leads if lead not in first} == {("waiting", 0, "")}
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=27)
@pytest.mark.parametrize("make", VENDORS, ids=lambda make: make.__name__)
def test_a_vendors_key_that_is_rejected(kiosk: Kiosk, practice_crm: Any, make: Callable[[Any], Connector]) -> None:
    """Row 27: in each vendor's own words."""
    practice_crm.set_faults(unauthorised=True)
    kiosk.add_leads(5)
    kiosk.use_connector(make(practice_crm))

    kiosk.drain()

    require_held_back(kiosk, "not authorised")
    assert kiosk.gate.seconds_left(kiosk.clock) >= 600
    practice_crm.set_faults(unauthorised=False)
    kiosk.drain_until_settled()
    assert sorted(kiosk.emails) == sorted(contact["email"] for contact in practice_crm.contacts())


@pytest.mark.row(number=27)
def test_an_expired_session_is_renewed_silently(kiosk: Kiosk, practice_crm: Any) -> None:
    """Row 27: at most once per call, and the same batch goes again; staff do not notice, and no lead is sent twice."""
    practice_crm.set_faults(session_calls=2)
    connector = salesforce(practice_crm)
    connector.batch_size = 5  # type: ignore[misc]
    kiosk.add_leads(30)
    kiosk.use_connector(connector)

    summary = kiosk.drain()

    assert (summary.delivered, summary.gate.is_open, summary.postponed) == (30, True, 0)
    assert kiosk.read_rows() == DELIVERED
    assert (practice_crm.stats()["contacts"], practice_crm.stats()["repeats"]) == (30, 0)


@pytest.mark.row(number=29)
@MAKES
def test_a_key_that_lacks_a_permission(kiosk: Kiosk, crm: FakeCrm, make: Make) -> None:
    """Row 29: the next lead would fail alike; the CRM's own words say what is missing."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response("403 Forbidden", {"error": "this needs the right contacts.write"}))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "CRM setup", "contacts.write")
    assert len(crm.calls) == 1
    assert kiosk.gate.seconds_left(kiosk.clock) >= 600
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=29)
@pytest.mark.parametrize("make", VENDORS, ids=lambda make: make.__name__)
def test_a_vendors_key_that_lacks_a_permission(
    kiosk: Kiosk, practice_crm: Any, make: Callable[[Any], Connector]
) -> None:
    """Row 29: with what is missing, where the vendor names it."""
    practice_crm.set_faults(forbidden=True)
    kiosk.add_leads(5)
    kiosk.use_connector(make(practice_crm))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "CRM setup")
    assert make is not make_connector or "crm.objects.contacts.write" in kiosk.gate.sentence
    practice_crm.set_faults(forbidden=False)
    kiosk.drain_until_settled()
    assert sorted(kiosk.emails) == sorted(contact["email"] for contact in practice_crm.contacts())


@pytest.mark.row(number=47)
@MAKES
@pytest.mark.parametrize("status", ["404 Not Found", "405 Method Not Allowed", "410 Gone"])
@pytest.mark.parametrize("body", [b"{}", PAGE], ids=["JSON", "page"])
def test_an_api_that_is_gone(kiosk: Kiosk, crm: FakeCrm, make: Make, status: str, body: bytes) -> None:
    """Row 47: the address is wrong or retired; no lead is at fault, and it is not called again and again."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response(status, body, HTML if body is PAGE else "X-Nothing: 1"))

    for _ in range(5):
        kiosk.drain()

    require_held_back(kiosk, "set-up", "no such address", "kiosk.toml")
    assert len(crm.calls) == 1
    crm.fault = None
    require_all_arrived(kiosk, crm)
