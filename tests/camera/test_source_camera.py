"""Cameras of this machine: a missing one, one without permission, a Raspberry Pi's."""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from camera.errors import CameraBusy, CameraGone, NoCamera
from camera.events import CodesSeen, SourceFailed, SourceWorking
from camera.opencv import load_opencv
from camera.payload import Frame
from camera.settings import DECODERS, CameraSettings
from camera.sources import open_source
from camera.sources.base import Shot
from camera.sources.opencv_capture import open_device
from camera.sources.picamera import open_picamera
from camera.sources.video_nodes import can_be_camera
from tests.support.decoders import make_live_decoder
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]

NO_PI = "neither picamera2 nor rpicam-vid is installed"

PROGRAM = """#!{python}
import os, sys, time
with open({log!r}, "a") as log: print(os.getpid(), *sys.argv[1:], file=log)
jpeg = open({jpeg!r}, "rb").read()
try:
    {play}
except BrokenPipeError:
    os._exit(0)
"""

ON = "while True: os.write(1, jpeg); time.sleep(0.02)"


class Pi:
    """Fake programs of a Raspberry Pi on this machine's PATH, and how they were called."""

    def __init__(self, folder: Path, jpeg: bytes) -> None:
        self.folder = folder
        self.log = folder / "calls"
        self.picture = folder / "badge.jpg"
        self.picture.write_bytes(jpeg)
        self.log.touch()

    def install(self, play: str = ON, name: str = "rpicam-vid") -> None:
        """Install a stand-in that runs *play*: statements in one line."""
        path = self.folder / name
        path.write_text(PROGRAM.format(python=sys.executable, log=str(self.log), jpeg=str(self.picture), play=play))
        path.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """Return each start: the process's id, then its arguments."""
        return [line.split() for line in self.log.read_text().splitlines()]


@pytest.fixture
def pi(tmp_path: Path, draw: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch) -> Pi:
    """A machine with only the programs that the test installs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return Pi(tmp_path, load_opencv().imencode(".jpg", draw(b"ID-7"))[1].tobytes())


def is_running(pid: str) -> bool:
    """Return whether the process runs; zombies do not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("source", [63, "63", "/dev/video63"], ids=repr)
def test_a_missing_camera_is_reported_by_its_number(source: int | str) -> None:
    """However it was configured."""
    with pytest.raises(NoCamera) as caught:
        open_source(CameraSettings(source=source))

    assert str(caught.value) == "Camera 63 not found. Plug it in and it will be picked up automatically."


