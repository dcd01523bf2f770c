"""Where images come from; `open_source` decides by what the setting looks like."""

import logging
from collections.abc import Callable
from pathlib import Path

from camera.errors import CameraError, NoCamera
from camera.log_once import log_once
from camera.sentences import N_, Sentence
from camera.settings import CameraSettings, list_sources
from camera.sources.base import Source
from camera.sources.open_timeout import open_with_timeout

log = logging.getLogger(__name__)

_PI_CAMERA_NAME = Sentence(N_("The Raspberry Pi camera"))

STREAM_SCHEMES = ("rtsp://", "rtsps://", "http://", "https://")

# How long each image of a folder is shown if images stand in for a camera.
_PICTURE_SECONDS = 1.0


def open_source(settings: CameraSettings, demo: Callable[[], Source] | None = None) -> Source:
    """
    Open the source named in `[camera]`; *demo* creates the demo badges.

    Raises:
        CameraError: it cannot deliver images now.
    """
    width, height = settings.width, settings.height
    match settings.source:
        case "auto":
            return open_first_camera(width, height)
        case "demo":
            if demo is None:
                raise NoCamera(N_("Demo badges are not available here."))
            return demo()
        case "picamera":
            return _open_camera(_PI_CAMERA_NAME, "picamera", width, height)
        case int() as number:
            return _open_camera(_name_camera(Path(f"/dev/video{number}")), f"/dev/video{number}", width, height)
        case str() as text if _is_device(text):
            path = Path(text if text.startswith("/") else f"/dev/video{text}")
            return _open_camera(_name_camera(path), str(path), width, height)
    return open_files(list_sources(settings.source), pause=_PICTURE_SECONDS, in_real_time=True)


def _is_device(text: str) -> bool:
    """Return whether *text* is a camera's number or node; files can be below /dev, too, in /dev/shm."""
    return text.isdecimal() or (text.startswith("/dev/") and not (Path(text).is_file() or Path(text).is_dir()))


def open_files(names: list[str], *, pause: float = 0.0, in_real_time: bool = False) -> Source:
    """
    Open images, folders of images, one video file, or one stream; each image is shown for *pause* seconds.

    Raises:
        CameraError: one of them does not exist, or none is an image.
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
    Return the file or folder called *name*; `~` is the user's home.

    Raises:
        NoCamera: it does not exist, or there is no permission to see it.
    """
    from camera.sources.opencv_capture import redact_source

    try:
        path = Path(name).expanduser()
        path.stat()
    except (OSError, RuntimeError, ValueError) as error:
        shown = redact_source(name)
        if "://" in name:
            schemes = ", ".join(STREAM_SCHEMES)
            raise NoCamera(
                N_("{name} not found. The address of a stream begins with {schemes}."), name=shown, schemes=schemes
            ) from None
        if isinstance(error, PermissionError):
            raise NoCamera(N_("Cannot open {name}: {reason}."), name=shown, reason=error.strerror) from None
        raise NoCamera(
            N_("{name} not found. The kiosk keeps looking for it."), once=N_("{name} not found."), name=shown
        ) from None
    return path


def open_first_camera(width: int, height: int) -> Source:
    """
    Open the first camera of this machine that delivers images.

    Raises:
        CameraError: none does; the sentence is about the first candidate.
    """
    from camera.sources.picamera import detect_ribbon_camera, has_pi_camera_support
    from camera.sources.video_nodes import find_cameras

    pi_cameras: list[tuple[str, str]] = [(_PI_CAMERA_NAME, "picamera")] if has_pi_camera_support() else []
    webcams = [(_name_camera(path), str(path)) for path in find_cameras()]
    # Listing the cameras of a Raspberry Pi takes seconds, so that is done only where there may be one.
    candidates = [*pi_cameras, *webcams] if pi_cameras and detect_ribbon_camera() else [*webcams, *pi_cameras]
    first_error: CameraError | None = None
    for name, source in candidates:
        try:
            return _open_camera(name, source, width, height)
        except CameraError as error:
            if len(candidates) > 1:
                log_once(log, f"{error} Trying the next camera.")
            first_error = first_error or error
    raise first_error or NoCamera(N_("No camera found. Plug one in and it will be picked up automatically."))


def _open_camera(name: str, source: str, width: int, height: int) -> Source:
    """
    Open the camera *source* (a node, or `picamera`), which is called *name*, once its first image has arrived.

    Raises:
        CameraError: it delivers none, or not in time.
    """
    from camera.sources.opencv_capture import open_device
    from camera.sources.picamera import open_picamera

    if source == "picamera":
        return open_with_timeout(name, lambda: open_picamera(width, height))
    return open_with_timeout(name, lambda: open_device(Path(source), width, height))


def _name_camera(path: Path) -> Sentence:
    """Return what to call the camera at *path*."""
    return Sentence(N_("Camera {number}"), number=path.name.removeprefix("video"))
