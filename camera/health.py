"""Telling a camera that shows nothing from one that sees."""

from camera.payload import Frame

DARK, FLAT = 12, 10
"""A picture whose brightest of some hundred points is under DARK, or that differs nowhere by FLAT, shows nothing."""

PATIENCE = 3.0
"""Seconds that it must last before anybody is told: somebody may just be passing."""

BLACK = "The camera's picture is black: take off its cover, or make light."
FROZEN = "The camera's picture stands still: it is started anew."


class Health:
    """Looks at one picture after another; `trouble` says what is wrong with them, if anything."""

    def __init__(self) -> None:
        self.trouble = ""
        self.black_since: float | None = None
        self.same_since: float | None = None
        self.last = b""

    def look(self, frame: Frame, now: float) -> None:
        """Take in one picture of a camera, seen at *now* seconds."""
        points = frame[:: max(1, frame.shape[0] // 24), :: max(1, frame.shape[1] // 32)]
        low, high = int(points.min()), int(points.max())
        is_black = high < DARK or (high < 48 and high - low < FLAT)
        self.black_since = since(is_black, self.black_since, now)
        seen = points.tobytes()
        # A sensor has noise: where not one of these points changes, the driver repeats a picture.
        self.same_since = since(seen == self.last and not is_black, self.same_since, now)
        self.last = seen
        self.trouble = ""
        if self.black_since is not None and now - self.black_since >= PATIENCE:
            self.trouble = BLACK
        elif self.same_since is not None and now - self.same_since >= 2 * PATIENCE:
            self.trouble = FROZEN


def since(holds: bool, before: float | None, now: float) -> float | None:
    """Since when something *holds* without a break, where that was so since *before*; None while it does not."""
    if not holds:
        return None
    return now if before is None else before
