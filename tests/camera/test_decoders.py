"""Real codes, read by the real decoders."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from pyzbar import wrapper as zbar_wrapper

from camera.decoders import load_decoders
from camera.errors import DecoderMissing
from camera.opencv import load_opencv
from camera.payload import Frame, Payload
from camera.settings import DECODERS
from tests.support.decoders import make_live_decoder, make_still_decoder

ZXING, ZBAR = ("zxing-cpp",), ("pyzbar",)

ZBAR_MISSING = (
    "pyzbar cannot find the library libzbar0, so codes are read with zxing-cpp only. "
    "Install it with `sudo apt install libzbar0`."
)

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë Müller\r\nORG:Bäckerei Süß;山田\r\nEMAIL:zoe@example.com\r\nEND:VCARD\r\n"


def draw_code(kind: str, content: str | bytes, side: int = 300) -> Frame:
    """Draw a code of *kind* (zxing-cpp's name), grey, about *side* pixels wide."""
    barcode = zxingcpp.create_barcode(content, getattr(zxingcpp.BarcodeFormat, kind))
    grey = np.array(zxingcpp.write_barcode_to_image(barcode, scale=4))
    factor = max(1, side // max(grey.shape))
    return np.repeat(np.repeat(grey, factor, 0), factor, 1)


def draw_codes(*codes: Frame, width: int = 1280, height: int = 720, paper: int = 230) -> Frame:
    """Draw an image with *codes* side by side."""
    frame = np.full((height, width, 3), paper, np.uint8)
    left = 40
    for grey in codes:
        rows, columns = grey.shape
        frame[40 : 40 + rows, left : left + columns] = grey[:, :, None]
        left += columns + 80
    return frame


def read_live(names: tuple[str, ...], frame: Frame, looks: int = 4, one_d: bool = False) -> list[Payload]:
    """Return what is read from an image that is shown a few times."""
    decode = make_live_decoder(names, one_d)
    return list({found.data: found for _ in range(looks) for found in decode(frame)}.values())


@pytest.mark.parametrize(
    ("kind", "symbology"),
    [
        ("QRCode", "qr"),
        ("Aztec", "aztec"),
        ("DataMatrix", "data-matrix"),
        ("PDF417", "pdf417"),
        ("MicroQRCode", "micro-qr"),
    ],
)
@pytest.mark.parametrize("way", ["live", "still"])
def test_each_matrix_code_is_read_by_default(kind: str, symbology: str, way: str) -> None:
    """QR, Micro QR, Aztec, Data Matrix and PDF417, without any setting."""
    frame = draw_codes(draw_code(kind, "ID-00017"))

    found = read_live(DECODERS, frame) if way == "live" else make_still_decoder(DECODERS, False)(frame)

    assert [(payload.text, payload.symbology) for payload in found] == [("ID-00017", symbology)]


@pytest.mark.parametrize("names", [ZXING, ZBAR])
def test_text_is_what_the_bytes_say(names: tuple[str, ...]) -> None:
    """UTF-8 that the code does not declare, for which pyzbar would guess Shift-JIS."""
    frame = draw_codes(draw_code("QRCode", CARD.encode()))

    (found,) = make_still_decoder(names, False)(frame)

    assert (found.data, found.text, found.symbology) == (CARD.encode(), CARD, "qr")


@pytest.mark.parametrize("names", [ZXING, ZBAR])
def test_bytes_are_exact(names: tuple[str, ...]) -> None:
    """Even bytes that are not text are returned unchanged."""
    data = bytes(np.random.default_rng(3).integers(1, 256, 120, dtype=np.uint8))
    frame = draw_codes(draw_code("QRCode", data))

    assert [payload.data for payload in make_still_decoder(names, False)(frame)] == [data]


@pytest.mark.parametrize("names", [ZXING, ZBAR, DECODERS])
def test_two_codes_in_a_picture_both_count(names: tuple[str, ...]) -> None:
    frame = draw_codes(draw_code("QRCode", "MECARD:N:Doe,John;;"), draw_code("QRCode", "WIFI:S:expo;;"))

    assert {found.text for found in read_live(names, frame)} == {"MECARD:N:Doe,John;;", "WIFI:S:expo;;"}


@pytest.mark.parametrize("names", [ZXING, ZBAR, DECODERS])
def test_corners_are_where_the_code_is(names: tuple[str, ...]) -> None:
    """In pixels of the original image, even if it was shrunk for decoding."""
    large = np.full((1440, 2560, 3), 230, np.uint8)
    grey = draw_code("QRCode", CARD, 500)
    large[600 : 600 + grey.shape[0], 1500 : 1500 + grey.shape[1]] = grey[:, :, None]

    (found,) = make_still_decoder(names, False)(large)

    assert len(found.corners) == 4
    assert all(1480 < x < 1520 + grey.shape[1] and 580 < y < 620 + grey.shape[0] for x, y in found.corners)


@cache
def damage_image() -> dict[str, Frame]:
    """Draw a badge as cameras see it on bad days."""
    cv2, frame = load_opencv(), draw_codes(draw_code("QRCode", CARD, 400))
    noise = np.random.default_rng(5).normal(0, 20, frame.shape)
    turn = cv2.getRotationMatrix2D((240, 240), 33, 1)
    return {
        "dark": (frame * 0.12).astype(np.uint8),
        "pale": (frame * 0.15 + 205).astype(np.uint8),
        "noisy": np.clip(frame + noise, 0, 255).astype(np.uint8),
        "blurred": cv2.GaussianBlur(frame, (0, 0), 2.5),
        "turned": cv2.warpAffine(frame, turn, (1280, 720), borderValue=(230, 230, 230)),
        "mirrored": np.ascontiguousarray(frame[:, ::-1]),
        "light on dark": 255 - frame,
        "grey": np.ascontiguousarray(frame[:, :, 0]),
    }


DAMAGES = ("dark", "pale", "noisy", "blurred", "turned", "mirrored", "light on dark", "grey")


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("way", ["live", "still"])
def test_a_damaged_image_is_still_read(how: str, way: str) -> None:
    images = damage_image()
    assert tuple(images) == DAMAGES
    frame = images[how]

    found = read_live(DECODERS, frame, 20) if way == "live" else make_still_decoder(DECODERS, False)(frame)

    assert [payload.text for payload in found] == [CARD]


@pytest.mark.parametrize("names", [ZXING, ZBAR, DECODERS])
def test_nothing_is_read_where_there_is_nothing(names: tuple[str, ...]) -> None:
    """Neither in an empty image, nor in noise, nor in a single pixel."""
    noise = np.random.default_rng(9).integers(0, 256, (480, 640, 3), dtype=np.uint8)

    for frame in (np.zeros((480, 640, 3), np.uint8), noise, np.zeros((1, 1, 3), np.uint8)):
        assert read_live(names, frame, 14) == []
        assert make_still_decoder(names, False)(frame) == []


@pytest.mark.parametrize("names", [ZXING, ZBAR])
def test_bar_codes_are_read_if_enabled(names: tuple[str, ...]) -> None:
    frame = draw_codes(draw_code("Code128", "12345678901234567890", 400))

    assert make_still_decoder(names, False)(frame) == []
    assert [(found.text, found.symbology) for found in make_still_decoder(names, True)(frame)] == [
        ("12345678901234567890", "code128")
    ]


def test_a_bar_code_counts_after_three_equal_reads() -> None:
    """A single read can be wrong. Another code in between restarts the count."""
    decode = make_live_decoder(ZBAR, one_d=True)
    one, other = draw_codes(draw_code("Code128", "11111111", 400)), draw_codes(draw_code("Code128", "22222222", 400))

    told = [[found.text for found in decode(frame)] for frame in (one, one, other, one, one, one)]

    assert told == [[], [], [], [], [], ["11111111"]]


def test_without_libzbar_only_zxing_cpp_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """One error says so."""

    def missing(one_d: bool) -> None:
        raise DecoderMissing("pyzbar finds no libzbar0.")

    monkeypatch.setattr("camera.decoders.zbar.make_decoder", missing)
    for names in (DECODERS, ZBAR, ("pyzbar", "zxing-cpp")):
        decoders, sentences = load_decoders(names, False)

        assert [str(error) for error in sentences] == ["pyzbar finds no libzbar0."]
        assert [found.text for found in decoders.primary(draw_codes(draw_code("QRCode", "ID-1")))] == ["ID-1"]


def test_decoders_are_used_in_the_order_of_the_settings() -> None:
    """pyzbar cannot read Data Matrix; zxing-cpp after it does, in a still image."""
    frame = draw_codes(draw_code("DataMatrix", "ID-00017"))

    assert make_still_decoder(ZBAR, False)(frame) == []
    assert [found.text for found in make_still_decoder(("pyzbar", "zxing-cpp"), False)(frame)] == ["ID-00017"]


def test_zbar_releases_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many images and scanners are freed as were created."""
    counts = dict.fromkeys(("image_create", "image_destroy", "image_scanner_create", "image_scanner_destroy"), 0)
    for name in counts:
        real = getattr(zbar_wrapper, f"zbar_{name}")

        def counting(*given: object, name: str = name, real: object = real) -> object:
            counts[name] += 1
            return real(*given)  # type: ignore[operator]

        monkeypatch.setattr(zbar_wrapper, f"zbar_{name}", counting)
    decode = make_still_decoder(ZBAR, False)
    for _, frame in itertools.product(range(3), (draw_codes(draw_code("QRCode", "x")), draw_codes())):
        decode(frame)

    assert counts["image_create"] == counts["image_destroy"] > 0
    assert counts["image_scanner_create"] == counts["image_scanner_destroy"] > 0


ROOT = Path(__file__).parents[2]

BROKEN = "raise ImportError('libGL.so.1: cannot open shared object file')"


@pytest.mark.parametrize(
    ("broken", "reads", "says"),
    [
        (("zxingcpp",), True, ["zxing-cpp cannot be loaded (libGL.so.1: cannot open shared object file)."]),
        (("pyzbar",), True, [ZBAR_MISSING]),
        (
            ("zxingcpp", "pyzbar"),
            False,
            [
                "zxing-cpp cannot be loaded (libGL.so.1: cannot open shared object file).",
                ZBAR_MISSING,
                "No decoder works, so the camera cannot read codes.",
            ],
        ),
    ],
)
def test_a_broken_decoder_is_reported_and_the_other_is_used(
    broken: tuple[str, ...], reads: bool, says: list[str], draw: Callable[..., Frame], tmp_path: Path
) -> None:
    """In a separate process, with a fake library that fails."""
    for name in broken:
        (tmp_path / f"{name}.py").write_text(BROKEN)
    np.save(tmp_path / "picture.npy", draw(b"ID-7"))
    program = (
        "import json, sys, numpy\nfrom camera.decode_pipeline import StillDecoder\n"
        "from camera.decoders import load_decoders\n"
        "decoders, missing = load_decoders(('zxing-cpp', 'pyzbar'), False)\n"
        "found = StillDecoder(decoders)(numpy.load(sys.argv[1]))\n"
        "print(json.dumps([[code.text for code in found], [str(error) for error in missing]]))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "picture.npy")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == [["ID-7"] if reads else [], says]


def test_a_broken_opencv_is_reported_in_a_sentence(tmp_path: Path) -> None:
    """The kiosk keeps running, because a USB scanner does not need it."""
    (tmp_path / "cv2.py").write_text(BROKEN)
    program = (
        "from camera.errors import CameraError\nfrom camera.settings import CameraSettings\n"
        "from camera.sources import open_source\n"
        "try: open_source(CameraSettings(source='/dev/null'))\n"
        "except CameraError as error: print(error)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    why = "libGL.so.1: cannot open shared object file"
    assert done.stdout == f"OpenCV cannot be loaded ({why}). Close the kiosk and start it with make run.\n"
