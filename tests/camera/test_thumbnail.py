"""The small image for the viewfinder."""

import numpy as np
import pytest

from camera.payload import Frame
from camera.thumbnail import OUTLINE_BGR, make_thumbnail


def draw_quarters(height: int = 480, width: int = 640) -> Frame:
    """Return an image of four quarters: red, green; blue, white (BGR)."""
    frame = np.zeros((height, width, 3), np.uint8)
    frame[: height // 2, : width // 2] = (0, 0, 255)
    frame[: height // 2, width // 2 :] = (0, 255, 0)
    frame[height // 2 :, : width // 2] = (255, 0, 0)
    frame[height // 2 :, width // 2 :] = (255, 255, 255)
    return frame


def read_corners(small: Frame) -> list[tuple[int, ...]]:
    """Return the colours in the four corners, left to right and top to bottom."""
    return [tuple(int(value) for value in small[row, column]) for row in (0, -1) for column in (0, -1)]


def test_it_is_rgb_although_frames_are_bgr() -> None:
    """A terminal's colours begin with red."""
    small = make_thumbnail(draw_quarters(), 40, 30)

    assert read_corners(small) == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)]
    assert np.uint8 == small.dtype


def test_mirrored_only_swaps_left_and_right() -> None:
    """People who see themselves expect a mirror."""
    small = make_thumbnail(draw_quarters(), 40, 30, mirrored=True)

    assert read_corners(small) == [(0, 255, 0), (255, 0, 0), (255, 255, 255), (0, 0, 255)]


@pytest.mark.parametrize("shape", [(720, 1280, 3), (1280, 720, 3), (720, 1280), (64, 64, 3), (1, 1, 3), (3, 2000)])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (80, 44), (7, 90), (300, 2), (400, 300)])
def test_it_has_exactly_the_requested_size(shape: tuple[int, ...], width: int, height: int) -> None:
    """Whatever the frame's shape, in colour or grey, larger or smaller; in contiguous memory."""
    small = make_thumbnail(
        np.full(shape, 128, np.uint8), width, height, [((0, 0), (1, 0), (1, 1), (0, 1))], mirrored=True
    )

    assert small.shape == (height, width, 3)
    assert small.flags["C_CONTIGUOUS"]


def test_a_frame_is_cropped_and_not_distorted() -> None:
    """A circle stays a circle: the middle third of a wide frame fills a narrow image."""
    frame = np.zeros((300, 900, 3), np.uint8)
    frame[:, 300:600] = 200

    small = make_thumbnail(frame, 30, 30)

    assert set(read_corners(small)) == {(200, 200, 200)}


def test_a_code_is_outlined_where_it_is() -> None:
    """Green on its edge, unchanged inside and around it."""
    frame = np.full((480, 640, 3), 100, np.uint8)

    small = make_thumbnail(frame, 160, 120, [((160, 120), (480, 120), (480, 360), (160, 360))])
    blue, green, red = OUTLINE_BGR

    assert tuple(int(value) for value in small[60, 40]) == (red, green, blue)
    assert tuple(int(value) for value in small[30, 80]) == (red, green, blue)
    assert [100, 100, 100] == small[60, 80].tolist() == small[10, 10].tolist()


def test_the_outline_is_mirrored_with_the_image() -> None:
    """Otherwise it would be around the wrong place."""
    frame = np.full((480, 640, 3), 100, np.uint8)

    small = make_thumbnail(frame, 160, 120, [((40, 40), (200, 40), (200, 200), (40, 200))], mirrored=True)

    assert small[30, 10].tolist() == [100, 100, 100]
    assert small[30, 149].tolist() != [100, 100, 100]


def test_the_frame_is_not_changed() -> None:
    """The decoder may still need it."""
    frame = draw_quarters()
    before = frame.copy()
    make_thumbnail(frame, 40, 30, [((0, 0), (100, 0), (100, 100), (0, 100))])
    make_thumbnail(frame, 320, 240, [((0, 0), (100, 0), (100, 100), (0, 100))])

    assert np.array_equal(before, frame)


@pytest.mark.parametrize("code", [(), ((5, 5),), ((-900, -900), (9000, 0), (9000, 9000), (0, 9000))])
def test_corners_may_be_missing_or_outside(code: tuple[tuple[int, int], ...]) -> None:
    """A decoder may place a corner outside the image."""
    small = make_thumbnail(draw_quarters(), 40, 30, [code])

    assert small.shape == (30, 40, 3)
