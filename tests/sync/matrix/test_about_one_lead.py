"""An answer about one record is not about the destination, and the reverse: a real server, and a real drain."""

from typing import Any

import pytest

from data import leads, outbox
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest, make_single_rest
from tests.sync.matrix.wire import HTML, HttpCall, Wire, build_response

STATUSES = {
    "chatwoot#14818: 404": build_response("404 Not Found", {"error": "no such contact"}),
    "mautic#5672: a 404 page": build_response("404 Not Found", b"<html><title>Not found</title></html>", HTML),
    "410": build_response("410 Gone", {"error": "deleted"}),
    "odoo#62565: 403 by record": build_response("403 Forbidden", {"error": "you may not edit this record"}),
    "401 by record": build_response("401 Unauthorized", {"error": "not your record"}),
    "405 by record": build_response("405 Method Not Allowed", {"error": "a converted lead is read-only"}),
    "409": build_response("409 Conflict", {"error": "merged into another"}),
    "412": build_response("412 Precondition Failed", {"error": "changed meanwhile"}),
    "422": build_response("422 Unprocessable Entity", {"error": "stage: closed"}),
    "423": build_response("423 Locked", {"error": "locked by ana"}),
    "400": build_response("400 Bad Request", {"error": "archived"}),
    "a firewall that dislikes its note": build_response(
        "403 Forbidden", b"<html><title>Request blocked</title></html>", HTML
    ),
}


def about(lead: str, remote_id: str, answer: bytes, crm: FakeCrm) -> Any:
    """A CRM that gives *answer* to every call about *lead*, whose id there is *remote_id*, and works otherwise."""

    def fault(wire: Wire, call: HttpCall) -> None:
        is_it = lead in call.ids or call.path.endswith(f"/{remote_id}")
        wire.sendall(answer if is_it else build_response("200 OK", crm.process_call(call)))

    return fault


@pytest.mark.parametrize("answer", STATUSES.values(), ids=STATUSES.keys())
def test_a_refused_edit_holds_up_no_other_lead(kiosk: Kiosk, crm: FakeCrm, answer: bytes) -> None:
    """It is the hottest lead, so it goes first each time; all that is new is delivered in the same run."""
    kiosk.add_leads(3)
    kiosk.use_connector(
        make_single_rest(crm.url, update_url=f"{crm.url}/api/v1/contacts/{{remote_id}}", update_with_id=True)
    )
    kiosk.drain()
    stale = kiosk.leads[1]
    leads.edit_lead(kiosk.db, stale, {"rating": 5, "note": "call her"}, "ana", kiosk.clock)
    remote_id = kiosk.db.execute("select remote_id from outbox where lead_id = ?", (stale,)).fetchone()[0]
    crm.fault = about(stale, remote_id, answer, crm)
    kiosk.add_leads(5)

    for _ in range(2):
        kiosk.drain()
        kiosk.clock.tick(1.0)

    counts = outbox.count_leads(kiosk.db)
    assert (counts.delivered, counts.waiting + counts.needs_you) == (7, 1)
    assert kiosk.gate.is_open, kiosk.gate.sentence
    for _ in range(40):
        kiosk.wait_for_next_try()
        kiosk.drain()
    assert kiosk.read_row(stale)[0] == "needs you"
    assert kiosk.read_reason(stale).endswith(".")
    assert "kiosk.toml" not in kiosk.read_reason(stale)
    assert len(crm.records) == 8


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "405 Method Not Allowed"])
def test_a_wrong_address_parks_no_lead(kiosk: Kiosk, crm: FakeCrm, status: str) -> None:
    """After a few other leads were tried in vain the gate closes, and whoever failed lets others go before."""
    kiosk.add_leads(2)
    kiosk.use_connector(make_single_rest(crm.url))
    kiosk.drain()
    kiosk.add_leads(30)
    calls = len(crm.calls)
    crm.fault = lambda wire, call: wire.sendall(build_response(status, {"error": "no"}))

    kiosk.drain()

    assert (kiosk.gate.is_open, kiosk.gate.cause) == (False, "set-up")
    assert outbox.count_leads(kiosk.db) == outbox.OutboxCounts(waiting=30, delivered=2)
    assert len(crm.calls) - calls <= 4
    crm.fault = None
    kiosk.drain_until_settled()
    assert crm.list_emails() == sorted(kiosk.emails)


def test_a_revoked_key_is_tried_only_once_or_twice(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Also in the middle of a show: it is one other lead that is tried, and no more."""
    kiosk.add_leads(2)
    kiosk.use_connector(make_single_rest(crm.url))
    kiosk.drain()
    kiosk.add_leads(50)
    calls = len(crm.calls)
    crm.fault = lambda wire, call: wire.sendall(build_response("401 Unauthorized", {"error": "expired"}))

    for _ in range(5):
        kiosk.drain()

    assert kiosk.gate.cause == "not authorised"
    assert outbox.count_leads(kiosk.db).needs_you == 0
    assert len(crm.calls) - calls <= 4


def test_a_batch_limit_is_not_the_leads_fault(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Whatever the CRM calls it: refused alike in company and taken alone, the batch was too much, and that is kept."""

    def fault(wire: Wire, call: HttpCall) -> None:
        taken = crm.process_call(call) if len(call.ids) <= 10 else None
        refused = [{"client_id": name, "status": "400", "error": "flow limit exceeded"} for name in call.ids]
        wire.sendall(build_response("200 OK", taken or {"results": refused}))

    kiosk.add_leads(1)
    kiosk.use_connector(make_rest(crm.url))
    kiosk.drain()
    kiosk.add_leads(60)
    crm.fault = fault

    kiosk.drain()
    kiosk.drain_until_settled()

    assert outbox.count_leads(kiosk.db) == outbox.OutboxCounts(delivered=61)
    assert len(crm.list_emails()) == 61
    kiosk.add_leads(40)
    calls = len(crm.calls)
    kiosk.use_connector(make_rest(crm.url))  # as after a restart
    kiosk.drain()
    assert max(len(call.ids) for call in crm.calls[calls:]) <= 10
