"""The pace that a CRM tells: its limit may change, and others may use the same key."""

from pathlib import Path

import pytest

from sync.rate_limiter import Rate, RateLimiter
from tests.support.clock import FakeClock


class Calls:
    """Take slots of a rate limiter until none is free."""

    def __init__(self, path: Path | None = None) -> None:
        self.clock = FakeClock()
        self.pace = RateLimiter("crm", Rate(10, 10.0), path, self.clock)

    def take(self) -> int:
        """How many calls can be made right now."""
        made = 0
        while (call := self.pace.take_slot()) is not None:
            made += 1
            self.pace.open_database().execute(
                "update calls set ended = ? where id = ?", (self.clock.seconds_since_boot(), call)
            )
        return made


def test_a_lower_limit_is_kept_from_then_on() -> None:
    """What was made already counts."""
    calls = Calls()
    for _ in range(3):
        assert calls.pace.take_slot() is not None

    calls.pace.adopt_rate(Rate(5, 10.0))

    assert calls.take() == 2


def test_calls_of_others_take_our_places_until_the_window_has_passed() -> None:
    """The CRM says that fewer are left than our own count says."""
    calls = Calls()
    calls.pace.adopt_rate(Rate(10, 10.0), 4)

    first = calls.take()
    calls.clock.tick(10.1)
    later = calls.take()

    assert (first, later) == (4, 10)


@pytest.mark.parametrize("left", [10, 8, 1000, None])
def test_more_than_we_count_on_changes_nothing(left: int | None) -> None:
    """Our own count is the more careful one."""
    calls = Calls()
    for _ in range(2):
        assert calls.pace.take_slot() is not None

    calls.pace.adopt_rate(Rate(10, 10.0), left)

    assert calls.take() == 8


def test_other_processes_of_the_kiosk_keep_the_places_free_too(tmp_path: Path) -> None:
    """They count in the same file."""
    here, there = Calls(tmp_path / "pace.db"), Calls(tmp_path / "pace.db")

    here.pace.adopt_rate(Rate(10, 10.0), 3)

    assert there.take() == 3
