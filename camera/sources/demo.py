"""Demo badges, drawn as a camera would see them, for a machine without a camera."""

import time
from collections.abc import Iterator, Sequence

from camera.payload import Frame
from camera.sentences import N_, Sentence
from camera.sources.base import Shot

_FPS = 15.0
# How long a badge takes to slide into the image, and out of it.
_SLIDE_SECONDS = 0.3
# Staff need a moment to rate the lead before the next badge, so for this share of its time a badge is out of view.
_AWAY_SHARE = 0.25
# A badge that was not read in its time stays longer, because a busy machine reads slowly: at most this many times as
# long, or this many seconds, whichever is more.
_LONGER_STAY_FACTOR = 3.0
_LONGER_STAY_SECONDS = 30.0


class DemoBadges:
    """Each payload as a QR code on a white card that slides into view, stays a while and leaves."""

    name: str = Sentence(N_("demo badges"))
    kind = "demo"
    is_live = True

    def __init__(
        self, payloads: Sequence[bytes], seconds_each: float, *, width: int, height: int, endless: bool
    ) -> None:
        self.payloads = payloads
        self.seconds_each = max(0.2, seconds_each)
        self.width = width
        self.height = height
        self.is_endless = endless
        self.is_closed = False
        self._last_read = b""

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images at `_FPS`; after the last badge start over if `is_endless`."""
        while self.payloads and not self.is_closed:
            for payload in self.payloads:
                yield from self.show_badge(payload)
            if not self.is_endless:
                return

    def show_badge(self, payload: bytes) -> Iterator[Shot]:
        """Yield the images of one badge from arriving to leaving; it stays until it is read or we give up."""
        card, scene = draw_card(payload, self.height), draw_scene(self.width, self.height)
        self._last_read = b""
        started = time.monotonic()
        give_up_at = started + max(_LONGER_STAY_FACTOR * self.seconds_each, _LONGER_STAY_SECONDS)
        while not self.is_closed:
            now = time.monotonic()
            # This comes before the end is checked: on a busy machine all the time left may pass between two images.
            if now - started > self._leave_after and self._last_read != payload and now < give_up_at:
                started = now - self._leave_after
            seconds = now - started
            if seconds >= self.seconds_each:
                return
            yield Shot(place_card(card, scene, self.compute_position(seconds)))
            time.sleep(1.0 / _FPS)

    def mark_read(self, data: bytes) -> None:
        """Let the badge with the payload *data* leave, once its time is over."""
        self._last_read = data

    @property
    def _stay_seconds(self) -> float:
        """How long a badge is in the image, including its way in and out."""
        return self.seconds_each * (1.0 - _AWAY_SHARE)

    @property
    def _slide_seconds(self) -> float:
        """How long a badge takes to come in, and to go out."""
        return min(_SLIDE_SECONDS, self._stay_seconds / 4)

    @property
    def _leave_after(self) -> float:
        """When a badge begins to leave, in seconds after it came into the image."""
        return self._stay_seconds - self._slide_seconds

    def compute_position(self, seconds: float) -> float:
        """Return the card's position after *seconds*: 0 is out of the image, 1 is in its middle."""
        slide = self._slide_seconds
        return max(0.0, min(1.0, seconds / slide, (self._stay_seconds - seconds) / slide))

    def close(self) -> None:
        """End with the next image."""
        self.is_closed = True


def draw_scene(width: int, height: int) -> Frame:
    """Draw the empty booth: a soft gradient, height x width x 3, BGR, uint8."""
    import numpy as np

    shade = np.linspace(70, 30, height, dtype=np.uint8)[:, None, None]
    return np.broadcast_to(shade, (height, width, 3)) + np.array([18, 10, 4], np.uint8)


def draw_card(payload: bytes, height: int) -> Frame:
    """Draw a white card with *payload* as a QR code, a little over half as high as the image."""
    import numpy as np
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.main import QRCode

    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(payload, optimize=0)
    code.make(fit=True)
    dark = np.array(code.get_matrix(), dtype=bool)
    scale = max(2, int(height * 0.62) // len(dark))
    grey = np.where(dark, 20, 245).astype(np.uint8).repeat(scale, 0).repeat(scale, 1)
    return np.repeat(grey[:, :, None], 3, axis=2)


def place_card(card: Frame, scene: Frame, how_far_in: float) -> Frame:
    """Draw *card* on its way from below (0) to the middle (1) of *scene*."""
    frame = scene.copy()
    height, width = frame.shape[:2]
    left = max(0, (width - card.shape[1]) // 2)
    middle = max(0, (height - card.shape[0]) // 2)
    top = round(height + (middle - height) * how_far_in)
    visible = card[: max(0, height - top), : width - left]
    frame[top : top + visible.shape[0], left : left + visible.shape[1]] = visible
    return frame
