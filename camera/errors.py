"""
What can go wrong with light.

    CameraError           nobody raises it
    ├── NoCamera          there is none where it was looked for
    ├── CameraBusy        another program holds it, or it may not be used
    ├── CameraGone        it was there, and gives no pictures any more
    └── BadPicture        a file is no picture and no video
"""


class CameraError(Exception):
    """There are no pictures from a source now; `str()` of it is a sentence for booth staff."""


class NoCamera(CameraError):
    """There is no camera where it was looked for."""


class CameraBusy(CameraError):
    """Another program holds the camera, or this user may not use it."""


class CameraGone(CameraError):
    """The camera was there, and gives no pictures any more."""


class BadPicture(CameraError):
    """A file cannot be read as a picture or a video."""


def to_camera_error(error: BaseException) -> CameraError:
    """*error* itself if it is one of these; else, for whatever a driver or a library throws, a CameraGone."""
    if isinstance(error, CameraError):
        return error
    return CameraGone(f"The camera failed ({summarize_error(error)}); it is tried again by itself.")


def summarize_error(error: BaseException) -> str:
    """What *error* says, on one line of at most 120 characters; its kind, where it says nothing."""
    # OpenCV's own words are several lines long, and a file's name may hold anything.
    said = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return " ".join(said.split())[:120] or type(error).__name__
