"""Video files, images, and folders of images, some of them damaged."""

import os
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from camera.errors import BadPicture, CameraError, NoCamera
from camera.events import CodesSeen, FrameProcessed, SourceEnded
from camera.opencv import load_opencv
from camera.payload import Frame
from camera.settings import DECODERS, CameraSettings
from camera.sources import open_files, open_source
from camera.sources.pictures import read_picture
from tests.support.decoders import make_live_decoder, make_still_decoder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def film(tmp_path: Path, draw: Callable[..., Frame]) -> Path:
    """Write a video of 30 images at 30 per second, with a badge in ten of them."""
    cv2 = load_opencv()
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (640, 480))
    assert writer.isOpened()
    for number in range(30):
        writer.write(draw(b"ID-7") if 10 <= number < 20 else draw())
    writer.release()
    return path


def write_image(path: Path, frame: Frame) -> bytes:
    """Write *frame* to *path* in the format of its suffix, and return what was written."""
    data: bytes = load_opencv().imencode(path.suffix, frame)[1].tobytes()
    path.write_bytes(data)
    return data


def processed_names(events: list[Any]) -> list[str]:
    """Return the names of the processed images."""
    return [event.file_name for event in events if isinstance(event, FrameProcessed)]


def list_seen_texts(events: list[Any]) -> list[str]:
    """Return the texts of the codes that were seen."""
    return [code.text for event in events if isinstance(event, CodesSeen) for code in event.payloads]


def test_every_image_of_a_video_is_processed(
    film: Path, run_loop: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """As fast as possible; the loop ends with the video."""
    events = run_loop(lambda: open_files([str(film)]), make_live_decoder(DECODERS, False), max_fps=1.0).wait_for_end()

    assert (len(processed_names(events)), list_seen_texts(events), events[-1]) == (30, ["ID-7"], SourceEnded())
    assert capfd.readouterr().err == ""


def test_a_video_as_a_camera_plays_in_real_time(film: Path) -> None:
    """Thirty images at thirty per second."""
    source = open_source(CameraSettings(source=str(film)))
    started = time.monotonic()
    count = sum(1 for _ in source.read_shots())
    took = time.monotonic() - started
    source.close()

    assert (count, source.name, source.kind) == (30, "film.avi", "video")
    assert 0.8 < took < 10.0


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_truncated_video_is_processed_to_its_end(keep: float, film: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Like a recording that filled the disk; and C code prints nothing."""
    data = film.read_bytes()
    film.write_bytes(data[: int(len(data) * keep)])

    count = sum(1 for _ in open_files([str(film)]).read_shots())

    assert 30 * keep - 4 <= count <= 30
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("content", [b"", b"hello, this is text\n" * 50, os.urandom(5000), b"\0" * 5000])
@pytest.mark.parametrize("name", ["film.mp4", "badges.csv", "no suffix", "100%03d.mkv", "x.avi"])
def test_a_file_that_is_not_a_video_is_reported(
    content: bytes, name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever its name is; and C code prints nothing."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(BadPicture) as caught:
        list(open_files([str(tmp_path / name)]).read_shots())

    assert str(caught.value) == f"{name} cannot be read as an image or a video."
    assert capfd.readouterr().err == ""


def test_a_folder_is_shown_by_name_without_damaged_files(
    tmp_path: Path, draw: Callable[..., Frame], run_loop: Callable[..., Any], capfd: pytest.CaptureFixture[str]
) -> None:
    """Empty, truncated, of another type, a folder named like an image, a dangling link: the next file counts."""
    whole = write_image(tmp_path / "1.png", draw(b"anna"))
    (tmp_path / "2.png").write_bytes(b"")
    (tmp_path / "3.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "4.jpg").write_bytes(b"this is text")
    (tmp_path / "5.png").mkdir()
    (tmp_path / "6.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "7.png").write_bytes(whole[:60] + b"garbage" + whole[67:])
    write_image(tmp_path / "8.JPG", draw(b"bert"))
    write_image(tmp_path / "9 ünïcode '%d'.webp", draw("çelik".encode()))
    (tmp_path / "notes.txt").write_text("not looked at")

    events = run_loop(lambda: open_files([str(tmp_path)]), make_still_decoder(DECODERS, False)).wait_for_end()

    assert processed_names(events) == ["1.png", "8.JPG", "9 ünïcode '%d'.webp"]
    assert list_seen_texts(events) == ["anna", "bert", "çelik"]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".gif", ".ppm"])
def test_a_truncated_image_is_reported(
    suffix: str, cut: float, tmp_path: Path, draw: Callable[..., Frame], capfd: pytest.CaptureFixture[str]
) -> None:
    """libjpeg and libpng are kept from printing to the terminal."""
    path = tmp_path / f"badge{suffix}"
    path.write_bytes((whole := write_image(path, draw(b"anna")))[: int(len(whole) * cut)])

    with pytest.raises(BadPicture) as caught:
        read_picture(path)

    assert str(caught.value) == f"{path}: not an image, or damaged."
    assert capfd.readouterr().err == ""


def test_standard_error_works_again_after_a_damaged_image(
    tmp_path: Path, draw: Callable[..., Frame], capfd: pytest.CaptureFixture[str]
) -> None:
    """It is only silent while decoding, and no file stays open."""
    path = tmp_path / "badge.png"
    path.write_bytes(write_image(path, draw(b"anna"))[:500])
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with pytest.raises(BadPicture):
            read_picture(path)
    os.write(2, b"heard")

    assert capfd.readouterr().err == "heard"
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_an_image_is_read_with_standard_error_closed(tmp_path: Path, draw: Callable[..., Frame]) -> None:
    """Some services start without it."""
    write_image(tmp_path / "badge.png", draw(b"anna"))
    program = (
        "import os, sys; os.close(2); from pathlib import Path\n"
        "from camera.sources.pictures import read_picture\n"
        "print(read_picture(Path(sys.argv[1])).shape)"
    )

    said = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "badge.png")], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )

    assert said.stdout == "(480, 640, 3)\n"


def test_an_image_that_claims_to_be_huge_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A few bytes must not fill the memory."""
    header = bytearray(b"BM" + bytes(12) + (40).to_bytes(4, "little") + bytes(36))
    header[10] = 54
    header[18:26] = (60_000).to_bytes(4, "little") * 2
    header[26], header[28] = 1, 24
    (tmp_path / "huge.bmp").write_bytes(bytes(header) + bytes(100))

    with pytest.raises(BadPicture, match=r"huge\.bmp: "):
        read_picture(tmp_path / "huge.bmp")

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (1, 5000), (2, 2), (3, 5)])
def test_an_image_of_one_pixel_or_line_is_processed(shape: tuple[int, int]) -> None:
    """By every preparation and decoder. There is nothing in it, and nothing breaks."""
    frame = np.full((*shape, 3), 90, np.uint8)
    live = make_live_decoder(DECODERS, False)

    assert make_still_decoder(DECODERS, False)(frame) == []
    assert [live(frame) for _ in range(20)] == [[]] * 20


