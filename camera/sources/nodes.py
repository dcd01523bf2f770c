"""Which of the nodes /dev/video* are cameras that can be read: on a Raspberry Pi most of them are not."""

import fcntl
import os
import re
import struct
from pathlib import Path

NAMES = Path("/sys/class/video4linux")

NOT_CAMERAS = ("unicam", "rp1-cfe", "bcm2835-codec", "bcm2835-isp", "pispbe", "rpi-hevc-dec", "rpivid")
"""How the names of a Pi's nodes begin that open and give no picture: the raw sensor, and the parts that work on it."""

QUERY = 0x80685600
"""VIDIOC_QUERYCAP of linux/videodev2.h: asks what a node can do."""

ANSWER = struct.Struct("=80x3I12x")
"""`struct v4l2_capability`, as far as it matters: version, what the device can do, what this node can do."""

CAPTURES, CAPTURES_PLANES = 0x1, 0x1000
"""V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE_MPLANE: pictures come out."""

CONVERTS, CONVERTS_PLANES, NEEDS_SETTING_UP, HAS_NODE_ANSWER = 0x8000, 0x4000, 0x20000000, 0x80000000
"""V4L2_CAP_VIDEO_M2M (also MPLANE), IO_MC, DEVICE_CAPS: pictures must be put in first; others must set it up first."""


def devices() -> list[Path]:
    """The nodes of this machine that may be cameras, by number."""
    found = [path for path in Path("/dev").glob("video*") if re.fullmatch(r"video\d+", path.name)]
    return [path for path in sorted(found, key=_number) if may_be_camera(path)]


def may_be_camera(path: Path) -> bool:
    """Whether a node may give pictures; where nothing is known of it, it may."""
    try:
        name = (NAMES / path.name / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return not name.startswith(NOT_CAMERAS) and _captures(path)


def _captures(path: Path) -> bool:
    """Whether a node says that pictures come out of it, without others being put in."""
    answer = bytearray(ANSWER.size)
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True  # it may be in use, or not ours to open: that is said by whoever tries to
    try:
        fcntl.ioctl(node, QUERY, answer)
    except OSError:
        return True
    finally:
        os.close(node)
    _, device, own = ANSWER.unpack(answer)
    able = own if device & HAS_NODE_ANSWER else device
    return bool(able & (CAPTURES | CAPTURES_PLANES)) and not able & (CONVERTS | CONVERTS_PLANES | NEEDS_SETTING_UP)


def _number(path: Path) -> int:
    """The number of a node."""
    return int(path.name.removeprefix("video"))
