"""When a code counts as new again."""

from hypothesis import given
from hypothesis import strategies as st

from camera.cooldown import CodeCooldown


def test_a_code_is_new_when_it_is_first_seen() -> None:
    """Even when the clock starts."""
    assert CodeCooldown(5.0).mark_seen(b"anna", 0.0)


def test_a_code_that_stays_in_view_stays_ignored_however_long() -> None:
    """A badge left lying under the camera is one visitor, not one every five seconds."""
    rest = CodeCooldown(5.0)
    rest.mark_seen(b"anna", 100.0)

    assert [rest.mark_seen(b"anna", 100.0 + seconds) for seconds in range(1, 61)] == [False] * 60


def test_a_code_is_new_again_after_the_cooldown() -> None:
    """It is counted from the last sighting, not from the first."""
    rest = CodeCooldown(5.0)
    for now in (0.0, 4.0, 8.0):
        rest.mark_seen(b"anna", now)

    assert [rest.mark_seen(b"anna", 12.5), rest.mark_seen(b"anna", 17.5)] == [False, True]


def test_a_different_code_has_no_cooldown() -> None:
    """A queue of visitors moves as fast as they can show their badges."""
    rest = CodeCooldown(3600.0)

    assert all(rest.mark_seen(b"visitor %d" % number, 0.001 * number) for number in range(500))


def test_codes_are_compared_byte_by_byte() -> None:
    """Two badges may differ only in letter case, a space or a zero byte."""
    rest = CodeCooldown(5.0)

    assert all(rest.mark_seen(data, 1.0) for data in (b"ID-1", b"id-1", b"ID-1 ", b"ID-1\0", b"ID-10"))


def test_a_cooldown_of_zero_ignores_nothing() -> None:
    """With `rest_seconds = 0` every sighting counts."""
    rest = CodeCooldown(0.0)

    assert [rest.mark_seen(b"anna", 1.0), rest.mark_seen(b"anna", 1.0)] == [True, True]


def test_memory_does_not_grow_over_the_day() -> None:
    """Codes whose cooldown is over are forgotten."""
    rest = CodeCooldown(5.0)
    for number in range(20_000):
        rest.mark_seen(b"%d" % number, number * 1.0)

    assert len(rest.last_seen) <= 65


def test_codes_within_their_cooldown_are_not_forgotten() -> None:
    """A badge in view stays ignored while a hundred others pass."""
    rest = CodeCooldown(5.0)
    rest.mark_seen(b"anna", 0.0)
    for number in range(100):
        rest.mark_seen(b"%d" % number, 0.01 * number)

    assert not rest.mark_seen(b"anna", 1.5)


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 12)), max_size=150))
def test_a_code_is_new_exactly_after_a_cooldown_out_of_view(looks: list[tuple[bytes, int]]) -> None:
    """Whatever else is seen in between, and however many codes there are."""
    rest, now, last = CodeCooldown(5.0), 0.0, dict[bytes, float]()
    for data, pause in looks:
        now += pause
        expected = data not in last or now - last[data] >= 5.0
        last[data] = now

        assert rest.mark_seen(data, now) == expected
