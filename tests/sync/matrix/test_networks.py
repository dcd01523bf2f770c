"""Networks as halls have them, each a namespace of its own: what the gate says of them, and that nothing gets lost."""

import random
import time

import httpx
import pytest

from sync import connectivity, http_client
from tests.sync.matrix import faults
from tests.sync.matrix.certificates import DAY, Authority
from tests.sync.matrix.fake_crm import respond_with
from tests.sync.matrix.faults import break_after_saving
from tests.sync.matrix.hall import CRM_HOST, Booth, run_in_hall
from tests.sync.matrix.kiosk_under_test import require_all_arrived, require_held_back
from tests.sync.matrix.network_namespaces import CRM_6, PORTAL_ADDRESS, is_ipv6, is_too_large
from tests.sync.matrix.resolver import SERVER_FAILED
from tests.sync.matrix.wire import HTML, PAGE, build_response


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less than in the field, where a second of silence says little."""
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(0.7))
    monkeypatch.setattr(http_client, "RECONNECT_TIMEOUT_SECONDS", 0.7)
    # A busy machine needs longer for the check, which must succeed in some of these networks.
    monkeypatch.setattr(connectivity, "CHECK_TIMEOUT_SECONDS", 3.0)


@run_in_hall
def test_a_network_without_faults(booth: Booth) -> None:
    """By name, encrypted, and without asking anybody whether the internet is there."""
    booth.meet(5)

    assert booth.kiosk.drain().delivered == 5
    assert booth.check.calls == []
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=7)
@pytest.mark.parametrize("silent", [True, False], ids=["silent", "fails"])
@run_in_hall
def test_a_name_server_that_knows_no_names(booth: Booth, silent: bool) -> None:
    """Row 7: no address for the CRM, and the internet there all the same: the sentence names the host."""
    booth.meet(5)
    booth.resolver.names, booth.resolver.is_silent, booth.resolver.code = {}, silent, SERVER_FAILED

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "CRM unreachable", f"{CRM_HOST}")
    assert CRM_HOST in booth.resolver.asked
    assert booth.crm.calls == []
    booth.resolver.names, booth.resolver.is_silent = {CRM_HOST: [booth.crm.host]}, False
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=6)
@run_in_hall
def test_a_name_server_that_lies(booth: Booth) -> None:
    """Row 6: all names lead to the portal; its certificate is another's, so it gets nothing."""
    booth.meet(5)
    booth.resolver.names = {CRM_HOST: [PORTAL_ADDRESS]}

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "login page", "WiFi here requires a sign-in")
    assert booth.portal.connections > 0
    assert booth.portal.calls + booth.crm.calls == []
    booth.resolver.names = {CRM_HOST: [booth.crm.host]}
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=10)
@pytest.mark.parametrize(
    ("asked", "cause", "words"),
    [
        ("yes", "CRM unreachable", f"{CRM_HOST} does not respond"),
        ("no", "no internet", "This network has no internet access."),
        ("portal", "login page", "WiFi here requires a sign-in"),
        ("redirect", "login page", "WiFi here requires a sign-in"),
    ],
)
@run_in_hall
def test_a_network_that_swallows_connections(booth: Booth, asked: str, cause: str, words: str) -> None:
    """Row 10: nothing comes back; what else the network answers tells whose fault it is."""
    booth.meet(5)
    to_crm, page = bytes(map(int, booth.crm.host.split("."))), respond_with(build_response("200 OK", PAGE, HTML))
    redirect = respond_with(build_response("302 Found", b"", f"Location: https://{PORTAL_ADDRESS}/login"))
    booth.venue.link.should_drop = lambda packet, upward: upward and (asked == "no" or packet[16:20] == to_crm)
    booth.check.fault = {"portal": page, "redirect": redirect}.get(asked, booth.check.fault)

    booth.kiosk.drain()

    require_held_back(booth.kiosk, cause, words)
    assert booth.crm.calls == []
    assert booth.portal.connections == 0
    assert {(b"", "GET")} >= {(call.body, call.method) for call in booth.check.calls}, "the check was sent something"
    booth.venue.link.should_drop = lambda packet, upward: False
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=9)
@run_in_hall
def test_a_crm_that_refuses(booth: Booth) -> None:
    """Row 9: there is internet access, and nothing listens at the CRM's address."""
    booth.meet(5)
    booth.resolver.names = {CRM_HOST: [booth.check.host]}

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "CRM unreachable", f"{CRM_HOST} refuses the connection")
    booth.resolver.names = {CRM_HOST: [booth.crm.host]}
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=9)
@run_in_hall
def test_a_hall_without_a_network(booth: Booth) -> None:
    """Row 9: without any route this device is not connected, and nothing waits for a timeout."""
    booth.meet(5)
    booth.venue.leave_wifi()

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "offline", "No network", "not connected")
    booth.venue.join_wifi()
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=3)
@run_in_hall
def test_an_error_page_with_internet_access(booth: Booth) -> None:
    """Row 3: with internet access, an error page is the CRM's own and not a portal's."""
    booth.meet(5)
    booth.crm.fault = respond_with(
        build_response("503 Service Unavailable", b"<!doctype html><h1>Back soon</h1>", HTML)
    )

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "CRM down", "having trouble")
    booth.crm.fault = None
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=3)
@run_in_hall
def test_an_error_page_without_internet_access(booth: Booth) -> None:
    """Row 3: some portals answer 403 or 503 with their page; whether the internet is there tells."""
    booth.meet(5)
    booth.crm.fault = booth.check.fault = respond_with(build_response("403 Forbidden", PAGE, HTML))

    booth.kiosk.drain()

    require_held_back(booth.kiosk, "login page", "WiFi here requires a sign-in")
    booth.crm.fault = None
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=11)
@run_in_hall
def test_ipv6_that_leads_nowhere(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 11: the CRM has IPv4 and IPv6 addresses, and IPv6 leads nowhere: nobody notices."""
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(30.0, connect=10.0))
    booth.meet(5)
    booth.resolver.names = {CRM_HOST: [CRM_6, booth.crm.host]}
    swallowed: list[bytes] = []
    booth.venue.link.should_drop = lambda packet, upward: is_ipv6(packet) and not swallowed.append(packet)
    started = time.monotonic()

    summary = booth.kiosk.drain()

    assert (summary.delivered, summary.gate.is_open) == (5, True)
    assert time.monotonic() - started < 9  # ten it is for who waits for the one that swallows all
    assert any(packet[6] == 6 for packet in swallowed), "IPv6 was not tried"
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=12)
@run_in_hall
def test_large_packets_are_swallowed_upward(booth: Booth) -> None:
    """Row 12: a large batch never reaches the CRM; smaller ones get through, and no lead's attempts are spent."""
    booth.meet(12, company="Initech")
    booth.venue.link.should_drop = lambda packet, upward: is_too_large(packet, upward, most=1300, up=True)

    summary = booth.kiosk.drain()

    assert (summary.delivered, summary.postponed) == (12, 0)
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=13)
@run_in_hall
def test_large_packets_are_swallowed_downward(booth: Booth) -> None:
    """Row 13: the CRM has the leads, and its long answer does not come through; that of fewer does."""
    booth.meet(12)
    booth.kiosk.drain()  # the greeting of TLS has large packets of its own
    booth.kiosk.add_leads(16)
    booth.venue.link.should_drop = lambda packet, upward: is_too_large(packet, upward, most=1200, up=False)

    summary = booth.kiosk.drain()

    assert summary.postponed == 0
    booth.venue.link.should_drop = lambda packet, upward: False
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=14)
@run_in_hall
def test_the_wifi_is_lost_while_the_crm_works(booth: Booth) -> None:
    """Row 14: the CRM has the leads, and its answer finds nobody; afterwards each is there once."""
    booth.meet(5)
    take = break_after_saving(booth.crm, faults.answer_late(0.3))

    def lose_the_wifi(*call: object) -> None:
        booth.venue.link.should_drop = lambda packet, upward: True
        take(*call)  # type: ignore[arg-type]

    booth.crm.fault = lose_the_wifi
    booth.kiosk.drain()

    require_held_back(booth.kiosk, booth.kiosk.gate.cause)
    # "CRM down" where the call's deadline comes before the kernel gives up the connection.
    assert booth.kiosk.gate.cause in ("no internet", "CRM down")
    assert sorted(booth.kiosk.emails) == booth.crm.list_emails()
    booth.crm.fault = None
    booth.venue.link.should_drop = lambda packet, upward: False
    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=15)
