"""From the scanner's thread to the screen, no faster than people see."""

import time
from collections.abc import Callable

from textual.message import Message

from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.thumbnail import make_thumbnail
from data.language import translate_error
from kiosk.scanning.camera_scanner import ScannerEvent
from kiosk.scanning.capture import ScanResult
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady

_PICTURE_INTERVAL_SECONDS = 0.1
"""Between two pictures of the viewfinder."""


class ScannerBridge:
    """Turns what the scanner tells into messages; *post* must be safe to call from any thread."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.post = post
        self.picture_size = (0, 0)
        """Of the viewfinder in pixels, width and height; set by the screen, 0 while there is none to see."""
        self.is_mirrored = False
        self.last_picture_at = 0.0

    def __call__(self, told: ScannerEvent) -> None:
        """Pass on what matters to a screen."""
        match told:
            case ScanResult():
                self.post(BadgeScanned(told))
            case FrameProcessed(frame, _, found):
                if self.picture_size[0] and time.monotonic() - self.last_picture_at >= _PICTURE_INTERVAL_SECONDS:
                    self.last_picture_at = time.monotonic()
                    corners = [payload.corners for payload in found]
                    self.post(
                        PictureReady(make_thumbnail(frame, *self.picture_size, corners, mirrored=self.is_mirrored))
                    )
            case SourceWorking(name):
                self.is_mirrored = name.startswith(("camera", "Pi camera"))
                self.post(CameraChanged(translate_error(name)))
            case SourceFailed(sentence):
                self.post(CameraChanged("", translate_error(sentence)))
            case SourceEnded():
                self.post(CameraChanged("", "All pictures have been shown."))
            case CodesSeen():
                pass
