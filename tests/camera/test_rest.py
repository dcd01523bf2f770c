"""When a code counts as seen again."""

from hypothesis import given
from hypothesis import strategies as st

from camera.cooldown import CodeCooldown


def test_a_code_is_new_when_it_is_first_seen() -> None:
    """Even at the very start of the clock."""
    assert CodeCooldown(5.0).mark_seen(b"anna", 0.0)


def test_a_code_that_stays_in_view_stays_ignored_however_long() -> None:
    """A badge left lying under the camera is one visitor, not one every five seconds."""
    rest = CodeCooldown(5.0)
    rest.mark_seen(b"anna", 100.0)

    assert [rest.mark_seen(b"anna", 100.0 + seconds) for seconds in range(1, 61)] == [False] * 60


def test_a_code_is_new_again_only_rest_seconds_after_it_was_last_in_view() -> None:
    """The rest is counted from the last look, not from the first."""
    rest = CodeCooldown(5.0)
    for now in (0.0, 4.0, 8.0):
        rest.mark_seen(b"anna", now)

    assert [rest.mark_seen(b"anna", 12.5), rest.mark_seen(b"anna", 17.5)] == [False, True]


def test_a_different_code_never_rests() -> None:
    """A queue of visitors goes as fast as they can show their badges."""
    rest = CodeCooldown(3600.0)

    assert all(rest.mark_seen(b"visitor %d" % number, 0.001 * number) for number in range(500))


def test_codes_are_told_apart_by_every_byte() -> None:
    """Two badges may differ in nothing but letter case, a space or a zero byte."""
    rest = CodeCooldown(5.0)

    assert all(rest.mark_seen(data, 1.0) for data in (b"ID-1", b"id-1", b"ID-1 ", b"ID-1\0", b"ID-10"))


def test_a_rest_of_no_seconds_ignores_nothing() -> None:
    """`rest_seconds = 0` means that every look counts."""
    rest = CodeCooldown(0.0)

    assert [rest.mark_seen(b"anna", 1.0), rest.mark_seen(b"anna", 1.0)] == [True, True]


def test_what_is_remembered_does_not_grow_with_the_day() -> None:
    """Codes whose rest is over are forgotten."""
    rest = CodeCooldown(5.0)
    for number in range(20_000):
        rest.mark_seen(b"%d" % number, number * 1.0)

    assert len(rest.last_seen) <= 65


def test_forgetting_spares_the_codes_that_still_rest() -> None:
    """A badge in view is ignored also while a hundred others pass."""
    rest = CodeCooldown(5.0)
    rest.mark_seen(b"anna", 0.0)
    for number in range(100):
        rest.mark_seen(b"%d" % number, 0.01 * number)

    assert not rest.mark_seen(b"anna", 1.5)


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.integers(0, 12)), max_size=150))
def test_a_code_is_new_just_when_it_was_out_of_view_for_its_rest(looks: list[tuple[bytes, int]]) -> None:
    """Whatever else is seen in between, and however many codes there are."""
    rest, now, last = CodeCooldown(5.0), 0.0, dict[bytes, float]()
    for data, pause in looks:
        now += pause
        expected = data not in last or now - last[data] >= 5.0
        last[data] = now

        assert rest.mark_seen(data, now) == expected
