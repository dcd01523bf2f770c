"""Which of the nodes /dev/video* are cameras that can be read: on a Raspberry Pi most of them are not."""

import fcntl
import os
import re
import struct
from pathlib import Path

SYSFS_FOLDER = Path("/sys/class/video4linux")

_NON_CAMERA_PREFIXES = ("unicam", "rp1-cfe", "bcm2835-codec", "bcm2835-isp", "pispbe", "rpi-hevc-dec", "rpivid")
"""How the names of a Pi's nodes begin that open and give no picture: the raw sensor, and the parts that work on it."""

_VIDIOC_QUERYCAP = 0x80685600
"""VIDIOC_QUERYCAP of linux/videodev2.h: asks what a node can do."""

_CAPABILITY_STRUCT = struct.Struct("=80x3I12x")
"""`struct v4l2_capability`, as far as it matters: version, what the device can do, what this node can do."""

_CAP_VIDEO_CAPTURE, _CAP_VIDEO_CAPTURE_MPLANE = 0x1, 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE_MPLANE: pictures come out."""

_CAP_VIDEO_M2M, _CAP_VIDEO_M2M_MPLANE, _CAP_IO_MC, _CAP_DEVICE_CAPS = 0x8000, 0x4000, 0x20000000, 0x80000000
"""V4L2_CAP_VIDEO_M2M (also MPLANE), IO_MC, DEVICE_CAPS: pictures must be put in first; others must set it up first."""


def find_devices() -> list[Path]:
    """The nodes of this machine that may be cameras, by number."""
    found = [path for path in Path("/dev").glob("video*") if re.fullmatch(r"video\d+", path.name)]
    return [path for path in sorted(found, key=_parse_number) if can_be_camera(path)]


def can_be_camera(path: Path) -> bool:
    """Whether a node may give pictures; where nothing is known of it, it may."""
    try:
        name = (SYSFS_FOLDER / path.name / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return not name.startswith(_NON_CAMERA_PREFIXES) and _can_capture(path)


def _can_capture(path: Path) -> bool:
    """Whether a node says that pictures come out of it, without others being put in."""
    answer = bytearray(_CAPABILITY_STRUCT.size)
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True  # it may be in use, or not ours to open: that is said by whoever tries to
    try:
        fcntl.ioctl(node, _VIDIOC_QUERYCAP, answer)
    except OSError:
        return True
    finally:
        os.close(node)
    _, device, own = _CAPABILITY_STRUCT.unpack(answer)
    able = own if device & _CAP_DEVICE_CAPS else device
    return bool(able & (_CAP_VIDEO_CAPTURE | _CAP_VIDEO_CAPTURE_MPLANE)) and not able & (
        _CAP_VIDEO_M2M | _CAP_VIDEO_M2M_MPLANE | _CAP_IO_MC
    )


def _parse_number(path: Path) -> int:
    """The number of a node."""
    return int(path.name.removeprefix("video"))
