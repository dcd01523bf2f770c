"""A batch that is refused whole: the one bad lead is found in few calls, counted where they arrive."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pytest

from data import outbox
from tests.support.booth import SHORT
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest
from tests.sync.matrix.wire import HttpCall, Wire, build_response

REFUSAL = build_response("400 Bad Request", {"error": "company: missing"})

SIZES = (2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 99, 100, 127, 129, 199, 200)
"""Around the powers of two, and the sizes of real batches."""

AGAIN = """
    update outbox
       set state = case when lead_id in (select value from json_each(?)) then 'waiting' else 'delivered' end,
           delivered_revision = case when lead_id in (select value from json_each(?)) then 0 else revision end,
           attempts = 0, due = 0, setbacks = 0, cause = '', reason = '', remote_id = null
"""


def reset_outbox(kiosk: Kiosk, crm: FakeCrm, leads: Sequence[str]) -> None:
    """Reset the outbox so that only *leads* wait, and none was ever sent."""
    listed = json.dumps(list(leads))
    kiosk.db.execute("delete from deliveries")
    kiosk.db.execute(AGAIN, (listed, listed))
    crm.calls, crm.records = [], []


def calls_to_find(kiosk: Kiosk, crm: FakeCrm, leads: Sequence[str], bad: str) -> tuple[int, int]:
    """Calls after the first until the bad lead is found, and until every other is delivered."""
    reset_outbox(kiosk, crm, leads)

    def fault(wire: Wire, call: HttpCall) -> None:
        wire.sendall(REFUSAL if bad in call.ids else build_response("200 OK", crm.process_call(call), keep=True))

    crm.fault = fault
    summary = kiosk.drain()

    assert (len(leads) - 1, 1, True) == (summary.delivered, summary.rejected, summary.gate.is_open)
    assert kiosk.read_row(bad)[0] == "needs you"
    assert sorted(set(leads) - {bad}) == sorted(record["client_id"] for record in crm.records)
    last = max(number for number, call in enumerate(crm.calls) if bad in call.ids)
    return last, len(crm.calls) - 1


def check_sizes(kiosk: Kiosk, crm: FakeCrm, sizes: Sequence[int], places: Any) -> None:
    """Look at each size, with the bad lead in each of *places*."""
    for size in sizes:
        for place in places(size):
            leads = kiosk.leads[:size]
            found, all_ = calls_to_find(kiosk, crm, leads, leads[place])
            assert found <= 2 * math.log2(size), f"{found} calls to find the bad one of {size} at {place}"
            assert all_ <= 2 * math.ceil(math.log2(size)), f"{all_} calls for {size} with the bad one at {place}"


@pytest.mark.row(number=30)
def test_few_calls_find_the_bad_lead(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 30: in at most 2 log2(n) calls after the one that was refused; about as many deliver the others."""
    kiosk.add_leads(200)
    kiosk.use_connector(make_rest(crm.url, bulk_size=200))

    check_sizes(kiosk, crm, SIZES, lambda size: sorted({0, size // 3, size // 2, size - 1}))


@pytest.mark.row(number=30)
@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_few_calls_find_any_bad_lead_of_any_batch(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 30: each size from 2 to 200; at each place, or in the short form at every seventh."""
    kiosk.add_leads(200)
    kiosk.use_connector(make_rest(crm.url, bulk_size=200))

    check_sizes(kiosk, crm, range(2, 201), lambda size: range(size % 5, size, 41) if SHORT else range(0, size, 3))


@pytest.mark.row(number=31)
def test_the_same_refusal_of_three_leads_is_a_configuration_fault(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 31: the gate closes with what was said, in few calls, and no lead is parked for it."""
    kiosk.add_leads(200)
    kiosk.use_connector(make_rest(crm.url, bulk_size=200))
    crm.fault = lambda wire, call: wire.sendall(REFUSAL)

    kiosk.drain()

    assert (kiosk.gate.cause, kiosk.gate.is_open) == ("set-up", False)
    assert "company: missing" in kiosk.gate.sentence
    assert outbox.count_leads(kiosk.db) == outbox.OutboxCounts(waiting=200)
    assert len(crm.calls) <= 2 * math.log2(200) + 4
