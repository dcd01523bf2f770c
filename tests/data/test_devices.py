"""When a device was last seen, whatever happens to the clock."""

import pytest

from data import devices
from data.store import write_transaction
from tests.data.conftest import Booth


@pytest.mark.parametrize("jump", [-7200.0, -1.0, 6.0])
def test_a_device_that_is_heard_after_the_clock_was_set_was_heard_just_now(booth: Booth, jump: float) -> None:
    """A clock that was ahead and is set back does not freeze the time."""
    devices.add_device(booth.db, "phone", "post", booth.clock)
    (phone,) = devices.list_devices(booth.db)
    for seconds in (0.0, jump):
        booth.clock.jump(seconds)
        with write_transaction(booth.db):
            devices.record_last_seen(booth.db, {phone.id}, booth.clock.wall_time())

    assert booth.clock.wall_time() == devices.list_devices(booth.db)[0].seen_at


def test_a_device_that_speaks_all_the_time_is_not_written_down_each_time(booth: Booth) -> None:
    """A time that is less than five seconds old is good enough."""
    devices.add_device(booth.db, "phone", "post", booth.clock)
    (phone,) = devices.list_devices(booth.db)
    first = booth.clock.wall_time()
    for _ in range(3):
        with write_transaction(booth.db):
            devices.record_last_seen(booth.db, {phone.id}, booth.clock.wall_time())
        booth.clock.tick(1.0)

    assert devices.list_devices(booth.db)[0].seen_at == first
