"""Encryption that proves nothing: whoever sits between gets no lead, and the words say what it may be."""

import socket
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync.settings.network import NetworkSettings
from tests.sync.matrix.certificates import DAY, Authority
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest, require_all_arrived, require_held_back
from tests.sync.matrix.wire import HTML, PAGE, Wire, build_response, reset_connection

Crms = Callable[..., FakeCrm]

HERE = "127.0.0.1"


def make_trusting_settings(authority: Authority) -> NetworkSettings:
    """A kiosk.toml that names the authority's certificate."""
    network = NetworkSettings(proxy="none", ca_file=str(authority.file))
    network.check()
    return network


def has_served(crm: FakeCrm, context: ssl.SSLContext) -> None:
    """From now on *crm* has a certificate that is good."""
    crm.tls = context


@pytest.mark.row(number=5)
def test_an_unknown_authority(kiosk: Kiosk, crms: Crms, authority: Authority, unknown_authority: Authority) -> None:
    """Row 5: a network that opens encrypted traffic gets nothing, also where kiosk.toml trusts an authority more."""
    crm = crms(tls=unknown_authority.server(HERE))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    kiosk.drain()

    require_held_back(kiosk, "offline", "This network intercepts encrypted traffic", "nothing was sent")
    assert crm.connections > 0
    assert crm.calls == []
    has_served(crm, authority.server(HERE))
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=5)
def test_a_company_authority(kiosk: Kiosk, crms: Crms, authority: Authority) -> None:
    """Row 5: a CRM with a certificate of its own is reached once kiosk.toml names it, and not before."""
    crm = crms(tls=authority.server(HERE))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url))
    kiosk.drain()
    require_held_back(kiosk, "offline", "not trusted")
    assert crm.calls == []

    kiosk.runner.run(kiosk.connector.aclose())
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=5)
@pytest.mark.parametrize(
    "content", [b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"]
)
def test_a_file_without_a_certificate(kiosk: Kiosk, crm: FakeCrm, tmp_path: Path, content: bytes) -> None:
    """Row 5: the set-up is named, and nothing breaks."""
    path = tmp_path / "authority.pem"
    path.write_bytes(content)
    kiosk.add_leads(2)
    kiosk.use_connector(make_rest("https://127.0.0.1:9", NetworkSettings(proxy="none", ca_file=str(path))))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "ca_file", "kiosk.toml")


@pytest.mark.row(number=6)
def test_a_certificate_of_another_name(kiosk: Kiosk, crms: Crms, authority: Authority) -> None:
    """Row 6: whoever answers is somebody else: a portal that says that it is everybody."""
    crm = crms(tls=authority.server("wifi.example.net"))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    kiosk.drain()

    require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
    assert crm.calls == []
    has_served(crm, authority.server("wifi.example.net", HERE))
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=8)
@pytest.mark.parametrize("page", [build_response("302 Found", PAGE, HTML, "Location: http://wifi.example.net/"), PAGE])
def test_a_port_that_speaks_plain_http(kiosk: Kiosk, crms: Crms, authority: Authority, page: bytes) -> None:
    """Row 8: a portal answers in plain text where encryption was asked for."""
    crm = crms(tls=authority.server(HERE))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))
    heard: list[bytes] = []

    def answer(wire: Wire) -> None:
        heard.append(wire.recv(65536))
        wire.sendall(page)

    crm.greeting = answer
    kiosk.drain()

    require_held_back(kiosk, "login page", "WiFi here requires a sign-in")
    assert [said[:2] for said in heard] == [b"\x16\x03"], "something else than the first words of TLS was said"
    crm.greeting = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=8)
@pytest.mark.parametrize("how", ["closes", "resets"])
def test_a_port_that_hangs_up_on_tls(kiosk: Kiosk, crms: Crms, authority: Authority, how: str) -> None:
    """Row 8: a filter that lets no encryption through; nothing was sent."""
    crm = crms(tls=authority.server(HERE))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    def hang_up(wire: Wire) -> None:
        wire.recv(65536)
        if how == "resets":
            reset_connection(wire)

    crm.greeting = hang_up
    kiosk.drain()

    require_held_back(kiosk, kiosk.gate.cause)
    assert kiosk.gate.cause == {"closes": "login page", "resets": "CRM unreachable"}[how]
    crm.greeting = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=17)
def test_bytes_that_are_not_tls_in_the_middle(kiosk: Kiosk, crms: Crms, authority: Authority) -> None:
    """Row 17: something breaks an encrypted answer; the CRM has the leads, and the same ids are sent again."""
    crm = crms(tls=authority.server(HERE))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    def break_in(wire: Wire, call: object) -> None:
        crm.process_call(crm.calls[-1])
        with socket.socket(fileno=wire.detach()) as bare:
            bare.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    crm.fault = break_in
    kiosk.drain()

    require_held_back(kiosk, "CRM down", "broke")
    crm.fault = None
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=45)
@pytest.mark.parametrize(
    ("since", "until"), [(-9 * DAY, -2 * DAY), (2 * DAY, 9 * DAY)], ids=["expired", "not yet valid"]
)
def test_a_certificate_of_another_day(
    kiosk: Kiosk, crms: Crms, authority: Authority, since: timedelta, until: timedelta
) -> None:
    """Row 45: perhaps it is this device's clock that is wrong: the date that it has is named."""
    crm = crms(tls=authority.server(HERE, since=since, until=until))
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, make_trusting_settings(authority)))

    kiosk.drain()

    require_held_back(kiosk, "offline", f"This device's clock says {datetime.now():%-d %b %Y}", "correct the clock")
    assert crm.calls == []
    has_served(crm, authority.server(HERE))
    require_all_arrived(kiosk, crm)
