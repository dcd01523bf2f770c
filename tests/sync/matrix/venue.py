"""What stands in the world: a CRM with a name, the page that tells of the internet, a portal, a name server."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

from sync.settings.network import NetworkSettings
from tests.sync.matrix.air import CHECK, PORTAL, RESOLVER, Venue
from tests.sync.matrix.air import CRM as CRM_ADDRESS
from tests.sync.matrix.booth import Kiosk, rest
from tests.sync.matrix.certificates import Authority
from tests.sync.matrix.crm import Crm, says
from tests.sync.matrix.resolver import Resolver
from tests.sync.matrix.wire import HTML, PAGE, reply

NAME = "crm.example.com"
INTERNET = reply("200 OK", b"NetworkManager is online\n", "Content-Type: text/plain")


@dataclass
class Booth:
    """A kiosk in a hall."""

    venue: Venue
    folder: Path
    crm: Crm
    check: Crm
    """The page that tells whether the internet is there."""
    portal: Crm
    """Who answers on port 443 in the name of everybody, once the name server says so."""
    resolver: Resolver
    network: NetworkSettings
    kiosk: Kiosk = field(init=False)

    @property
    def url(self) -> str:
        """Where leads go."""
        return f"https://{NAME}"

    def meet(self, count: int, **fields: Any) -> Kiosk:
        """A kiosk with so many leads; called in the hall, where it is used."""
        (self.folder / "kiosk").mkdir()
        self.kiosk = Kiosk(self.folder / "kiosk")
        self.kiosk.meet(count, **fields)
        self.kiosk.use(rest(self.url, self.network))
        return self.kiosk

    def resolves(self, content: str) -> None:
        """What /etc/resolv.conf and /etc/hosts say in the hall; called there."""
        self.venue.hall.has_file("/etc/resolv.conf", content, self.folder)
        self.venue.hall.has_file("/etc/hosts", "127.0.0.1 localhost\n", self.folder)

    def close(self) -> None:
        """Stop all."""
        for server in (self.crm, self.check, self.portal):
            server.stop()
        self.resolver.close()


def build(venue: Venue, folder: Path, authority: Authority) -> Booth:
    """Put the world in its place; called in the world."""
    crm = Crm(CRM_ADDRESS, 443, tls=authority.server(NAME))
    check = Crm(CHECK, 80)
    check.fault = says(INTERNET)
    portal = Crm(PORTAL, 443, tls=authority.server("wifi.example.net"))
    portal.fault = says(reply("200 OK", PAGE, HTML))
    resolver = Resolver(RESOLVER)
    resolver.names = {NAME: [CRM_ADDRESS]}
    network = NetworkSettings(proxy="none", ca_file=str(authority.file), check_url=f"http://{CHECK}/check")
    network.check()
    return Booth(venue, folder, crm, check, portal, resolver, network)


def in_the_hall(test: Callable[..., None]) -> Callable[..., None]:
    """Have a test run in the hall of its `booth`."""

    @wraps(test)
    def run(*, booth: Booth, **fixtures: Any) -> None:
        def inside() -> None:
            booth.resolves(f"nameserver {RESOLVER}\noptions timeout:1 attempts:1\n")
            try:
                test(booth=booth, **fixtures)
            finally:
                if hasattr(booth, "kiosk"):
                    booth.kiosk.close()

        booth.venue.hall.run(inside)

    return run
