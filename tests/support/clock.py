"""A clock that stands still until a test moves it."""

from dataclasses import dataclass


@dataclass
class FakeClock:
    """A clock that stands still until a test moves it."""

    boot_id: str = "boot-1"
    now: float = 1_800_000_000.0
    """What the wall clock says."""
    up: float = 100.0
    """Seconds since boot."""
    is_synced: bool = True

    def wall_time(self) -> float:
        """Seconds since 1970 UTC."""
        return self.now

    def seconds_since_boot(self) -> float:
        """Seconds since this boot."""
        return self.up

    def is_synchronized(self) -> bool:
        """Return whether a time server has set the clock."""
        return self.is_synced

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.up += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock; no time passes."""
        self.now += seconds

    def restart(self, boot: str) -> None:
        """Restart the machine."""
        self.boot_id, self.up = boot, 5.0
