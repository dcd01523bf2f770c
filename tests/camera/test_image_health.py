"""A camera that shows nothing is distinguished from one that works."""

from collections.abc import Callable
from itertools import cycle

import numpy as np
import pytest

from camera.image_health import BLACK_IMAGE, FAULT_DELAY_SECONDS, FROZEN_IMAGE, ImageHealth
from camera.payload import Frame

SHAPES = [(720, 1280, 3), (480, 640, 3), (64, 64, 3), (480, 640)]
RNG = np.random.default_rng(7)


def make_dark_frame(shape: tuple[int, ...]) -> Frame:
    """Return an image from a covered sensor: some noise near zero."""
    return RNG.integers(0, 8, shape, dtype=np.uint8)


def make_lit_frame(shape: tuple[int, ...]) -> Frame:
    """Return an image of a booth, with a sensor's noise."""
    return RNG.integers(40, 200, shape, dtype=np.uint8)


def check_after(seconds: float, picture: Callable[[], Frame], start: float = 1000.0) -> str:
    """Return the problem after *seconds* of images, ten per second."""
    health = ImageHealth()
    for tick in range(round(seconds * 10) + 1):
        health.check_frame(picture(), start + tick / 10)
    return health.problem


@pytest.mark.parametrize("shape", SHAPES)
def test_lasting_black_images_are_reported(shape: tuple[int, ...]) -> None:
    """In every size, in colour and in grey."""
    frames = cycle([make_dark_frame(shape), make_dark_frame(shape)])

    assert check_after(FAULT_DELAY_SECONDS, lambda: next(frames)) == BLACK_IMAGE


@pytest.mark.parametrize("shape", SHAPES)
def test_images_of_a_booth_are_healthy(shape: tuple[int, ...]) -> None:
    """Neither black nor frozen, for longer than either takes."""
    frames = cycle([make_lit_frame(shape), make_lit_frame(shape)])

    assert check_after(8.0, lambda: next(frames)) == ""


def test_a_short_darkness_is_not_reported() -> None:
    """Somebody may just be passing."""
    assert check_after(FAULT_DELAY_SECONDS - 0.2, lambda: make_dark_frame((480, 640, 3))) == ""


def test_the_even_grey_of_a_covered_lens_counts_as_black() -> None:
    """Automatic gain lifts the black of a cover to a dull grey without any shape in it."""
    assert check_after(FAULT_DELAY_SECONDS, lambda: np.full((480, 640, 3), 40, np.uint8)) == BLACK_IMAGE


def test_a_dim_booth_is_not_black() -> None:
    """A lamp in the image is something to see."""
    frame = np.full((480, 640, 3), 6, np.uint8)
    frame[200:260, 300:360] = 180

    assert check_after(FAULT_DELAY_SECONDS, lambda: frame) == ""


def test_an_image_that_never_changes_is_reported_as_frozen() -> None:
    """A sensor has noise; a driver that repeats its last image does not."""
    frame = make_lit_frame((480, 640, 3))

    assert check_after(2 * FAULT_DELAY_SECONDS + 0.2, lambda: frame) == FROZEN_IMAGE


def test_an_image_that_briefly_does_not_change_is_healthy() -> None:
    """A driver may repeat an image while it adjusts."""
    frame = make_lit_frame((480, 640, 3))

    assert check_after(2 * FAULT_DELAY_SECONDS - 0.2, lambda: frame) == ""


def test_black_pictures_that_repeat_are_black_and_not_frozen() -> None:
    """A covered lens needs a hand, not a restart every six seconds."""
    assert check_after(30.0, lambda: np.zeros((480, 640, 3), np.uint8)) == BLACK_IMAGE


def test_the_problem_ends_with_the_first_good_image() -> None:
    """The delay starts over when it gets dark again."""
    health = ImageHealth()
    for second in range(1, 6):
        health.check_frame(make_dark_frame((64, 64, 3)), float(second))
    was = health.problem

    health.check_frame(make_lit_frame((64, 64, 3)), 6.0)
    then = health.problem
    health.check_frame(make_dark_frame((64, 64, 3)), 7.0)

    assert (was, then, health.problem) == (BLACK_IMAGE, "", "")


def test_a_clock_that_starts_at_zero_works() -> None:
    """A clock that begins at nought makes no exception."""
    assert check_after(FAULT_DELAY_SECONDS, lambda: make_dark_frame((64, 64, 3)), start=0.0) == BLACK_IMAGE


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 5000), (5000, 1, 3), (23, 31, 3)])
def test_images_of_any_shape_are_checked(shape: tuple[int, ...]) -> None:
    """Smaller than the grid of points, or a single line."""
    assert check_after(FAULT_DELAY_SECONDS, lambda: np.zeros(shape, np.uint8)) == BLACK_IMAGE
