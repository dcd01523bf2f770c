"""The bridge from the scanners' threads to the app: events become messages, no faster than people can see."""

import time
from collections.abc import Callable

from textual.message import Message

from camera.events import CodesSeen, FrameProcessed, SourceEnded, SourceFailed, SourceWorking
from camera.thumbnail import make_thumbnail
from data.language import _, translate_error
from kiosk.scanning.camera_scanner import ScannerEvent
from kiosk.scanning.scan_result import ScanResult
from kiosk.tui.messages import BadgeScanned, CameraChanged, PictureReady

# The shortest time between two images in the viewfinder.
_PICTURE_INTERVAL_SECONDS = 0.1


class ScannerBridge:
    """Posts the events of the scanners as messages; *post* must be safe to call from any thread."""

    def __init__(self, post: Callable[[Message], object]) -> None:
        self.post = post
        self.picture_size = (0, 0)
        """Width and height of the viewfinder in pixels, set by the scan screen; 0 x 0 while it is not visible."""
        self.is_mirrored = False
        """Whether images are shown mirrored, so that people can aim their badge as in a mirror."""
        self.last_picture_at = 0.0

    def __call__(self, event: ScannerEvent) -> None:
        """Post what matters to the screens."""
        match event:
            case ScanResult():
                self.post(BadgeScanned(event))
            case FrameProcessed():
                self._post_picture(event)
            case SourceWorking(name):
                self.is_mirrored = name.startswith(("camera", "Pi camera"))  # not shown: names of sources
                self.post(CameraChanged(translate_error(name)))
            case SourceFailed(sentence):
                self.post(CameraChanged("", translate_error(sentence)))
            case SourceEnded():
                self.post(CameraChanged("", _("All images have been shown.")))
            case CodesSeen():
                pass  # the scanner saves the badge and reports a ScanResult

    def _post_picture(self, event: FrameProcessed) -> None:
        """Post a small image with the codes that were found in it, unless one was posted just before."""
        if self.picture_size[0] and time.monotonic() - self.last_picture_at >= _PICTURE_INTERVAL_SECONDS:
            self.last_picture_at = time.monotonic()
            corners = [payload.corners for payload in event.codes]
            picture = make_thumbnail(event.frame, *self.picture_size, corners, mirrored=self.is_mirrored)
            self.post(PictureReady(picture))
