"""The world behind the WiFi: a CRM with a name, the page of the connectivity check, a portal, a name server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from sync.settings.network import NetworkSettings
from tests.sync.matrix.certificates import Authority
from tests.sync.matrix.fake_crm import FakeCrm, respond_with
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest
from tests.sync.matrix.network_namespaces import CHECK_ADDRESS, CRM_ADDRESS, PORTAL_ADDRESS, RESOLVER_ADDRESS, Venue
from tests.sync.matrix.resolver import Resolver
from tests.sync.matrix.wire import HTML, PAGE, build_response

CRM_HOST = "crm.example.com"
INTERNET_RESPONSE = build_response("200 OK", b"NetworkManager is online\n", "Content-Type: text/plain")


@dataclass
class Booth:
    """A kiosk in a hall."""

    venue: Venue
    folder: Path
    crm: FakeCrm
    check: FakeCrm
    """The page of the connectivity check."""
    portal: FakeCrm
    """The portal that answers on port 443 for every host, once the name server says so."""
    resolver: Resolver
    network: NetworkSettings
    kiosk: Kiosk = field(init=False)

    @property
    def url(self) -> str:
        """The URL of the CRM."""
        return f"https://{CRM_HOST}"

    def meet(self, count: int, **fields: Any) -> Kiosk:
        """Create the kiosk with *count* leads; call it in the hall."""
        (self.folder / "kiosk").mkdir()
        self.kiosk = Kiosk(self.folder / "kiosk")
        self.kiosk.add_leads(count, **fields)
        self.kiosk.use_connector(make_rest(self.url, self.network))
        return self.kiosk

    def set_resolver(self, content: str) -> None:
        """Set /etc/resolv.conf and /etc/hosts in the hall; call it there."""
        self.venue.hall.bind_file("/etc/resolv.conf", content, self.folder)
        self.venue.hall.bind_file("/etc/hosts", "127.0.0.1 localhost\n", self.folder)

    def close(self) -> None:
        """Stop all servers."""
        for server in (self.crm, self.check, self.portal):
            server.stop()
        self.resolver.close()


def build_booth(venue: Venue, folder: Path, authority: Authority) -> Booth:
    """Start the servers; call it in the world."""
    crm = FakeCrm(CRM_ADDRESS, 443, tls=authority.server(CRM_HOST))
    check = FakeCrm(CHECK_ADDRESS, 80)
    check.fault = respond_with(INTERNET_RESPONSE)
    portal = FakeCrm(PORTAL_ADDRESS, 443, tls=authority.server("wifi.example.net"))
    portal.fault = respond_with(build_response("200 OK", PAGE, HTML))
    resolver = Resolver(RESOLVER_ADDRESS)
    resolver.names = {CRM_HOST: [CRM_ADDRESS]}
    network = NetworkSettings(proxy="none", ca_file=str(authority.file), check_url=f"http://{CHECK_ADDRESS}/check")
    network.check()
    return Booth(venue, folder, crm, check, portal, resolver, network)


def run_in_hall(test: Callable[..., None]) -> Callable[..., None]:
    """Run a test in the hall of its `booth`."""

    @wraps(test)
    def run(*, booth: Booth, **fixtures: Any) -> None:
        def inside() -> None:
            booth.set_resolver(f"nameserver {RESOLVER_ADDRESS}\noptions timeout:1 attempts:1\n")
            try:
                test(booth=booth, **fixtures)
            finally:
                if hasattr(booth, "kiosk"):
                    booth.kiosk.close()

        booth.venue.hall.run(inside)

    return run
