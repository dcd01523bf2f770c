"""
Two network namespaces, a hall with a kiosk and the world behind its WiFi, with a link that loses packets on demand.

Hall and world are network namespaces of one thread each, joined by two TUN devices between which a third thread carries
packet by packet. All of it goes with the threads: nothing of it is ever seen by the rest of the machine.
"""

import ctypes
import fcntl
import os
import select
import struct
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

CLONE_NEWNET, CLONE_NEWNS, CLONE_FS = 0x40000000, 0x00020000, 0x00000200
MS_PRIVATE, MS_BIND = 0x4000 | 1 << 18, 4096
"""Of unshare(2) and mount(2)."""

TUNSETIFF, TUN_WITHOUT_HEADER = 0x400454CA, 0x1001

HALL_ADDRESS, WORLD_ADDRESS = "203.0.113.2", "203.0.113.1"
"""Addresses of the documentation (RFC 5737), which are nobody's, and not near."""

CRM_ADDRESS, PORTAL_ADDRESS, CHECK_ADDRESS, RESOLVER_ADDRESS = (
    "203.0.113.10",
    "203.0.113.20",
    "203.0.113.30",
    "203.0.113.53",
)
"""All of them are the world's."""

HALL_6, CRM_6 = "2001:db8::2", "2001:db8::10"

DropRule = Callable[[bytes, bool], bool]
"""Whether a packet is lost, which goes upward (to the world) or not."""

libc = ctypes.CDLL(None, use_errno=True)


class NamespacesUnavailable(Exception):
    """This machine permits no network namespaces."""


class NetworkNamespace:
    """A network namespace, with a thread in it that runs functions."""

    def __init__(self) -> None:
        self.executor = ThreadPoolExecutor(1)
        self.executor.submit(self._enter).result()

    def _enter(self) -> None:
        """Move this thread, and all that it starts, into a network and mount namespace of its own."""
        require_success(libc.unshare(CLONE_NEWNET | CLONE_NEWNS | CLONE_FS))
        require_success(libc.mount(b"none", b"/", None, ctypes.c_ulong(MS_PRIVATE), None))
        # /proc/net is that of a process's first thread, which has stayed where it was.
        of_thread = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/net"
        require_success(
            libc.mount(of_thread.encode(), f"/proc/{os.getpid()}/net".encode(), None, ctypes.c_ulong(MS_BIND), None)
        )
        self.run_shell("ip link set lo up")

    def run(self, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """Run *function* in this namespace."""
        return self.executor.submit(function, *args, **options).result()

    def run_shell(self, *commands: str) -> None:
        """Run shell commands; only from within the namespace."""
        for command in commands:
            subprocess.run(command, shell=True, check=True, capture_output=True)

    def bind_file(self, path: str, content: str, folder: Path) -> None:
        """Bind a file with *content* to *path*, for this namespace only."""
        mine = folder / f"{id(self)}-{Path(path).name}"
        mine.write_text(content)
        mine.chmod(0o644)
        require_success(libc.mount(str(mine).encode(), path.encode(), None, ctypes.c_ulong(MS_BIND), None))

    def open_tun(self, name: str) -> int:
        """Open a TUN device of this namespace, as a file handle."""
        try:
            handle = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise NamespacesUnavailable(f"/dev/net/tun: {error}") from error
        fcntl.ioctl(handle, TUNSETIFF, struct.pack("16sH22x", name.encode(), TUN_WITHOUT_HEADER))
        return handle

    def close(self) -> None:
        """Release the namespace; it vanishes with its last thread and socket."""
        self.executor.shutdown(wait=False)


class PacketLink:
    """The link between hall and world."""

    def __init__(self, hall: int, world: int) -> None:
        self.hall, self.world = hall, world
        self.should_drop: DropRule = lambda packet, upward: False
        self.carried_bytes = {True: 0, False: 0}
        """Bytes, upward and downward."""
        self.is_stopping = False
        self.thread = threading.Thread(target=self._carry_packets, daemon=True)
        self.thread.start()

    def _carry_packets(self) -> None:
        """Carry packets in both directions."""
        while not self.is_stopping:
            ready, _, _ = select.select([self.hall, self.world], [], [], 0.05)
            for source in ready:
                with suppress(OSError):  # a device that is down takes and gives nothing
                    packet, upward = os.read(source, 65536), source == self.hall
                    if not self.should_drop(packet, upward):
                        self.carried_bytes[upward] += len(packet)
                        os.write(self.world if upward else self.hall, packet)

    def close(self) -> None:
        """Close the devices."""
        self.is_stopping = True
        self.thread.join(10)
        os.close(self.hall)
        os.close(self.world)


def require_success(result: int) -> None:
    """Raise `NamespacesUnavailable` if a system call was refused."""
    if result != 0:
        raise NamespacesUnavailable(os.strerror(ctypes.get_errno()))


class Venue:
    """A hall and the world, with the link between them; the hall's default route is the world."""

    def __init__(self) -> None:
        self.hall, self.world = NetworkNamespace(), NetworkNamespace()
        hall, world = self.hall.run(self.hall.open_tun, "hall0"), self.world.run(self.world.open_tun, "world0")
        self.link = PacketLink(hall, world)
        self.world.run(
            self.world.run_shell,
            "ip link set world0 up",
            f"ip addr add {WORLD_ADDRESS}/32 peer {HALL_ADDRESS} dev world0",
            *(
                f"ip addr add {address}/32 dev world0"
                for address in (CRM_ADDRESS, PORTAL_ADDRESS, CHECK_ADDRESS, RESOLVER_ADDRESS)
            ),
            f"ip -6 addr add {CRM_6}/64 dev world0 nodad",
        )
        self.hall.run(self.join_wifi)

    def join_wifi(self) -> None:
        """Join the WiFi; only from within the hall."""
        self.hall.run_shell(
            "ip link set hall0 up",
            f"ip addr replace {HALL_ADDRESS}/32 peer {WORLD_ADDRESS} dev hall0",
            f"ip route replace default via {WORLD_ADDRESS} dev hall0",
            f"ip -6 addr replace {HALL_6}/64 dev hall0 nodad",
            f"ip -6 route replace default via {CRM_6} dev hall0",
        )

    def leave_wifi(self) -> None:
        """Lose the WiFi; only from within the hall."""
        self.hall.run_shell("ip link set hall0 down")

    def close(self) -> None:
        """Release everything."""
        self.hall.close()
        self.world.close()
        self.link.close()


def is_too_large(packet: bytes, upward: bool, *, most: int, up: bool) -> bool:
    """Return whether *packet* is too large for a link that drops large packets in one direction."""
    return upward == up and len(packet) > most


def is_ipv6(packet: bytes) -> bool:
    """Return whether *packet* is IPv6."""
    return packet[0] >> 4 == 6
