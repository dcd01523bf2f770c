"""When a device was last heard of, whatever happens to the clock."""

import pytest

from data import devices
from data.store import writing


@pytest.mark.parametrize("jump", [-7200.0, -1.0, 6.0])
def test_a_device_that_is_heard_after_the_clock_was_set_was_heard_just_now(booth, jump: float) -> None:
    """A clock that was ahead and is set back freezes nothing."""
    devices.add(booth.db, "phone", "post", booth.clock)
    (phone,) = devices.every(booth.db)
    for seconds in (0.0, jump):
        booth.clock.jump(seconds)
        with writing(booth.db):
            devices.note_seen(booth.db, {phone.id}, booth.clock.wall())

    assert booth.clock.wall() == devices.every(booth.db)[0].seen_at


def test_a_device_that_speaks_all_the_time_is_not_written_down_each_time(booth) -> None:
    """Within five seconds what is known is good enough."""
    devices.add(booth.db, "phone", "post", booth.clock)
    (phone,) = devices.every(booth.db)
    first = booth.clock.wall()
    for _ in range(3):
        with writing(booth.db):
            devices.note_seen(booth.db, {phone.id}, booth.clock.wall())
        booth.clock.tick(1.0)

    assert first == devices.every(booth.db)[0].seen_at
