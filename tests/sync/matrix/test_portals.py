"""A captive portal answers in place of the CRM: nothing is followed, and no visitor's data goes elsewhere."""

from collections.abc import Callable

import pytest

from sync.connectors.rest.connector import RestConnector
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import (
    Kiosk,
    make_rest,
    make_searching_rest,
    require_all_arrived,
    require_held_back,
)
from tests.sync.matrix.wire import HTML, JSON, PAGE, build_response

Make = Callable[[str], RestConnector]

MAKES = pytest.mark.parametrize("make", [make_rest, make_searching_rest], ids=lambda make: make.__name__)


@pytest.mark.row(number=1)
@MAKES
@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "303 See Other"])
def test_a_portal_that_redirects(kiosk: Kiosk, crm: FakeCrm, stranger: FakeCrm, make: Make, status: str) -> None:
    """Row 1: it is a login page, whatever the connector asks for; the redirect is not followed."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response(status, PAGE, HTML, f"Location: {stranger.url}/login"))

    for _ in range(3):  # the later ones search first
        kiosk.drain()
        require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
        kiosk.wait_for_next_try()

    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=2)
@MAKES
@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
def test_a_portal_that_redirects_with_the_body(
    kiosk: Kiosk, crm: FakeCrm, stranger: FakeCrm, make: Make, status: str
) -> None:
    """Row 2: whoever followed it would hand all visitors' data to the portal; nothing is followed."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response(status, b"", f"Location: {stranger.url}/api/v1/contacts/bulk"))

    for _ in range(3):
        kiosk.drain()
        require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
        kiosk.wait_for_next_try()

    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=2)
def test_a_crm_that_moved_within_its_host(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 2: a lasting redirect on the CRM's own host is not followed either; it is the set-up that wants a word."""
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    crm.fault = respond_with(build_response("308 Permanent Redirect", b"", f"Location: {crm.url}/api/v2/contacts/bulk"))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "address has moved")
    assert {call.path for call in crm.calls} == {"/api/v1/contacts/bulk"}
    crm.fault = None
    require_all_arrived(kiosk, crm)


PAGES = {
    "page": build_response("200 OK", PAGE, HTML),
    "page that is called JSON": build_response("200 OK", b"\n " + PAGE, JSON),
    "page in XHTML": build_response("200 OK", b"<?xml version='1.0'?><html/>", "Content-Type: application/xhtml+xml"),
    "page that goes on by itself": build_response("200 OK", b"<html><meta http-equiv=refresh content=0>", HTML),
    "empty page": build_response("200 OK", b"", HTML),
    "page that says created": build_response("201 Created", PAGE, HTML),
}


@pytest.mark.row(number=3)
@MAKES
@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES.keys())
def test_a_portal_that_answers_with_its_page(kiosk: Kiosk, crm: FakeCrm, make: Make, page: bytes) -> None:
    """Row 3: a web page is not a CRM's answer, even with status 200; no lead counts as delivered."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(page)

    kiosk.drain()

    require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=4)
@MAKES
def test_a_portal_with_status_511(kiosk: Kiosk, crm: FakeCrm, make: Make) -> None:
    """Row 4: status 511 is for this alone."""
    kiosk.add_leads(5)
    kiosk.use_connector(make(crm.url))
    crm.fault = respond_with(build_response("511 Network Authentication Required", PAGE, HTML))

    kiosk.drain()

    require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
    crm.fault = None
    require_all_arrived(kiosk, crm)
