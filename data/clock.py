"""The clock: wall time, and the time since this machine was started."""

import ctypes
import time
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_ADJTIMEX_UNSYNCHRONIZED = 5
"""What adjtimex(2) returns while the clock is not synchronised."""

FIRST_RELEASE_TIME = 1_767_225_600.0
"""1 January 2026, before the first release: a clock that is behind it is certainly wrong."""


class Clock(Protocol):
    """A source of time."""

    boot_id: str
    """Identifies the start of the machine that `seconds_since_boot` counts from."""

    def wall_time(self) -> float:
        """Seconds since 1970 UTC, as the machine believes; it may jump."""
        ...

    def seconds_since_boot(self) -> float:
        """Seconds since this boot, including suspension; it never jumps."""
        ...

    def is_synchronized(self) -> bool:
        """Return whether a time server has set the wall clock."""
        ...


class SystemClock:
    """This machine's clock."""

    def __init__(self) -> None:
        self.boot_id = read_boot_id()

    def wall_time(self) -> float:
        """Seconds since 1970 UTC."""
        return time.time()

    def seconds_since_boot(self) -> float:
        """Seconds since this boot; unlike `time.monotonic` it continues while a laptop sleeps."""
        return time.clock_gettime(_BOOT_CLOCK)

    def is_synchronized(self) -> bool:
        """Return whether the kernel considers the clock synchronised (adjtimex(2))."""
        try:
            return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) not in (-1, _ADJTIMEX_UNSYNCHRONIZED)
        except (AttributeError, OSError):
            return False


_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@cache
def read_boot_id() -> str:
    """Return an id of this start of the machine; where the kernel has none, of this start of the program."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(uuid4())
