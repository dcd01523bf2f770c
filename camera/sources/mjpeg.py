"""
Motion JPEG over HTTP, as IP cameras and phones send it.

FFmpeg decodes a picture before anybody can ask how large it is; here that is read in its header first.
"""

import http.client
import io
import re
import warnings
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from camera.errors import CameraGone
from camera.payload import Frame
from camera.sources.base import Shot

MAX_PIXELS = 20_000_000
"""Of one picture: it takes some nine bytes each while it is looked at."""

_MAX_PICTURE_BYTES = 1 << 24

_MAX_LINE_BYTES = 4096
_MAX_HEADER_LINES = 50

_JPEG_START, JPEG_END = b"\xff\xd8", b"\xff\xd9"


class NotMotionJpeg(Exception):
    """What answers sends something else, which FFmpeg may know."""


class MotionJpegSource:
    """A stream of JPEG pictures."""

    kind = "stream"
    is_live = True

    def __init__(self, url: str, host: str, seconds: float) -> None:
        """
        Open *url*, which is shown as *host*; *seconds* is how long it may keep silent.

        Raises:
            NotMotionJpeg: it answers with something else.
            OSError: nothing answers.
        """
        parts = urlsplit(url)
        self.name = f"stream of {host}"
        self.gone_message = f"The stream of {host} broke off; it is tried again by itself."
        self.too_large_message = (
            f"The stream of {host} sends pictures of over 20 megapixels: set its camera to a smaller size."
        )
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=seconds)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            self.connection.request("GET", path, headers=_make_auth_headers(parts.username, parts.password))
            self.response = self.connection.getresponse()
            kind = self.response.getheader("Content-Type", "").partition(";")[0].strip().lower()
            if self.response.status != 200 or kind != "multipart/x-mixed-replace":
                raise NotMotionJpeg
        except (http.client.HTTPException, ValueError) as error:
            self.close()
            raise NotMotionJpeg from error
        except BaseException:
            self.close()
            raise

    def shots(self) -> Iterator[Shot]:
        """The pictures, see `Source.shots`."""
        for picture in self.read_pictures():
            frame = self.decode_picture(picture)
            if frame is not None:
                yield Shot(frame)

    def decode_picture(self, picture: bytes) -> Frame | None:
        """
        A picture, decoded; None where it is damaged, which the next need not be.

        Raises:
            CameraGone: it is too large.
        """
        import numpy as np
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:  # this reads the header alone
                    if opened.width * opened.height > MAX_PIXELS:
                        raise CameraGone(self.too_large_message)
                    # OpenCV's decoder writes to standard error what is wrong with a picture.
                    return np.ascontiguousarray(np.asarray(opened.convert("RGB"))[:, :, ::-1])
        except Image.DecompressionBombError:
            raise CameraGone(self.too_large_message) from None
        except (OSError, SyntaxError, ValueError):  # what Pillow raises for what it cannot read
            return None

    def read_pictures(self) -> Iterator[bytes]:
        """
        The JPEG pictures as they come, whole.

        Raises:
            CameraGone: there are no more.
        """
        try:
            while True:
                length = self._read_part_length()
                yield self.response.read(length) if length else self._read_to_end_marker()
        except (OSError, http.client.HTTPException, ValueError, EOFError, AttributeError) as error:
            raise CameraGone(self.gone_message) from error  # AttributeError: it was closed meanwhile

    def _read_part_length(self) -> int:
        """Read the headers of the next part: how many bytes it has, or 0 where it does not say that."""
        length, has_headers = 0, False
        for _ in range(_MAX_HEADER_LINES):
            line = self.response.readline(_MAX_LINE_BYTES)
            if not line:
                raise EOFError
            if not line.strip() and has_headers:
                return length
            if found := re.match(rb"content-length:\s*(\d{1,9})\s*$", line, re.IGNORECASE):
                length = int(found[1])
                if length > _MAX_PICTURE_BYTES:
                    raise ValueError("too long")
            has_headers = has_headers or b":" in line
        raise ValueError("too many headers")

    def _read_to_end_marker(self) -> bytes:
        """A picture whose length was not said."""
        picture = b""
        while piece := self.response.peek(1):
            begins, known = max(0, picture.find(_JPEG_START)), max(0, len(picture) - 1)
            picture += piece
            start = picture.find(_JPEG_START, begins)
            end = picture.find(JPEG_END, max(start, known)) if start >= 0 else -1
            if end >= 0:
                self.response.read(end + 2 - len(picture) + len(piece))  # what follows is the next part
                return picture[start : end + 2]
            self.response.read(len(piece))
            if len(picture) > _MAX_PICTURE_BYTES:
                raise ValueError("too long")
        raise EOFError

    def close(self) -> None:
        """Let go of it."""
        with suppress(OSError, AttributeError):
            self.response.close()
        with suppress(OSError):
            self.connection.close()


def _make_auth_headers(user: str | None, password: str | None) -> dict[str, str]:
    """The header that signs in with what stands in the URL."""
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
