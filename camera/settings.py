"""The `[camera]` table of kiosk.toml."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from camera.sentences import N_, Sentence

DECODERS = ("zxing-cpp", "pyzbar")
"""All decoders, the better one first."""


class SettingError(ValueError):
    """
    A setting has an invalid value.

    `str()` gives "key: sentence" in English; `message` and `values` are for translating it.
    """

    def __init__(self, message: str, **values: Any) -> None:
        sentence = Sentence(message, **values)
        self.message, self.values = sentence.message, sentence.values
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where images come from, and which codes are read."""

    source: int | str | tuple[str, ...] = "auto"
    """
    `auto`; a camera's number or `/dev/video0`; a video file; a folder or a list of images; a stream's `rtsp://` or
    `http://` address; `picamera`; `demo`; `none` where there is no camera.
    """
    width: int = 1280
    height: int = 720
    decoders: tuple[str, ...] = DECODERS
    """In the order in which they are tried."""
    one_d: bool = False
    """Whether barcodes are read, too. They are misread now and then, so three identical reads are required."""
    rest_seconds: float = 5.0
    """How long a code is ignored after it was last seen (the cooldown); other codes are not affected."""
    max_fps: float = 30.0
    """Maximum number of images processed per second."""

    @property
    def is_none(self) -> bool:
        """Whether there is no camera: badges come from scanners only."""
        return self.source == "none"

    def check(self) -> None:
        """
        Check what the types alone cannot express.

        Raises:
            ValueError: "key: sentence"; a `SettingError`, whose sentence can be translated.
        """
        for name in self.decoders:
            if name not in DECODERS:
                raise SettingError(
                    N_("decoders: unknown decoder {name}. Choose from {names}."),
                    name=repr(name),
                    names=", ".join(DECODERS),
                )
        if not self.decoders:
            raise SettingError(N_("decoders: choose at least one of {names}."), names=", ".join(DECODERS))
        is_blank = not all(name.strip() for name in list_sources(self.source)) or self.source == ()
        if is_blank or (isinstance(self.source, int) and self.source < 0):
            raise SettingError(N_("source: set it to 'auto', to 'none', or to a camera, file, folder or stream."))
        for key in ("width", "height"):
            if not 64 <= getattr(self, key) <= 8192:
                raise SettingError(N_("{key}: must be from 64 to 8192 pixels."), key=key)
        if not 0 <= self.rest_seconds <= 3600:
            raise SettingError(N_("rest_seconds: must be from 0 to 3600 seconds."))
        if not 1 <= self.max_fps <= 240:
            raise SettingError(N_("max_fps: must be from 1 to 240 images per second."))


def list_sources(source: int | str | Sequence[str]) -> list[str]:
    """Return *source* as a list of strings."""
    return [str(source)] if isinstance(source, int | str) else list(source)
