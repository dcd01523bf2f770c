"""Cameras of this machine: one that is not there, one that may not be opened, a Raspberry Pi's."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from camera.decoders import live_decoder
from camera.errors import CameraBusy, CameraGone, NoCamera
from camera.events import Seen, Trouble, Working
from camera.opencv import opencv
from camera.payload import Frame
from camera.settings import DECODERS, CameraSettings
from camera.sources import open_source
from camera.sources.capture import device
from camera.sources.picamera import picamera

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
    """What is on this machine's PATH instead of a Raspberry Pi's program, and what it was called with."""

    def __init__(self, folder: Path, jpeg: bytes) -> None:
        self.folder = folder
        self.log = folder / "calls"
        self.picture = folder / "badge.jpg"
        self.picture.write_bytes(jpeg)
        self.log.touch()

    def install(self, play: str = ON, name: str = "rpicam-vid") -> None:
        """A stand-in that plays *play*: statements in one line."""
        path = self.folder / name
        path.write_text(PROGRAM.format(python=sys.executable, log=str(self.log), jpeg=str(self.picture), play=play))
        path.chmod(0o755)

    def calls(self) -> list[list[str]]:
        """Each start: the process's id, then its arguments."""
        return [line.split() for line in self.log.read_text().splitlines()]


@pytest.fixture
def pi(tmp_path: Path, draw: Callable[..., Frame], monkeypatch: pytest.MonkeyPatch) -> Pi:
    """A machine with nothing but what is installed in the test."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return Pi(tmp_path, opencv().imencode(".jpg", draw(b"ID-7"))[1].tobytes())


def is_running(pid: str) -> bool:
    """Whether there is such a process, other than one that has ended and was not waited for."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("source", [63, "63", "/dev/video63"], ids=repr)
def test_a_camera_that_is_not_plugged_in_is_told_by_its_number(source: int | str) -> None:
    """However it is named."""
    with pytest.raises(NoCamera) as caught:
        open_source(CameraSettings(source=source))

    assert "There is no camera 63: plug it in; it is found by itself." == str(caught.value)


