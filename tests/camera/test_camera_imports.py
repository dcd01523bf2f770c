"""Importing the camera package loads nothing that contains C libraries."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = ("cv2", "zxingcpp", "pyzbar", "qrcode", "picamera2")


@pytest.mark.parametrize(
    "module", ["camera", "camera.sources", "camera.capture_loop", "camera.settings", "camera.decoders"]
)
def test_importing_loads_no_library_of_pictures_or_codes(module: str) -> None:
    """OpenCV and the decoders are loaded for the first image, not when the kiosk starts."""
    program = f"import sys, {module}; print(*(name for name in {HEAVY} if name in sys.modules))"

    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (said.stdout, said.stderr) == ("\n", "")


def test_opencv_is_loaded_once_silent_and_with_one_thread() -> None:
    """Environment variables that are set already are not changed."""
    program = (
        "import os; os.environ['OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT'] = '7'\n"
        "from camera.opencv import load_opencv\n"
        "cv2 = load_opencv()\n"
        "print(cv2 is load_opencv(), cv2.getNumThreads(), os.environ['OPENCV_LOG_LEVEL'],"
        " os.environ['OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT'])"
    )

    said = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert (said.stdout, said.stderr) == ("True 1 OFF 7\n", "")
