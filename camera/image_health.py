"""Detects a camera that delivers images with nothing in them: black ones, or the same one over and over."""

from camera.payload import Frame
from camera.sentences import N_, Sentence

# An image is black if the brightest of several hundred sampled points is darker than this.
_MIN_BRIGHTNESS = 12

# An image also counts as black if it is darker and has less contrast than this: automatic gain lifts the black of a
# covered lens to an even dark grey.
_MIN_CONTRAST = 10
_MAX_COVERED_BRIGHTNESS = 48

# How long an image must be black before that is reported, because somebody may just be passing. A frozen one must last
# twice as long.
FAULT_DELAY_SECONDS = 3.0

BLACK_IMAGE = Sentence(N_("The camera image is black. Uncover the lens or turn on a light."))
FROZEN_IMAGE = Sentence(N_("The camera image is frozen. Restarting the camera."))


class ImageHealth:
    """Checks the images of one camera one after another; `problem` is the current fault, empty if there is none."""

    def __init__(self) -> None:
        self.problem = ""
        self.black_since: float | None = None
        self.same_since: float | None = None
        self.last_points = b""

    def check_frame(self, frame: Frame, now: float) -> None:
        """Update `problem` with an image taken at *now* (seconds of a monotonic clock)."""
        points = frame[:: max(1, frame.shape[0] // 24), :: max(1, frame.shape[1] // 32)]
        low, high = int(points.min()), int(points.max())
        is_black = high < _MIN_BRIGHTNESS or (high < _MAX_COVERED_BRIGHTNESS and high - low < _MIN_CONTRAST)
        self.black_since = _update_since(is_black, self.black_since, now)
        current_points = points.tobytes()
        # A sensor has noise: if none of these points changes, the driver repeats an old image.
        is_same = current_points == self.last_points and not is_black
        self.same_since = _update_since(is_same, self.same_since, now)
        self.last_points = current_points
        self.problem = ""
        if self.black_since is not None and now - self.black_since >= FAULT_DELAY_SECONDS:
            self.problem = BLACK_IMAGE
        elif self.same_since is not None and now - self.same_since >= 2 * FAULT_DELAY_SECONDS:
            self.problem = FROZEN_IMAGE


def _update_since(is_true: bool, since: float | None, now: float) -> float | None:
    """Return when an uninterrupted condition began: *since*, or *now* if it just began; None while it is not met."""
    if not is_true:
        return None
    return now if since is None else since
