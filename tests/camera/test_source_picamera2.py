"""A Raspberry Pi camera through a fake picamera2."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from camera.errors import CameraBusy, CameraGone
from camera.opencv import load_opencv
from camera.settings import CameraSettings
from camera.sources import open_source

STAND_IN = """
import numpy as np

state = {"closed": 0, "asked": None, "fails": "", "left": 3}


class Picamera2:
    def __init__(self):
        if state["fails"] == "none":
            raise IndexError("list index out of range")

    def create_video_configuration(self, main):
        state["asked"] = main
        return main

    def configure(self, configuration):
        self.size = configuration["size"]

    def start(self):
        if state["fails"] == "busy":
            raise RuntimeError("Failed to acquire camera: Device or resource busy")

    def capture_array(self, name):
        state["left"] -= 1
        if state["left"] < 0:
            raise RuntimeError("camera frontend has timed out")
        return np.full((self.size[1], self.size[0], 3), 90, np.uint8)

    def close(self):
        state["closed"] += 1
"""

SETTINGS = CameraSettings(source="picamera", width=320, height=240)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """How the fake library was called, and how it should fail."""
    (tmp_path / "picamera2.py").write_text(STAND_IN)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    made: dict[str, object] = importlib.import_module("picamera2").state
    yield made
    del sys.modules["picamera2"]


def test_images_have_the_requested_size_and_byte_order(state: dict[str, object]) -> None:
    """libcamera's RGB888 is what OpenCV calls BGR. A loose cable counts as camera gone."""
    source = open_source(SETTINGS)
    shapes = []
    with pytest.raises(CameraGone, match="Check its cable"):
        for shot in source.read_shots():
            shapes.append(shot.frame.shape)
    source.close()
    source.close()

    assert shapes == [(240, 320, 3)] * 3
    assert state["asked"] == {"size": (320, 240), "format": "RGB888"}
    assert state["closed"] == 1


BROKEN = {
    "libcamera and its binding are apart": "raise ImportError('undefined symbol: _ZN9libcamera')",
    "numpy 2": "raise ValueError('numpy.dtype size changed, may indicate binary incompatibility')",
    "no libcamera": "import libcamera_that_is_not_there",
    "a mistake": "1 / 0",
    "it wants to end the program": "import sys; sys.exit('no camera stack')",
    "not Python": "this is no Python",
}


@pytest.mark.parametrize("source", ["auto", "picamera"])
@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_picamera2_is_logged_once_and_rpicam_vid_is_used(
    broken: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Such packages are common after an update (picamera2#1088, 1170, 1211, 1362)."""
    (tmp_path / "picamera2").mkdir()
    (tmp_path / "picamera2" / "__init__.py").write_text(BROKEN[broken])
    jpeg = load_opencv().imencode(".jpg", np.full((240, 320, 3), 90, np.uint8))[1].tobytes()
    (tmp_path / "picture.jpg").write_bytes(jpeg)
    program = tmp_path / "rpicam-vid"
    program.write_text(f"#!/bin/sh\nwhile :; do /bin/cat {tmp_path}/picture.jpg; /bin/sleep 0.05; done\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("camera.sources.video_nodes.find_cameras", list)
    monkeypatch.setattr("camera.log_once._logged_sentences", set())
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)

    shapes = []
    for _ in range(2):
        opened = open_source(CameraSettings(source=source, width=320, height=240))
        shapes.append(next(iter(opened.read_shots())).frame.shape)
        opened.close()

    assert shapes == [(240, 320, 3)] * 2
    (said,) = [record.message for record in caplog.records]
    assert said.startswith("picamera2 is installed but does not work (")
    assert said.endswith("python3-picamera2 Using rpicam-vid instead.")


def test_a_broken_picamera2_without_rpicam_vid_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "picamera2.py").write_text("raise ValueError('numpy.dtype size changed')")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)

    with pytest.raises(CameraGone, match=r"does not work \(numpy.dtype size changed\). Run: sudo apt-get install"):
        open_source(SETTINGS)


@pytest.mark.parametrize(("fails", "closed"), [("none", 0), ("busy", 1)])
def test_an_unavailable_camera_is_reported_and_released(fails: str, closed: int, state: dict[str, object]) -> None:
    """Otherwise the next attempt would find it held by this process."""
    state["fails"] = fails

    with pytest.raises(CameraBusy, match=r"cannot be opened\. Check its cable, and whether another program uses it"):
        open_source(SETTINGS)

    assert state["closed"] == closed