@pytest.mark.parametrize("name", ["file", "folder", "pipe", "/dev/null"])
def test_something_else_cannot_be_opened_as_a_camera(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file, a folder, a pipe without a writer, another device; and C code prints nothing."""
    path = tmp_path / name
    if name == "file":
        path.write_bytes(b"text")
    elif name == "folder":
        path.mkdir()
    elif name == "pipe":
        os.mkfifo(path)

    with pytest.raises(CameraBusy, match=r"cannot be opened\. Another program may be using it"):
        open_device(path, 1280, 720)

    assert capfd.readouterr().err == ""


def test_missing_permission_is_reported() -> None:
    """With what to do about it. Run as nobody if the tests run as root."""
    program = (
        "import os, sys; from pathlib import Path; from camera.errors import CameraBusy\n"
        "from camera.sources.opencv_capture import open_device\n"
        "os.setuid(os.getuid() or 65534)\n"
        "try: open_device(Path(sys.argv[1]), 640, 480)\n"
        "except CameraBusy as error: print(error)"
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder) / "video7"
        path.touch(mode=0o000)
        said = subprocess.run(
            [sys.executable, "-B", "-c", program, str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )

    assert (
        said.stdout,
        said.stderr,
    ) == ("No permission to use camera 7. Add this user to the group 'video' and sign in again.\n", "")


def test_a_machine_without_a_camera_is_reported(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` tries V4L2 first, then a Raspberry Pi camera."""
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", list)

    with pytest.raises(NoCamera, match=r"No camera found\. Plug one in and it will be picked up automatically"):
        open_source(CameraSettings(source="auto"))
    with pytest.raises(NoCamera, match=NO_PI):
        open_source(CameraSettings(source="picamera"))


def test_auto_reports_the_camera_that_it_could_not_open(
    pi: Pi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is more helpful than saying there is none."""
    (tmp_path / "video3").write_bytes(b"text")
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", lambda: [tmp_path / "video3"])

    with pytest.raises(CameraBusy, match="Camera 3 cannot be opened"):
        open_source(CameraSettings())


@pytest.mark.parametrize("source", ["auto", "picamera"])
@pytest.mark.parametrize("name", ["rpicam-vid", "libcamera-vid"])
def test_a_badge_is_read_through_rpicam_vid(
    source: str,
    name: str,
    pi: Pi,
    run_loop: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """By the current or the former name of the program, which ends with the capture loop."""
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", list)
    pi.install(name=name)
    settings = CameraSettings(source=source, width=640, height=480)
    running = run_loop(lambda: open_source(settings), make_live_decoder(DECODERS, False))
    running.wait_until(lambda: running.events_of(CodesSeen) and running.events_of(SourceWorking))
    running.loop.stop()
    running.wait_for_end()
    ((pid, *arguments),) = pi.calls()

    assert [(seen.payloads[0].text, seen.source_kind) for seen in running.events_of(CodesSeen)] == [("ID-7", "camera")]
    assert running.events_of(SourceWorking) == [SourceWorking("Pi camera")]
    assert arguments[-4:] == ["--width", "640", "--height", "480"]
    assert not is_running(pid)
    assert capfd.readouterr().err == ""


def count_frames(pi: Pi, play: str, count: int = 1000) -> int:
    """Count the images that arrive while the fake program runs *play*, up to *count*; then it must fail."""
    pi.install(play)
    came, source = 0, None
    try:
        source = open_picamera(640, 480)
        for shot in source.read_shots():
            assert shot.frame.shape == (480, 640, 3)
            came += 1
            if came == count:
                return came
    except CameraGone as error:
        assert "Check its cable; the kiosk keeps retrying" in str(error)
        return came
    finally:
        if source is not None:
            source.close()
            source.close()
    raise AssertionError("the camera came to an end without trouble")


def test_images_are_assembled_from_any_chunks(pi: Pi) -> None:
    """One byte at a time, and several images at once."""
    pieces = "[(os.write(1, jpeg[at:at + 400]), time.sleep(0.0005)) for at in range(0, len(jpeg), 400)]"

    assert count_frames(pi, pieces) == 1
    assert count_frames(pi, "os.write(1, jpeg * 3); time.sleep(0.05); os.write(1, jpeg * 3)") == 6


def test_anything_between_images_is_skipped(pi: Pi, capfd: pytest.CaptureFixture[str]) -> None:
    """A message on standard output, an image without its beginning, an empty one."""
    noise = "os.write(1, b'hello' + jpeg + jpeg[900:] + jpeg + bytes([255, 216, 255, 217]) + jpeg)"

    assert 3 <= count_frames(pi, noise) <= 4
    assert capfd.readouterr().err == ""


def test_a_program_that_ends_counts_as_camera_gone(pi: Pi) -> None:
    """At once, after an image, or in the middle of one."""
    assert [
        count_frames(pi, play) for play in ("sys.exit(255)", "os.write(1, jpeg)", "os.write(1, jpeg + jpeg[:1000])")
    ] == [
        0,
        1,
        1,
    ]


def test_a_hanging_program_is_killed_to_free_the_camera(
    pi: Pi, run_loop: Callable[..., Any], reopen_quickly: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the next attempt would find the camera busy forever."""
    monkeypatch.setattr("camera.sources.picamera.SILENCE_SECONDS", 0.3)
    pi.install("os.write(1, jpeg); time.sleep(60)")
    running = run_loop(lambda: open_picamera(640, 480), make_live_decoder(DECODERS, False))
    running.wait_until(lambda: len(running.events_of(SourceWorking)) == 2)
    running.loop.stop()
    running.wait_for_end()

    (trouble,) = running.events_of(SourceFailed)[:1]
    assert "has stopped sending images" in trouble.message
    assert len(pi.calls()) >= 2
    running.wait_until(lambda: not any(is_running(pid) for pid, *_ in pi.calls()))


def test_endless_bytes_are_not_an_image(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    """They must not fill the memory."""
    monkeypatch.setattr("camera.sources.picamera.MAX_PICTURE_BYTES", 1 << 20)

    assert count_frames(pi, "while True: os.write(1, bytes(65536))") == 0


def test_a_program_that_cannot_start_is_reported(pi: Pi, run_loop: Callable[..., Any], reopen_quickly: None) -> None:
    """Such as one for another architecture. Once it is fixed, images arrive."""
    (pi.folder / "rpicam-vid").write_bytes(b"\x7fELF of another machine")
    (pi.folder / "rpicam-vid").chmod(0o755)
    running = run_loop(lambda: open_picamera(640, 480), make_live_decoder(DECODERS, False))
    running.wait_until(lambda: running.events_of(SourceFailed))
    pi.install()
    running.wait_until(lambda: running.events_of(CodesSeen))

    assert running.events_of(SourceFailed)[0].message.endswith("The kiosk keeps retrying.")


LISTING = "Available cameras\\n-----------------\\n{cameras}"
SENSOR = "0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/pcie@1000120000/rp1/i2c@88000/imx708@1a)\\n    Modes: x\\n"
WEBCAM = "0 : HD Webcam: HD Webcam [1280x720] (/base/axi/pcie@1000120000/rp1/usb@200000-1:1.0-046d:0825)\\n"


@pytest.mark.parametrize(
    ("says", "first"),
    [(SENSOR, "Pi camera"), (WEBCAM, "camera 5"), ("No cameras available!\\n", "camera 5")],
    ids=["sensor", "webcam", "none"],
)
def test_auto_prefers_a_listed_pi_camera(says: str, first: str, pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webcam on a Pi is listed, too, and is better read as one."""
    pi.install()
    pi.install(f"print('{LISTING.format(cameras=says)}')", "rpicam-hello")
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", lambda: [Path("/dev/video5")])
    monkeypatch.setattr("camera.sources.opencv_capture.open_device", lambda path, width, height: Named("camera 5"))

    source = open_source(CameraSettings(source="auto", width=640, height=480))
    source.close()

    assert source.name == first


class Named:
    """A camera that can be opened."""

    kind = "camera"
    is_live = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.is_closed = False

    def read_shots(self) -> Iterator[Shot]:
        """Yield no images."""
        return iter(())

    def close(self) -> None:
        """Record that it was closed."""
        self.is_closed = True


def test_a_camera_that_never_delivers_is_skipped(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, pi: Pi
) -> None:
    """It is logged once. What opens too late is closed, and not opened again while it hangs."""
    late, hangs = Named("late"), threading.Event()
    calls: list[str] = []

    def open_device(path: Path, width: int, height: int) -> Named:
        calls.append(path.name)
        if path.name == "video1":
            hangs.wait(60)
            return late
        return Named("camera 2")

    monkeypatch.setattr("camera.sources.open_timeout.OPEN_TIMEOUT_SECONDS", 0.2)
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", lambda: [Path("/dev/video1"), Path("/dev/video2")])
    monkeypatch.setattr("camera.sources.opencv_capture.open_device", open_device)
    monkeypatch.setattr("camera.log_once._logged_sentences", set())

    names = [open_source(CameraSettings(source="auto")).name for _ in range(3)]
    with pytest.raises(CameraGone, match=r"Camera 1 still does not respond\. Unplug it and plug it back in"):
        open_source(CameraSettings(source=1))
    hangs.set()
    wait_until(lambda: late.is_closed)

    assert names == ["camera 2"] * 3
    assert calls.count("video1") == 1
    said = [record.message for record in caplog.records]
    assert said == [
        "Camera 1 does not respond. Unplug it and plug it back in. Trying the next camera.",
        "Camera 1 still does not respond. Unplug it and plug it back in. Trying the next camera.",
    ]


@pytest.mark.parametrize(
    ("name", "is_camera"),
    [
        ("unicam-image", False),
        ("rp1-cfe-csi2_ch0", False),
        ("bcm2835-codec-decode", False),
        ("bcm2835-isp-output0", False),
        ("pispbe-input", False),
        ("rpi-hevc-dec", False),
        ("HD Pro Webcam C920", True),
        ("mmal service 16.1", True),
        ("", True),
    ],
)
def test_nodes_that_are_not_cameras_are_ignored(
    name: str, is_camera: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be opened, and then each read blocks for ten seconds."""
    if name:
        (tmp_path / "video0").mkdir()
        (tmp_path / "video0" / "name").write_text(f"{name}\n")
    monkeypatch.setattr("camera.sources.video_nodes.SYSFS_FOLDER", tmp_path)

    assert can_be_camera(Path("/dev/video0")) is is_camera


@pytest.mark.parametrize(
    ("device_can", "node_can", "is_camera"),
    [
        (0x84A00001, 0x04200001, True),  # a webcam's pictures
        (0x84A00001, 0x04A00000, False),  # the same webcam's metadata
        (0x84204000, 0x04204000, False),  # a video codec
        (0xA4200001, 0x24200001, False),  # a sensor that libcamera must set up
        (0x05000001, 0, True),  # an old driver that does not speak of its nodes
        (0x84000002, 0x04000002, False),  # an output
    ],
)
def test_capabilities_of_a_node_are_used(
    device_can: int, node_can: int, is_camera: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `v4l2-ctl --all` shows them."""
    node = tmp_path / "video0"
    node.touch()

    def answer(_: int, request: int, structure: bytearray) -> int:
        assert request == 0x80685600
        assert len(structure) == 104
        structure[84:92] = device_can.to_bytes(4, "little") + node_can.to_bytes(4, "little")
        return 0

    monkeypatch.setattr("fcntl.ioctl", answer)

    assert can_be_camera(node) is is_camera