@pytest.mark.parametrize(("shape", "dtype"), [((40, 50), np.uint8), ((40, 50, 4), np.uint8), ((40, 50, 3), np.uint16)])
def test_every_kind_of_image_becomes_bgr(shape: tuple[int, ...], dtype: Any, tmp_path: Path) -> None:
    """Grey, with transparency, or 16 bits."""
    load_opencv().imwrite(str(tmp_path / "x.png"), np.full(shape, 77, dtype))

    frame = read_picture(tmp_path / "x.png")

    assert (frame.shape, str(frame.dtype)) == ((40, 50, 3), "uint8")


def test_images_and_folders_may_be_mixed(tmp_path: Path, draw: Callable[..., Frame]) -> None:
    """In the order in which they are given."""
    (tmp_path / "more").mkdir()
    write_image(tmp_path / "z.png", draw())
    write_image(tmp_path / "more" / "b.png", draw())
    write_image(tmp_path / "more" / "a.png", draw())

    source = open_files([str(tmp_path / "z.png"), str(tmp_path / "more")])

    assert [shot.file_name for shot in source.read_shots()] == ["z.png", "a.png", "b.png"]
    assert (source.name, source.kind) == ("3 images", "pictures")
    assert [shot.is_still for shot in source.read_shots()] == [True] * 3


