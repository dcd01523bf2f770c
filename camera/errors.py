"""
The errors of this package.

    CameraError           base class, never raised itself
    ├── NoCamera          no camera (file, stream) where one was expected, or OpenCV cannot be loaded
    ├── CameraBusy        in use by another program, or no permission
    ├── CameraGone        the source fails, or sends nothing that can be used
    ├── BadPicture        a file that cannot be read as an image or a video
    └── DecoderMissing    a decoder cannot be loaded; sources are not affected
"""

from typing import Any

from camera.sentences import N_, Sentence

_MAX_SUMMARY_CHARACTERS = 120


class CameraError(Exception):
    """
    A source cannot deliver images now, or a decoder cannot read them; `str()` of it is an English sentence for booth
    staff.

    `message` is the sentence's template and `values` fills its braces, for whoever shows it in another language.
    """

    def __init__(self, message: str, *, once: str = "", **values: Any) -> None:
        """*once* is the template for a command that tries only once, if *message* says that the kiosk retries."""
        self.once = Sentence(once or message, **values)
        """The sentence without a promise to retry."""
        self.sentence = Sentence(message, **values)
        self.message, self.values = self.sentence.message, self.sentence.values
        super().__init__(self.sentence)


class NoCamera(CameraError):
    """There is no camera (file, stream) where one was expected, or OpenCV cannot be loaded."""


class CameraBusy(CameraError):
    """Another program uses the camera, or this user has no permission to open it."""


class CameraGone(CameraError):
    """The source failed, or has stopped sending usable images."""


class BadPicture(CameraError):
    """A file cannot be read as an image or a video."""


class DecoderMissing(CameraError):
    """A decoder cannot be loaded."""


def to_camera_error(error: BaseException) -> CameraError:
    """Return *error* if it is a CameraError already; wrap anything else a driver or library raises in a CameraGone."""
    if isinstance(error, CameraError):
        return error
    return CameraGone(
        N_("The camera failed ({reason}). The kiosk keeps retrying."),
        once=N_("The camera failed ({reason})."),
        reason=summarize_error(error),
    )


def summarize_error(error: BaseException) -> str:
    """Describe *error* on one printable line, cut to 120 characters; by its class if it has no text."""
    # OpenCV's messages have several lines, and a file name in one may contain terminal control characters.
    printable = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return " ".join(printable.split())[:_MAX_SUMMARY_CHARACTERS] or type(error).__name__
