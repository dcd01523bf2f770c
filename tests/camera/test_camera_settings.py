"""What `[camera]` in kiosk.toml accepts."""

import math
from typing import Any

import pytest

from camera.settings import DECODERS, CameraSettings, list_sources

GOOD: list[dict[str, Any]] = [
    {},
    {"source": 0},
    {"source": "/dev/v4l/by-id/usb-cam"},
    {"source": ("a.png", "b.png")},
    {"decoders": ("pyzbar",)},
    {"decoders": ("pyzbar", "zxing-cpp")},
    {"width": 64, "height": 8192},
    {"rest_seconds": 0},
    {"rest_seconds": 3600.0},
    {"max_fps": 1},
    {"max_fps": 240.0},
]

BAD: list[tuple[str, Any]] = [
    ("source", -1),
    ("source", ""),
    ("source", "  "),
    ("source", ()),
    ("source", ("a.png", "")),
    ("decoders", ()),
    ("decoders", ("zxing",)),
    ("decoders", ("zxing-cpp", "")),
    ("width", 0),
    ("width", 63),
    ("height", -720),
    ("height", 8193),
    ("rest_seconds", -0.1),
    ("rest_seconds", 3601.0),
    ("rest_seconds", math.nan),
    ("rest_seconds", math.inf),
    ("max_fps", 0.0),
    ("max_fps", 0.5),
    ("max_fps", math.nan),
    ("max_fps", 1000.0),
]


@pytest.mark.parametrize("values", GOOD, ids=str)
def test_valid_values_are_accepted(values: dict[str, Any]) -> None:
    """The limits of each range are valid."""
    settings = CameraSettings(**values)
    settings.check()

    assert set(settings.decoders) <= set(DECODERS)


@pytest.mark.parametrize(("key", "value"), BAD, ids=str)
def test_invalid_values_are_refused_with_their_key(key: str, value: Any) -> None:
    """One sentence says what would be valid."""
    with pytest.raises(ValueError, match=rf"^{key}: [^\n]+\.$"):
        CameraSettings(**{key: value}).check()


def test_an_unknown_decoder_is_named_with_the_known_ones() -> None:
    """Whoever mistyped it sees the correct spelling."""
    with pytest.raises(ValueError) as caught:
        CameraSettings(decoders=("zbar",)).check()

    assert str(caught.value) == "decoders: unknown decoder 'zbar'. Choose from zxing-cpp, pyzbar."


@pytest.mark.parametrize(
    ("source", "texts"), [(0, ["0"]), ("a.png", ["a.png"]), (("a", "b"), ["a", "b"]), (["a"], ["a"])]
)
def test_a_source_is_listed_as_strings(source: Any, texts: list[str]) -> None:
    """A string is one name, not a list of letters."""
    assert list_sources(source) == texts
