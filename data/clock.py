"""The time: what the wall clock says, and what has really passed since this machine was started."""

import ctypes
import time
from functools import cache
from pathlib import Path
from typing import Protocol
from uuid import uuid4

_ADJTIMEX_UNSYNCHRONIZED = 5
"""What adjtimex(2) returns while the clock is not synchronised."""


FIRST_RELEASE_TIME = 1_767_225_600.0
"""1 January 2026, before which no version of the kiosk was released: a clock that is behind it is wrong for sure."""


class Clock(Protocol):
    """A source of time."""

    boot_id: str
    """Which start of the machine `mono` counts from."""

    def wall_time(self) -> float:
        """Seconds since 1970 UTC, as the machine believes; it may jump."""
        ...

    def seconds_since_boot(self) -> float:
        """Seconds since this boot, suspension included; it never jumps."""
        ...

    def is_synchronized(self) -> bool:
        """Whether the wall clock has been set by a time server."""
        ...


class SystemClock:
    """This machine's clock."""

    def __init__(self) -> None:
        self.boot_id = read_boot_id()

    def wall_time(self) -> float:
        """Seconds since 1970 UTC."""
        return time.time()

    def seconds_since_boot(self) -> float:
        """Seconds since this boot; unlike `time.monotonic` it goes on while a laptop sleeps."""
        return time.clock_gettime(_BOOT_CLOCK)

    def is_synchronized(self) -> bool:
        """Whether the kernel counts the clock as synchronised, see adjtimex(2)."""
        try:
            return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(512)) not in (-1, _ADJTIMEX_UNSYNCHRONIZED)
        except (AttributeError, OSError):
            return False


_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@cache
def read_boot_id() -> str:
    """An id of this start of the machine; where the kernel has none, of this start of the program."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return str(uuid4())
