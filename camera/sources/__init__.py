"""Where pictures come from; `open_source` finds out by what the setting looks like."""

import logging
from collections.abc import Callable
from pathlib import Path

from camera.errors import CameraError, NoCamera
from camera.once import log_once
from camera.settings import CameraSettings, listed
from camera.sources.base import Source
from camera.sources.patience import open_patiently

log = logging.getLogger(__name__)

STREAMS = ("rtsp://", "rtsps://", "http://", "https://")

PICTURE_SECONDS = 1.0
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
            return first_camera(width, height)
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
            return _open_camera(_name(path), str(path), width, height)
    return open_files(listed(settings.source), pause=PICTURE_SECONDS, in_real_time=True)


def open_files(names: list[str], *, pause: float = 0.0, in_real_time: bool = False) -> Source:
    """
    Pictures, folders of pictures, one video file, or one stream; each picture stays for *pause* seconds.

    Raises:
        CameraError: one of them is not there, or none has a picture.
    """
    from camera.sources.capture import stream, video
    from camera.sources.pictures import SUFFIXES, Pictures, folder

    if len(names) == 1 and names[0].startswith(STREAMS):
        return stream(names[0])
    paths = [existing(name) for name in names]
    if len(paths) == 1 and paths[0].is_file() and paths[0].suffix.lower() not in SUFFIXES:
        return video(paths[0], in_real_time=in_real_time)
    files = [file for path in paths for file in (folder(path) if path.is_dir() else [path])]
    return Pictures(files, pause=pause)


def existing(name: str) -> Path:
    """
    The file or folder called *name*; `~` is the user's own folder.

    Raises:
        NoCamera: it is not there, or may not be looked at.
    """
    from camera.sources.capture import without_secrets

    try:
        path = Path(name).expanduser()
        path.stat()
    except (OSError, RuntimeError, ValueError) as error:
        shown = without_secrets(name)
        if "://" in name:
            raise NoCamera(f"There is no {shown}: a stream begins with {', '.join(STREAMS)}.") from None
        reason = error.strerror if isinstance(error, PermissionError) else ""
        raise NoCamera(f"There is no {shown}." if not reason else f"{shown} cannot be opened: {reason}.") from None
    return path


def first_camera(width: int, height: int) -> Source:
    """
    The first camera of this machine that gives pictures; a Raspberry Pi's own first, where it has one.

    Raises:
        CameraError: none does; the sentence is of the first that could have.
    """
    from camera.sources.nodes import devices
    from camera.sources.picamera import is_present, lists_a_camera

    own = [("The Raspberry Pi's camera", "picamera")] if is_present() else []
    others = [(_name(path), str(path)) for path in devices()]
    candidates = [*own, *others] if own and lists_a_camera() else [*others, *own]
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
    from camera.sources.capture import device
    from camera.sources.picamera import picamera

    if source == "picamera":
        return open_patiently(name, lambda: picamera(width, height))
    return open_patiently(name, lambda: device(Path(source), width, height))


def _name(path: Path) -> str:
    """What to call the camera at *path*."""
    return f"Camera {path.name.removeprefix('video')}"
