"""Hearing of it when the network changes: a cable, a WiFi, an address, a route."""

import logging
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

log = logging.getLogger(__name__)

_NETLINK_GROUPS = 0x1 | 0x10 | 0x40 | 0x100 | 0x400
"""Of rtnetlink(7), as <linux/rtnetlink.h> numbers them: links, IPv4 and IPv6 addresses, IPv4 and IPv6 routes."""

_SETTLE_SECONDS = 0.3
"""A change comes as many messages: an address, its routes."""

POLL_SECONDS = 2.0
"""Between two looks at the routes, where the kernel tells nobody."""

_ROUTE_TABLES = (Path("/proc/net/route"), Path("/proc/net/ipv6_route"))


class NetworkWatch:
    """
    A thread that calls *changed* soon after the network changed.

    The messages are not read: that there is one says enough. Where there is no netlink the routes are compared.
    """

    def __init__(self, on_change: Callable[[], None]) -> None:
        self.on_change = on_change
        threading.Thread(target=self._run, name="links", daemon=True).start()

    def _run(self) -> None:
        """Wait for a change, and tell; for ever."""
        try:
            ear = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            ear.bind((0, _NETLINK_GROUPS))
        except (OSError, AttributeError):
            log.info("the kernel does not tell of network changes; the routes are looked at now and then")
            self._poll_routes()
            return
        while True:
            with suppress(OSError):  # more messages than the socket holds: something changed all the same
                ear.recv(65536)
            time.sleep(_SETTLE_SECONDS)
            ear.setblocking(False)
            with suppress(OSError):
                while ear.recv(65536):
                    pass
            ear.setblocking(True)
            self.on_change()

    def _poll_routes(self) -> None:
        """Look at the routes now and then, and tell when they are others."""
        before = _read_routes()
        while True:
            time.sleep(POLL_SECONDS)
            if (now := _read_routes()) != before:
                before = now
                self.on_change()


def _read_routes() -> list[bytes]:
    """The routes that there are now."""
    found = []
    for table in _ROUTE_TABLES:
        with suppress(OSError):
            found.append(table.read_bytes())
    return found
