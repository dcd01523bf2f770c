"""Watch for changes of the network: a cable, a WiFi, an address, a route."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

# rtnetlink(7) groups as <linux/rtnetlink.h> numbers them: links, IPv4 and IPv6 addresses, IPv4 and IPv6 routes.
_NETLINK_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400

# How long to wait after the first message before reporting a change, which comes as several: an address, its routes.
_SETTLE_SECONDS = 0.3

# How often the routes are compared if the kernel reports no changes.
_POLL_SECONDS = 2.0

_ROUTE_TABLES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))


class NetworkWatch:
    """
    A thread that calls *on_change* soon after the network changed.

    The messages are not parsed: that there is one says enough. Without netlink the routes are compared.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.on_change = on_change
        threading.Thread(target=self._run, name="network watch", daemon=True).start()  # not shown: a thread's name

    def _run(self) -> None:
        """Wait for changes and report them, indefinitely."""
        try:
            receiver = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            receiver.bind((0, _NETLINK_GROUPS))
        except (OSError, AttributeError):
            log.info("the kernel reports no network changes; the routes are polled")
            self._poll_routes()
            return
        while True:
            with suppress(OSError):  # ENOBUFS: more messages than the socket holds, so something changed all the same
                receiver.recv(65536)
            time.sleep(_SETTLE_SECONDS)
            receiver.setblocking(False)
            with suppress(OSError):
                while receiver.recv(65536):
                    pass
            receiver.setblocking(True)
            self.on_change()

    def _poll_routes(self) -> None:
        """Compare the routes every few seconds, and report when they differ."""
        before = _read_routes()
        while True:
            time.sleep(_POLL_SECONDS)
            if (now := _read_routes()) != before:
                before = now
                self.on_change()


def _read_routes() -> list[bytes]:
    """Return the current routes, as the kernel lists them."""
    found = []
    for table in _ROUTE_TABLES:
        with suppress(OSError):
            found.append(table.read_bytes())
    return found
