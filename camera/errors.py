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


def in_words(error: Exception) -> CameraError:
    """*error* itself if it is one of these; else, for whatever a driver or a library throws, a CameraGone."""
    if isinstance(error, CameraError):
        return error
    # OpenCV's own words are several lines long, and a file's name may hold anything.
    said = "".join(letter if letter.isprintable() else " " for letter in str(error))
    why = " ".join(said.split())[:120] or type(error).__name__
    return CameraGone(f"The camera failed ({why}); it is tried again by itself.")
