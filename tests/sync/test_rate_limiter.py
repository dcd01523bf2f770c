"""Never more calls than the CRM allows, in any of its windows, whichever process makes them."""

import asyncio
import random
import stat
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sync.rate_limiter import MAX_CALL_SECONDS, Rate, RateLimiter
from tests.support.clock import FakeClock

ROOT = Path(__file__).parents[2]


def count_slots(limiter: RateLimiter, times: int) -> int:
    """How many of so many calls may be made right now."""
    return sum(limiter.take_slot() is not None for _ in range(times))


def test_no_more_calls_than_the_limit_are_made_in_a_window() -> None:
    """And as many as that are."""
    clock = FakeClock()
    limiter = RateLimiter("crm", Rate(3, 10.0), clock=clock)

    assert count_slots(limiter, 5) == 3
    clock.tick(9.9)
    assert count_slots(limiter, 1) == 0


def test_a_place_is_free_a_window_after_the_answer_came() -> None:
    """Whenever the CRM counted the call, it is out of its window by then."""
    clock = FakeClock()
    limiter = RateLimiter("crm", Rate(1, 10.0), clock=clock)

    async def one_call() -> None:
        async with limiter.wait_for_slot():
            clock.tick(4.0)

    asyncio.run(one_call())

    clock.tick(9.9)
    assert count_slots(limiter, 1) == 0
    clock.tick(0.2)
    assert count_slots(limiter, 1) == 1


@pytest.mark.parametrize("seed", range(20))
def test_wherever_the_crm_counts_the_calls_none_of_its_windows_is_too_full(seed: int) -> None:
    """A rolling window of the CRM's own, with calls that arrive early or late in the time that they take."""
    chance, clock = random.Random(seed), FakeClock()
    limiter, counted, ends = RateLimiter("crm", Rate(5, 10.0), clock=clock), [], []
    for _ in range(2000):
        clock.tick(chance.uniform(0.0, 0.5))
        for end in [end for end in ends if end[0] <= clock.seconds_since_boot()]:
            ends.remove(end)
            limiter.open_database().execute(
                "update calls set ended = ? where id = ?", (clock.seconds_since_boot(), end[1])
            )
        if (call := limiter.take_slot()) is not None:
            takes_seconds = chance.choice([0.01, 0.5, 3.0])
            counted.append(clock.seconds_since_boot() + chance.uniform(0.0, takes_seconds))
            ends.append((clock.seconds_since_boot() + takes_seconds, call))

    fullest = max(sum(moment - 10.0 < other <= moment for other in counted) for moment in counted)
    assert len(counted) > 200
    assert fullest <= 5


def test_no_limit_is_no_file(tmp_path: Path) -> None:
    """Nothing is counted where nothing has to be."""
    limiter = RateLimiter("crm", Rate(0), tmp_path / "pace.db")

    async def one_call() -> None:
        async with limiter.wait_for_slot():
            pass

    asyncio.run(one_call())

    assert list(tmp_path.iterdir()) == []


def test_each_destination_has_its_own_count(tmp_path: Path) -> None:
    """A second CRM is not slowed down by the first."""
    clock = FakeClock()
    one, other = (RateLimiter(name, Rate(2, 10.0), tmp_path / "pace.db", clock) for name in ("hubspot", "salesforce"))

    assert (count_slots(one, 3), count_slots(other, 3)) == (2, 2)


def test_a_clock_that_jumps_frees_no_place_and_holds_none() -> None:
    """Only the time that has really passed counts."""
    clock = FakeClock()
    limiter = RateLimiter("crm", Rate(1, 10.0), clock=clock)
    count_slots(limiter, 1)

    clock.jump(3600.0)
    assert count_slots(limiter, 1) == 0
    clock.jump(-7200.0)
    clock.tick(MAX_CALL_SECONDS + 10.1)
    assert count_slots(limiter, 1) == 1


def test_calls_of_another_boot_do_not_count(tmp_path: Path) -> None:
    """Their times mean nothing now."""
    clock = FakeClock()
    assert count_slots(RateLimiter("crm", Rate(1, 10.0), tmp_path / "pace.db", clock), 2) == 1

    clock.restart("boot-2")

    assert count_slots(RateLimiter("crm", Rate(1, 10.0), tmp_path / "pace.db", clock), 2) == 1


def test_the_file_is_its_owner_s(tmp_path: Path) -> None:
    """As everything else of the kiosk's."""
    count_slots(RateLimiter("crm", Rate(1, 10.0), tmp_path / "pace.db"), 1)

    assert stat.S_IMODE((tmp_path / "pace.db").stat().st_mode) == 0o600


TAKER = """
import sys
from pathlib import Path
from sync.rate_limiter import RateLimiter, Rate

limiter = RateLimiter("crm", Rate(20, 60.0), Path(sys.argv[1]))
print(sum(limiter.take_slot() is not None for _ in range(20)))
"""


def test_several_processes_share_one_limit(tmp_path: Path) -> None:
    """Four processes at once get as many calls as one would."""
    command = [sys.executable, "-c", TAKER, str(tmp_path / "pace.db")]
    takers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]

    assert sum(int(taker.communicate(timeout=60)[0]) for taker in takers) == 20


def test_the_practice_crm_counts_no_call_too_many(practice_crm: Any) -> None:
    """Its own rolling window is the referee: fourteen callers at once, and no call is over the limit of eight."""
    practice_crm.set_faults(rate_limit=8, delay="0-0.2")
    limiter = RateLimiter("crm", Rate(8, 10.0))

    async def call(get: Callable[[], Awaitable[Any]]) -> None:
        async with limiter.wait_for_slot():
            await get()

    async def all_calls() -> None:
        get = lambda: asyncio.to_thread(practice_crm.call, "GET", "/api/v1/contacts/nobody")  # noqa: E731
        await asyncio.gather(*(call(get) for _ in range(14)))

    asyncio.run(all_calls())

    assert practice_crm.stats()["over"] == 0


def test_a_damaged_count_starts_over(tmp_path: Path) -> None:
    """It is never flushed, and a power cut may leave anything; nothing in it is owed to anybody."""
    (tmp_path / "pace.db").write_bytes(b"not a database at all" * 500)

    assert count_slots(RateLimiter("crm", Rate(3, 10.0), tmp_path / "pace.db"), 5) == 3