def test_images_as_a_camera_are_shown_for_a_while(
    tmp_path: Path, draw: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise staff would not see them."""
    monkeypatch.setattr("camera.sources._PICTURE_SECONDS", 0.3)
    for name in ("a.png", "b.png"):
        write_image(tmp_path / name, draw())
    started = time.monotonic()

    assert sum(1 for _ in open_source(CameraSettings(source=(str(tmp_path),))).read_shots()) == 2
    assert time.monotonic() - started >= 0.6


@pytest.mark.parametrize(
    "name", ["nowhere.png", "nowhere.mp4", "no/where/at/all", "~nobody-has-this-name/x.png", "x" * 5000, "zero\0.png"]
)
def test_a_missing_file_is_reported_by_its_name(name: str) -> None:
    """Even by a name that no file system accepts."""
    with pytest.raises(NoCamera) as caught:
        open_files([name])

    assert str(caught.value) == f"{name} not found. The kiosk keeps looking for it."


def test_an_empty_folder_is_reported(tmp_path: Path) -> None:
    """Otherwise the loop would end before it began."""
    (tmp_path / "notes.txt").write_text("no picture")

    with pytest.raises(NoCamera, match="No images in"):
        open_files([str(tmp_path)])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Create a folder that every user can enter; `tmp_path` belongs to the user who runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("name", ["closed", "closed/a.png", "closed/film.mp4", "closed.png", "closed.mp4"])
def test_missing_permissions_are_reported(name: str, open_folder: Path) -> None:
    """A folder, its content, an image and a video. Run as nobody if the tests run as root."""
    (open_folder / "closed").mkdir(mode=0o000)
    for file in ("closed.png", "closed.mp4"):
        (open_folder / file).touch(mode=0o000)
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        with pytest.raises(CameraError) as caught:
            if name == "closed.png":
                read_picture(open_folder / name)
            else:
                open_files([str(open_folder / name)])
    finally:
        os.seteuid(before)

    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("shape", [(8, 65_536), (65_536, 8)])
def test_an_image_beyond_the_decoders_limit_is_refused(tmp_path: Path, shape: tuple[int, int]) -> None:
    """zxing-cpp would raise for it."""
    path = tmp_path / "wide.png"
    assert load_opencv().imwrite(str(path), np.full(shape, 255, np.uint8))

    with pytest.raises(BadPicture, match=r"wide\.png: image too large"):
        read_picture(path)


def test_the_largest_allowed_image_is_processed(tmp_path: Path) -> None:
    """One pixel fewer is allowed."""
    path = tmp_path / "wide.png"
    assert load_opencv().imwrite(str(path), np.full((8, 65_535), 255, np.uint8))

    assert make_still_decoder(("zxing-cpp",), True)(read_picture(path)) == []


def monochrome_png(path: Path, width: int, height: int) -> None:
    """Write a black PNG of one bit per pixel: a small file, whatever its size in pixels."""
    packed = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(packed.compress(row) for _ in range(height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part)) for name, part in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (20_000, 8_000), (64, 2_000_000)])
def test_an_image_that_is_too_large_is_refused_by_its_header(width: int, height: int, tmp_path: Path) -> None:
    """A file of 100 kB took 7 GB. It is read in a separate process whose memory is measured."""
    path = tmp_path / "huge.png"
    monochrome_png(path, width, height)

    said, megabytes = read_in_process(path)

    assert said == f"{path}: image too large. Reduce it to less than 64 megapixels."
    assert megabytes < 300


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
@pytest.mark.parametrize(("side", "said"), [(8000, "Reduce it to less than 32 megapixels."), (5600, "(2800, ")])
def test_an_image_decoded_in_colour_is_limited(side: int, said: str, suffix: str, tmp_path: Path) -> None:
    """Pillow#6402: a GIF of 48 kB took 450 MB, a WebP with alpha of 3 kB 390."""
    path = tmp_path / f"huge{suffix}"
    kind = {".gif": "P", ".webp": "RGBA"}[suffix]
    Image.new(kind, (side, side)).save(path, **({"lossless": True} if suffix == ".webp" else {}))

    found, megabytes = read_in_process(path)

    assert said in found
    assert megabytes < 300


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_large_image_is_read_at_half_size(suffix: str, tmp_path: Path) -> None:
    """Such as a page scanned at 600 dpi; it takes less memory than at full size."""
    path = tmp_path / f"page{suffix}"
    load_opencv().imwrite(str(path), np.full((7016, 4960), 200, np.uint8))

    said, megabytes = read_in_process(path)

    assert said == "(3508, 2480, 3)"
    assert megabytes < 300


READ = """
import sys
from pathlib import Path
from camera.decode_pipeline import StillDecoder
from camera.decoders import load_decoders
from camera.errors import BadPicture
from camera.settings import DECODERS
from camera.sources.pictures import read_picture
try:
    frame = read_picture(Path(sys.argv[1]))
    StillDecoder(load_decoders(DECODERS, False)[0])(frame)
    print(frame.shape)
except BadPicture as error:
    print(error)
print([line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")][0])
"""


def read_in_process(path: Path) -> tuple[str, int]:
    """Read an image in a separate process; return the result and the peak memory in megabytes."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, timeout=110, check=True
    )
    said, kilobytes = done.stdout.splitlines()
    return said, int(kilobytes) // 1024