@pytest.mark.soak
@run_in_hall
def test_a_third_of_the_packets_is_lost(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 15: it takes its time, and it arrives, each lead once."""
    monkeypatch.setattr(http_client, "HTTP_TIMEOUT", httpx.Timeout(30.0, connect=10.0))
    chance = random.Random(15)
    booth.meet(5)
    booth.venue.link.should_drop = lambda packet, upward: chance.random() < 0.3

    booth.kiosk.drain()

    require_all_arrived(booth.kiosk, booth.crm)


@pytest.mark.row(number=45)
@run_in_hall
def test_a_clock_that_others_contradict(booth: Booth, authority: Authority) -> None:
    """Row 45: where somebody in the network tells another date, the sentence says which, and what to do."""
    booth.meet(5)
    booth.crm.tls = authority.server(CRM_HOST, since=-9 * DAY, until=-DAY)
    others = respond_with(build_response("204 No Content", b"", "Date: Fri, 20 Nov 2015 10:00:00 GMT"))
    booth.check.fault = others

    booth.kiosk.drain()

    require_held_back(
        booth.kiosk, "offline", "This device's clock says", "other servers say 20 Nov 2015", "correct the clock"
    )
    booth.crm.tls = authority.server(CRM_HOST)
    require_all_arrived(booth.kiosk, booth.crm)