@pytest.mark.parametrize("name", ["file", "folder", "pipe", "/dev/null"])
def test_what_is_no_camera_cannot_be_opened_as_one(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A file, a folder, a pipe that nobody writes to, another device; and C code is silent."""
    path = tmp_path / name
    if name == "file":
        path.write_bytes(b"text")
    elif name == "folder":
        path.mkdir()
    elif name == "pipe":
        os.mkfifo(path)

    with pytest.raises(CameraBusy, match="cannot be opened: another program may be using it"):
        device(path, 1280, 720)

    assert "" == capfd.readouterr().err


def test_a_camera_that_this_user_may_not_use_is_told() -> None:
    """With what to do about it; tried as nobody where the tests run as root."""
    program = (
        "import os, sys; from pathlib import Path; from camera.errors import CameraBusy\n"
        "from camera.sources.capture import device\n"
        "os.setuid(os.getuid() or 65534)\n"
        "try: device(Path(sys.argv[1]), 640, 480)\n"
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

    assert ("This user may not use camera 7: add them to the group 'video' and sign in again.\n", "") == (
        said.stdout,
        said.stderr,
    )


def test_a_machine_without_any_camera_says_so(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto` looks at V4L2 first, then for a Raspberry Pi's."""
    monkeypatch.setattr("camera.sources.capture.devices", list)

    with pytest.raises(NoCamera, match="No camera was found: plug one in; it is found by itself"):
        open_source(CameraSettings(source="auto"))
    with pytest.raises(NoCamera, match=NO_PI):
        open_source(CameraSettings(source="picamera"))


def test_auto_tells_of_the_camera_that_it_found_and_could_not_open(
    pi: Pi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That says more than that there is none."""
    (tmp_path / "video3").write_bytes(b"text")
    monkeypatch.setattr("camera.sources.capture.devices", lambda: [tmp_path / "video3"])

    with pytest.raises(CameraBusy, match="Camera 3 cannot be opened"):
        open_source(CameraSettings())


@pytest.mark.parametrize("source", ["auto", "picamera"])
@pytest.mark.parametrize("name", ["rpicam-vid", "libcamera-vid"])
def test_a_badge_before_a_raspberry_pis_camera_is_read(
    source: str,
    name: str,
    pi: Pi,
    watch_it: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Through the system's program, by its name of today or before; it is ended with the watch."""
    monkeypatch.setattr("camera.sources.capture.devices", list)
    pi.install(name=name)
    settings = CameraSettings(source=source, width=640, height=480)
    watched = watch_it(lambda: open_source(settings), live_decoder(DECODERS, False))
    watched.until(lambda: watched.told(Seen) and watched.told(Working))
    watched.watch.stop()
    watched.finish()
    ((pid, *arguments),) = pi.calls()

    assert [("ID-7", "camera")] == [(seen.payloads[0].text, seen.source) for seen in watched.told(Seen)]
    assert [Working("Pi camera")] == watched.told(Working)
    assert ["--width", "640", "--height", "480"] == arguments[-4:]
    assert not is_running(pid)
    assert "" == capfd.readouterr().err


def frames(pi: Pi, play: str, count: int = 1000) -> int:
    """How many pictures come while the stand-in plays *play*, up to *count*; then it must fail."""
    pi.install(play)
    source = picamera(640, 480)
    came = 0
    try:
        for shot in source.shots():
            assert (480, 640, 3) == shot.frame.shape
            came += 1
            if came == count:
                return came
    except CameraGone as error:
        assert "check its cable; it is tried again by itself" in str(error)
        return came
    finally:
        source.close()
        source.close()
    raise AssertionError("the camera came to an end without trouble")


def test_pictures_are_put_together_from_whatever_pieces_the_pipe_gives(pi: Pi) -> None:
    """One byte after another, and several pictures at once."""
    pieces = "[(os.write(1, jpeg[at:at + 400]), time.sleep(0.0005)) for at in range(0, len(jpeg), 400)]"

    assert 1 == frames(pi, pieces)
    assert 6 == frames(pi, "os.write(1, jpeg * 3); time.sleep(0.05); os.write(1, jpeg * 3)")


def test_what_is_no_picture_in_between_is_passed_over(pi: Pi, capfd: pytest.CaptureFixture[str]) -> None:
    """A message on standard output, a picture that lost its beginning, an empty one."""
    noise = "os.write(1, b'hello' + jpeg + jpeg[900:] + jpeg + bytes([255, 216, 255, 217]) + jpeg)"

    assert 3 <= frames(pi, noise) <= 4
    assert "" == capfd.readouterr().err


def test_a_program_that_ends_is_a_camera_that_is_gone(pi: Pi) -> None:
    """At once, after a picture, or in the middle of one."""
    assert [0, 1, 1] == [
        frames(pi, play) for play in ("sys.exit(255)", "os.write(1, jpeg)", "os.write(1, jpeg + jpeg[:1000])")
    ]


def test_a_program_that_hangs_is_ended_so_that_the_camera_is_free_again(
    pi: Pi, watch_it: Callable[..., Any], quick_to_reopen: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the next try would find the camera busy for ever."""
    monkeypatch.setattr("camera.sources.picamera.SILENCE", 0.3)
    pi.install("os.write(1, jpeg); time.sleep(60)")
    watched = watch_it(lambda: picamera(640, 480), live_decoder(DECODERS, False))
    watched.until(lambda: len(watched.told(Working)) == 2)
    watched.watch.stop()
    watched.finish()

    (trouble,) = watched.told(Trouble)[:1]
    assert "gives no more pictures" in trouble.sentence
    assert 2 <= len(pi.calls())
    watched.until(lambda: not any(is_running(pid) for pid, *_ in pi.calls()))


def test_bytes_without_end_are_no_pictures(pi: Pi, monkeypatch: pytest.MonkeyPatch) -> None:
    """They must not fill the memory."""
    monkeypatch.setattr("camera.sources.picamera.LARGEST", 1 << 20)

    assert 0 == frames(pi, "while True: os.write(1, bytes(65536))")


def test_a_program_that_cannot_be_started_is_trouble(
    pi: Pi, watch_it: Callable[..., Any], quick_to_reopen: None
) -> None:
    """As one of another machine's kind; when it is put right, pictures come."""
    (pi.folder / "rpicam-vid").write_bytes(b"\x7fELF of another machine")
    (pi.folder / "rpicam-vid").chmod(0o755)
    watched = watch_it(lambda: picamera(640, 480), live_decoder(DECODERS, False))
    watched.until(lambda: watched.told(Trouble))
    pi.install()
    watched.until(lambda: watched.told(Seen))

    assert watched.told(Trouble)[0].sentence.endswith("it is tried again by itself.")
