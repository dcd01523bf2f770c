"""The CRM asks to wait, has no calls left for today, or is down: no attempt is spent, and it is asked in time."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from sync.connectors.base import Connector
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.settings.salesforce import SalesforceSettings
from tests.support.connectors import salesforce
from tests.sync.hubspot.factories import make_connector
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import (
    Kiosk,
    make_rest,
    make_single_rest,
    require_all_arrived,
    require_held_back,
)
from tests.sync.matrix.wire import HTML, PAGE, build_response

DATE = "Date: Sun, 20 Sep 2015 10:00:00 GMT"
"""An answer's own: this device's clock says something else."""

WAITS: list[tuple[list[str], float]] = [
    (["Retry-After: 17"], 17),
    (["Retry-After: 1.5"], 2),
    (["Retry-After: 0"], 1),
    (["Retry-After: 1800"], 900),
    (["Retry-After: 60000"], 10),
    (["Retry-After: 86400"], 10),
    (["Retry-After: 1790000000"], 10),
    (["Retry-After: Sun, 20 Sep 2015 10:05:00 GMT", DATE], 300),
    (["Retry-After: Sun, 20 Sep 2015 09:00:00 GMT", DATE], 10),
    (["Retry-After: -5"], 10),
    (["Retry-After: in a while"], 10),
    (["Retry-After: inf"], 10),
    (["Retry-After: nan"], 10),
    (["Retry-After: "], 10),
    ([], 10),
]


@pytest.mark.row(number=25)
@pytest.mark.parametrize(("headers", "seconds"), WAITS, ids=[" ".join(headers) for headers, _ in WAITS])
def test_too_many_calls(kiosk: Kiosk, crm: FakeCrm, headers: list[str], seconds: float) -> None:
    """Row 25: it is left alone for as long as it says, to the second; where it says nothing of use, for ten."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response("429 Too Many Requests", {"error": "slow down"}, *headers))

    kiosk.drain()
    left = kiosk.gate.seconds_left(kiosk.clock)
    kiosk.clock.tick(seconds - 0.1)
    kiosk.drain()

    require_held_back(kiosk, "throttled", "asked the kiosk to wait")
    assert left == seconds
    assert len(crm.calls) == 1
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=25)
def test_too_many_calls_again_and_again(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 25: without a `Retry-After` the waits double, up to five minutes."""
    kiosk.add_leads(1)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response("429 Too Many Requests"))
    waits = []

    for _ in range(8):
        kiosk.drain()
        waits.append(round(kiosk.gate.seconds_left(kiosk.clock)))
        kiosk.wait_for_next_try()

    assert waits == [10, 20, 40, 80, 160, 300, 300, 300]
    assert len(crm.calls) == 8
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=26)
@pytest.mark.parametrize("make", [make_connector, salesforce], ids=["429 DAILY", "403 REQUEST_LIMIT_EXCEEDED"])
def test_the_calls_of_the_day_are_used_up(kiosk: Kiosk, practice_crm: Any, make: Callable[[Any], Connector]) -> None:
    """Row 26: by the vendor's own words, whatever the status; it is asked again within the hour."""
    practice_crm.set_faults(quota=True)
    kiosk.add_leads(5)
    kiosk.use_connector(make(practice_crm))

    kiosk.drain()
    left = kiosk.gate.seconds_left(kiosk.clock)

    require_held_back(kiosk, "quota", "used up")
    assert 600 < left <= 3600
    practice_crm.set_faults(quota=False)
    kiosk.drain_until_settled()
    assert sorted(kiosk.emails) == sorted(contact["email"] for contact in practice_crm.contacts())


DENIED = {"error": "Access Denied"}
LIMITED = {"error": "invalid_grant", "error_description": "rate exceeded"}


@pytest.mark.row(number=28)
@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (build_response("200 OK", DENIED), "not authorised"),
        (build_response("200 OK", DENIED | {"error_description": "too many requests"}), "not authorised"),
        (build_response("400 Bad Request", LIMITED), "throttled"),
    ],
    ids=["200", "200 with words", "400"],
)  # fmt: skip
def test_too_many_sign_ins(
    kiosk: Kiosk, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch, answer: bytes, cause: str
) -> None:
    """Row 28: a sign-in that is refused with status 200 did not succeed; no lead is sent."""
    monkeypatch.setitem(os.environ, "BOOTH_TEST_SALESFORCE_SECRET", "s3cret-of-the-booth")
    settings = SalesforceSettings(crm.url, client_id="booth", client_secret_env="BOOTH_TEST_SALESFORCE_SECRET")
    kiosk.add_leads(5)
    kiosk.use_connector(SalesforceConnector(settings))
    crm.fault = respond_with(answer)

    kiosk.drain()

    require_held_back(kiosk, cause)
    assert kiosk.gate.seconds_left(kiosk.clock) >= (600 if cause == "not authorised" else 60)
    assert [call.path for call in crm.calls] == ["/services/oauth2/token"]


@pytest.mark.row(number=35)
@pytest.mark.parametrize("make", [make_rest, make_single_rest], ids=lambda make: make.__name__)
@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 599])
def test_the_crm_is_down(kiosk: Kiosk, crm: FakeCrm, make: Callable[[str], Connector], status: int) -> None:
    """Row 35: an error page with a 5xx is the CRM's and not a portal's; no lead is at fault."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response(f"{status} Trouble", PAGE, HTML))

    for _ in range(3):
        kiosk.drain()
        require_held_back(kiosk, "CRM down", "having trouble")
        assert 1 <= kiosk.gate.seconds_left(kiosk.clock) <= 300
        kiosk.wait_for_next_try()

    assert len(crm.calls) <= 6
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=35)
def test_a_crm_that_is_down_for_long_is_probed_rarely(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 35: up to every five minutes; and however long it lasts, no lead is given up."""
    kiosk.add_leads(3)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response("503 Service Unavailable"))
    started = kiosk.clock.seconds_since_boot()

    for _ in range(40):
        kiosk.drain()
        kiosk.wait_for_next_try()

    require_held_back(kiosk, "CRM down", "having trouble")
    assert kiosk.clock.seconds_since_boot() - started > 600
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=37)
@pytest.mark.parametrize("status", ["423 Locked", "477 Migrating", "503 Service Unavailable"])
def test_a_crm_that_is_locked_says_for_how_long(kiosk: Kiosk, crm: FakeCrm, status: str) -> None:
    """Row 37: the account is being moved, or backed up; one lead asks again after a quarter of an hour at most."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response(status, b"{}", "Retry-After: 3000"))

    kiosk.drain()

    require_held_back(kiosk, "throttled", "busy")
    assert kiosk.gate.seconds_left(kiosk.clock) == 900
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=37)
@pytest.mark.parametrize("status", ["423 Locked", "477 Migrating"])
@pytest.mark.parametrize("headers", [[], ["Retry-After: 1"]], ids=["no time", "a second"])
def test_a_locked_crm_is_left_alone_for_two_seconds(
    kiosk: Kiosk, crm: FakeCrm, status: str, headers: list[str]
) -> None:
    """Row 37: it wants two seconds at the least, whatever it says."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response(status, b"{}", *headers))

    kiosk.drain()

    require_held_back(kiosk, kiosk.gate.cause)
    assert kiosk.gate.cause == ("throttled" if headers else "CRM down")
    assert kiosk.gate.seconds_left(kiosk.clock) >= (2 if headers else 1)
    crm.fault = None
    require_all_arrived(kiosk, crm)
