"""The `[camera]` table of kiosk.toml."""

from collections.abc import Sequence
from dataclasses import dataclass

DECODERS = ("zxing-cpp", "pyzbar")
"""The decoders that there are, the better one first."""


@dataclass(frozen=True, slots=True)
class CameraSettings:
    """Where pictures come from, and what is looked for in them."""

    source: int | str | tuple[str, ...] = "auto"
    """
    `auto`; a camera's number or `/dev/video0`; a video file; a folder or a list of pictures; `rtsp://` or `http://`
    of a stream; `picamera`; `demo`.
    """
    width: int = 1280
    height: int = 720
    decoders: tuple[str, ...] = DECODERS
    """In the order in which they are asked."""
    one_d: bool = False
    """Whether bar codes are read too: they are wrong now and then, and are believed after three equal reads only."""
    rest_seconds: float = 5.0
    """How long the same code is ignored after it was last seen; a different one never is."""
    max_fps: float = 30.0
    """How many pictures a second are looked at, at most."""

    def check(self) -> None:
        """Raise ValueError, with the key in front, for what cannot work."""
        for name in self.decoders:
            if name not in DECODERS:
                raise ValueError(f"decoders: there is no decoder {name!r}; it knows {', '.join(DECODERS)}.")
        if not self.decoders:
            raise ValueError(f"decoders: name at least one of {', '.join(DECODERS)}.")
        is_blank = not all(name.strip() for name in list_sources(self.source)) or self.source == ()
        if is_blank or (isinstance(self.source, int) and self.source < 0):
            raise ValueError("source: say 'auto', or which camera, file, folder or stream it is.")
        for key in ("width", "height"):
            if not 64 <= getattr(self, key) <= 8192:
                raise ValueError(f"{key}: it must be from 64 to 8192 pixels.")
        if not 0 <= self.rest_seconds <= 3600:
            raise ValueError("rest_seconds: it must be from 0 to 3600 seconds.")
        if not 1 <= self.max_fps <= 240:
            raise ValueError("max_fps: it must be from 1 to 240 pictures a second.")


def list_sources(source: int | str | Sequence[str]) -> list[str]:
    """*source* as a list of texts."""
    return [str(source)] if isinstance(source, int | str) else list(source)
