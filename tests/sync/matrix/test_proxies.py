"""Proxies: which one is used, what is said when it does not let us through, and that no other ever hears of a lead."""

import socket
from collections.abc import Callable, Iterator

import pytest

from sync.settings.network import NetworkSettings
from tests.sync.matrix.certificates import Authority
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest, require_all_arrived, require_held_back
from tests.sync.matrix.proxy import CRM_HOST, Proxy
from tests.sync.matrix.wire import build_response

Crms = Callable[..., FakeCrm]


@pytest.fixture
def hidden(crms: Crms, authority: Authority) -> FakeCrm:
    """A CRM that is reached through the proxy alone."""
    return crms(tls=authority.server(CRM_HOST))


@pytest.fixture
def proxy(hidden: FakeCrm) -> Iterator[Proxy]:
    """The proxy that finds it."""
    found = Proxy(hidden)
    yield found
    found.stop()


def make_network_settings(authority: Authority, proxy: str) -> NetworkSettings:
    """Network settings with *proxy*, and without a check of the internet access."""
    return NetworkSettings(proxy=proxy, ca_file=str(authority.file), check_url="")


@pytest.mark.row(number=46)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "kiosk.toml"])
def test_a_proxy_is_used(
    kiosk: Kiosk, hidden: FakeCrm, proxy: Proxy, authority: Authority, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Row 46: as the environment or kiosk.toml names it; it carries what it cannot read."""
    in_toml = variable == "kiosk.toml"
    if not in_toml:
        monkeypatch.setenv(variable, proxy.address if variable == "ALL_PROXY" else f"http://{proxy.address}")
    kiosk.add_leads(5)
    kiosk.use_connector(
        make_rest(
            f"https://{CRM_HOST}", make_network_settings(authority, f"http://{proxy.address}" if in_toml else "system")
        )
    )

    kiosk.drain()

    require_all_arrived(kiosk, hidden)
    assert {asked.split(b"\r\n")[0] for asked in proxy.asked} == {b"CONNECT crm.example.com:443 HTTP/1.1"}
    assert not any(word in asked for asked in proxy.asked for word in (b"s3cret", b"initech"))


REFUSALS = {
    "407": build_response("407 Proxy Authentication Required", b"", "Proxy-Authenticate: Basic realm=expo"),
    "403": build_response("403 Forbidden", b"<html>Blocked</html>"),
    "502": build_response("502 Bad Gateway"),
    "302": build_response("302 Found", b"", "Location: http://wifi.example.net/login"),
}


@pytest.mark.row(number=46)
@pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_proxy_that_refuses(
    kiosk: Kiosk, hidden: FakeCrm, proxy: Proxy, authority: Authority, refusal: bytes
) -> None:
    """Row 46: nothing was sent; the sentence names the proxy, without what may be secret in its address."""
    proxy.refusal = refusal
    kiosk.add_leads(5)
    kiosk.use_connector(
        make_rest(
            f"https://{CRM_HOST}", make_network_settings(authority, f"http://booth:s3cret-of-the-booth@{proxy.address}")
        )
    )

    kiosk.drain()

    require_held_back(kiosk, "offline", f"the proxy {proxy.address} does not let the kiosk through")
    assert hidden.calls == []
    proxy.refusal = b""
    require_all_arrived(kiosk, hidden)


@pytest.mark.row(number=46)
def test_a_proxy_that_is_not_there(kiosk: Kiosk, authority: Authority) -> None:
    """Row 46: it is the proxy that refuses, not the CRM, and the sentence says so."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(f"https://{CRM_HOST}", make_network_settings(authority, f"http://{address}")))

    kiosk.drain()

    require_held_back(kiosk, "CRM unreachable", f"the proxy {address} refuses the connection")


@pytest.mark.row(number=46)
def test_a_proxy_that_cannot_be_used(kiosk: Kiosk, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 46: a SOCKS proxy in the environment is the set-up's fault, and no crash."""
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(f"https://{CRM_HOST}", make_network_settings(authority, "system")))

    kiosk.drain()

    require_held_back(kiosk, "set-up", "the proxy 127.0.0.1:1080 is not an HTTP proxy", "kiosk.toml")


@pytest.mark.row(number=46)
@pytest.mark.parametrize("proxy", ["", "system", "none"])
def test_this_devices_network_needs_no_proxy(
    kiosk: Kiosk, crm: FakeCrm, stranger: FakeCrm, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """Row 46: a CRM on this device is reached straight: whoever set a proxy for the internet does not hear of it."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, stranger.url)
    kiosk.add_leads(5)
    kiosk.use_connector(make_rest(crm.url, NetworkSettings(proxy=proxy or stranger.url)))

    kiosk.drain()

    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=46)
@pytest.mark.parametrize("bypass", [CRM_HOST, ".example.com", "*", "localhost,example.com"])
def test_a_host_that_needs_no_proxy(
    kiosk: Kiosk, stranger: FakeCrm, authority: Authority, monkeypatch: pytest.MonkeyPatch, bypass: str
) -> None:
    """Row 46: hosts in NO_PROXY are not sent through a proxy; here that leaves no path."""
    monkeypatch.setenv("HTTPS_PROXY", stranger.url)
    monkeypatch.setenv("NO_PROXY", bypass)
    monkeypatch.setattr(socket, "getaddrinfo", nobody_knows)
    kiosk.add_leads(2)
    kiosk.use_connector(make_rest(f"https://{CRM_HOST}", make_network_settings(authority, "system")))

    kiosk.drain()

    require_held_back(kiosk, "CRM unreachable", f"no address for {CRM_HOST}")


def nobody_knows(*name: object, **options: object) -> None:
    """A name server that knows no names."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
