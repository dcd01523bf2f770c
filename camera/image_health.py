"""Telling a camera that shows nothing from one that sees."""

from camera.payload import Frame

_MIN_BRIGHTNESS, _MIN_CONTRAST = 12, 10
"""A picture whose brightest of some hundred points is under DARK, or that differs nowhere by FLAT, shows nothing."""

FAULT_DELAY_SECONDS = 3.0
"""Seconds that it must last before anybody is told: somebody may just be passing."""

BLACK_IMAGE = "The camera's picture is black: take off its cover, or make light."
FROZEN_IMAGE = "The camera's picture stands still: it is started anew."


class ImageHealth:
    """Looks at one picture after another; `trouble` says what is wrong with them, if anything."""

    def __init__(self) -> None:
        self.problem = ""
        self.black_since: float | None = None
        self.same_since: float | None = None
        self.last_points = b""

    def check_frame(self, frame: Frame, now: float) -> None:
        """Take in one picture of a camera, seen at *now* seconds."""
        points = frame[:: max(1, frame.shape[0] // 24), :: max(1, frame.shape[1] // 32)]
        low, high = int(points.min()), int(points.max())
        is_black = high < _MIN_BRIGHTNESS or (high < 48 and high - low < _MIN_CONTRAST)
        self.black_since = update_since(is_black, self.black_since, now)
        seen = points.tobytes()
        # A sensor has noise: where not one of these points changes, the driver repeats a picture.
        self.same_since = update_since(seen == self.last_points and not is_black, self.same_since, now)
        self.last_points = seen
        self.problem = ""
        if self.black_since is not None and now - self.black_since >= FAULT_DELAY_SECONDS:
            self.problem = BLACK_IMAGE
        elif self.same_since is not None and now - self.same_since >= 2 * FAULT_DELAY_SECONDS:
            self.problem = FROZEN_IMAGE


def update_since(holds: bool, before: float | None, now: float) -> float | None:
    """Since when something *holds* without a break, where that was so since *before*; None while it does not."""
    if not holds:
        return None
    return now if before is None else before
