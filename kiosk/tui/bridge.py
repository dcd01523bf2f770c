"""From the scanner's thread to the screen, no faster than people see."""

import time
from collections.abc import Callable

from textual.message import Message

from camera.events import Ended, Looked, Seen, Trouble, Working
from camera.thumbnail import thumbnail
from kiosk.scanning.camera_scanner import Told
from kiosk.scanning.capture import Captured
from kiosk.tui.messages import BadgeTaken, CameraChanged, PictureTaken

PICTURE_SECONDS = 0.1
"""Between two pictures of the viewfinder."""


class Relay:
    """Turns what the scanner tells into messages; *post* must be safe to call from any thread."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.post = post
        self.size = (0, 0)
        """Of the viewfinder in pixels, width and height; set by the screen, 0 while there is none to see."""
        self.mirrored = False
        self.shown = 0.0

    def __call__(self, told: Told) -> None:
        """Pass on what matters to a screen."""
        match told:
            case Captured():
                self.post(BadgeTaken(told))
            case Looked(frame, _, found):
                if self.size[0] and time.monotonic() - self.shown >= PICTURE_SECONDS:
                    self.shown = time.monotonic()
                    corners = [payload.corners for payload in found]
                    self.post(PictureTaken(thumbnail(frame, *self.size, corners, mirrored=self.mirrored)))
            case Working(name):
                self.mirrored = name.startswith(("camera", "Pi camera"))
                self.post(CameraChanged(name))
            case Trouble(sentence):
                self.post(CameraChanged("", sentence))
            case Ended():
                self.post(CameraChanged("", "All pictures have been shown."))
            case Seen():
                pass
