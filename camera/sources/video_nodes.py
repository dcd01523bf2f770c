"""Finds the /dev/video* nodes that are readable cameras; on a Raspberry Pi most of them are not."""

import fcntl
import os
import re
import struct
from pathlib import Path

SYSFS_FOLDER = Path("/sys/class/video4linux")

# Nodes of a Raspberry Pi that open and never deliver an image: the raw sensor, and the units that process its data.
_NON_CAMERA_PREFIXES = ("unicam", "rp1-cfe", "bcm2835-codec", "bcm2835-isp", "pispbe", "rpi-hevc-dec", "rpivid")

# Asks a node for its capabilities (linux/videodev2.h).
_VIDIOC_QUERYCAP = 0x80685600

# The parts of `struct v4l2_capability` that matter: version, capabilities of the device, of this node.
_CAPABILITY_STRUCT = struct.Struct("=80x3I12x")

# V4L2_CAP_VIDEO_CAPTURE and V4L2_CAP_VIDEO_CAPTURE_MPLANE: the node delivers images.
_CAP_VIDEO_CAPTURE, _CAP_VIDEO_CAPTURE_MPLANE = 0x1, 0x1000

# V4L2_CAP_VIDEO_M2M (and _MPLANE), V4L2_CAP_IO_MC, V4L2_CAP_DEVICE_CAPS.
_CAP_VIDEO_M2M, _CAP_VIDEO_M2M_MPLANE, _CAP_IO_MC, _CAP_DEVICE_CAPS = 0x8000, 0x4000, 0x20000000, 0x80000000


def find_cameras() -> list[Path]:
    """Return the nodes of this machine that may be cameras, by number."""
    found = [path for path in Path("/dev").glob("video*") if re.fullmatch(r"video\d+", path.name)]
    return [path for path in sorted(found, key=_parse_number) if can_be_camera(path)]


def can_be_camera(path: Path) -> bool:
    """Return whether a node may deliver images; if nothing is known about it, it may."""
    try:
        name = (SYSFS_FOLDER / path.name / "name").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        name = ""
    return not name.startswith(_NON_CAMERA_PREFIXES) and _can_capture(path)


def _can_capture(path: Path) -> bool:
    """Return whether a node delivers images without having to be fed with images (as a converter is) or set up."""
    answer = bytearray(_CAPABILITY_STRUCT.size)
    try:
        node = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return True  # in use, or no permission: opening the camera reports why
    try:
        fcntl.ioctl(node, _VIDIOC_QUERYCAP, answer)
    except OSError:
        return True  # a driver without this call: opening the camera shows what it can do
    finally:
        os.close(node)
    _, device_capabilities, node_capabilities = _CAPABILITY_STRUCT.unpack(answer)
    capabilities = node_capabilities if device_capabilities & _CAP_DEVICE_CAPS else device_capabilities
    return bool(capabilities & (_CAP_VIDEO_CAPTURE | _CAP_VIDEO_CAPTURE_MPLANE)) and not capabilities & (
        _CAP_VIDEO_M2M | _CAP_VIDEO_M2M_MPLANE | _CAP_IO_MC
    )


def _parse_number(path: Path) -> int:
    """Return the number of a node."""
    return int(path.name.removeprefix("video"))
