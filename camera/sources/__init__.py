"""Where pictures come from; `open_source` finds out by what the setting looks like."""

import logging
from collections.abc import Callable
from pathlib import Path

from camera.errors import CameraError, NoCamera
from camera.log_once import log_once
from camera.settings import CameraSettings, list_sources
from camera.sources.base import Source
from camera.sources.open_timeout import open_with_timeout

log = logging.getLogger(__name__)

STREAM_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")

_PICTURE_SECONDS = 1.0
"""How long each picture of a folder stays where pictures stand in for a camera."""


def open_source(settings: CameraSettings, demo: Callable[[], Source] | None = None) -> Source:
    """
    The source that `[camera]` names, open; *demo* makes the demo badges.

    Raises:
        CameraError: there are no pictures from it now.
    """
    width, height = settings.width, settings.height
    match settings.source:
        case "auto":
            return open_first_camera(width, height)
        case "demo":
            if demo is None:
                raise NoCamera("There are no demo badges here.")
            return demo()
        case "picamera":
            return _open_camera("The Raspberry Pi's camera", "picamera", width, height)
        case int() as number:
            return _open_camera(f"Camera {number}", f"/dev/video{number}", width, height)
        case str() as text if text.startswith("/dev/") or text.isdecimal():
            path = Path(text if text.startswith("/") else f"/dev/video{text}")
            return _open_camera(_name_camera(path), str(path), width, height)
    return open_files(list_sources(settings.source), pause=_PICTURE_SECONDS, in_real_time=True)


def open_files(names: list[str], *, pause: float = 0.0, in_real_time: bool = False) -> Source:
    """
    Pictures, folders of pictures, one video file, or one stream; each picture stays for *pause* seconds.

    Raises:
        CameraError: one of them is not there, or none has a picture.
    """
    from camera.sources.opencv_capture import open_stream, open_video
    from camera.sources.pictures import PICTURE_SUFFIXES, PictureFiles, list_pictures

    if len(names) == 1 and names[0].startswith(STREAM_SCHEMES):
        return open_stream(names[0])
    paths = [_find_path(name) for name in names]
    if len(paths) == 1 and paths[0].is_file() and paths[0].suffix.lower() not in PICTURE_SUFFIXES:
        return open_video(paths[0], in_real_time=in_real_time)
    files = [file for path in paths for file in (list_pictures(path) if path.is_dir() else [path])]
    return PictureFiles(files, pause=pause)


def _find_path(name: str) -> Path:
    """
    The file or folder called *name*; `~` is the user's own folder.

    Raises:
        NoCamera: it is not there, or may not be looked at.
    """
    from camera.sources.opencv_capture import redact_source

    try:
        path = Path(name).expanduser()
        path.stat()
    except (OSError, RuntimeError, ValueError) as error:
        shown = redact_source(name)
        if "://" in name:
            raise NoCamera(f"There is no {shown}: a stream begins with {', '.join(STREAM_SCHEMES)}.") from None
        reason = error.strerror if isinstance(error, PermissionError) else ""
        raise NoCamera(f"There is no {shown}." if not reason else f"{shown} cannot be opened: {reason}.") from None
    return path


def open_first_camera(width: int, height: int) -> Source:
    """
    The first camera of this machine that gives pictures; a Raspberry Pi's own first, where it has one.

    Raises:
        CameraError: none does; the sentence is of the first that could have.
    """
    from camera.sources.picamera import detect_ribbon_camera, has_pi_camera_support
    from camera.sources.video_nodes import find_devices

    own = [("The Raspberry Pi's camera", "picamera")] if has_pi_camera_support() else []
    others = [(_name_camera(path), str(path)) for path in find_devices()]
    candidates = [*own, *others] if own and detect_ribbon_camera() else [*others, *own]
    trouble: CameraError | None = None
    for name, source in candidates:
        try:
            return _open_camera(name, source, width, height)
        except CameraError as error:
            if len(candidates) > 1:
                log_once(log, f"{error} The next camera is tried.")
            trouble = trouble or error
    raise trouble or NoCamera("No camera found. Plug one in and it will be picked up automatically.")


def _open_camera(name: str, source: str, width: int, height: int) -> Source:
    """
    The camera *source*, a node or the Pi's own, which is called *name*, and gives pictures.

    Raises:
        CameraError: it does not, or not in time.
    """
    from camera.sources.opencv_capture import open_device
    from camera.sources.picamera import open_picamera

    if source == "picamera":
        return open_with_timeout(name, lambda: open_picamera(width, height))
    return open_with_timeout(name, lambda: open_device(Path(source), width, height))


def _name_camera(path: Path) -> str:
    """What to call the camera at *path*."""
    return f"Camera {path.name.removeprefix('video')}"
