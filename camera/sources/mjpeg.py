"""
Motion JPEG over HTTP, as IP cameras and phones send it.

FFmpeg would decode an image before anybody could check its size. Here the size is read from the header first.
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
from camera.sentences import N_, Sentence
from camera.sources.base import Shot
from camera.sources.jpeg import JPEG_END, JPEG_START, MAX_MEGAPIXELS, MAX_PIXELS

_MAX_PICTURE_BYTES = 1 << 24
"""Limit for one JPEG image; no camera sends larger ones."""

_MAX_LINE_BYTES = 4096
_MAX_HEADER_LINES = 50

STREAM_BROKEN = N_("The stream from {host} was interrupted. The kiosk keeps retrying.")
STREAM_BROKEN_ONCE = N_("The stream from {host} was interrupted.")
STREAM_TOO_LARGE = N_(
    "The stream from {host} sends images of over {limit} megapixels. "
    "Choose a smaller image size in the camera's settings."
)


class NotMotionJpeg(Exception):
    """The server sends something else, which FFmpeg may understand."""


class MotionJpegSource:
    """A stream of JPEG images."""

    kind = "stream"
    is_live = True

    def __init__(self, url: str, host: str, seconds: float) -> None:
        """
        Open *url*, shown to staff as *host*; *seconds* is the timeout of every read.

        Raises:
            NotMotionJpeg: the server sends something else.
            OSError: nothing answers.
        """
        parts = urlsplit(url)
        self.name: str = Sentence(N_("stream from {host}"), host=host)
        self.host = host
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

    def read_shots(self) -> Iterator[Shot]:
        """Yield the images, see `Source.read_shots`."""
        for picture in self.read_pictures():
            frame = self.decode_picture(picture)
            if frame is not None:
                yield Shot(frame)

    def decode_picture(self, picture: bytes) -> Frame | None:
        """
        Decode an image; None if it is damaged, because the next one may not be.

        Raises:
            CameraGone: it is too large.
        """
        import numpy as np
        from PIL import Image

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                with Image.open(io.BytesIO(picture), formats=("JPEG",)) as opened:  # reads only the header
                    if opened.width * opened.height > MAX_PIXELS:
                        raise CameraGone(STREAM_TOO_LARGE, host=self.host, limit=MAX_MEGAPIXELS)
                    # OpenCV's decoder would print to standard error what is wrong with an image.
                    return np.ascontiguousarray(np.asarray(opened.convert("RGB"))[:, :, ::-1])
        except Image.DecompressionBombError:
            raise CameraGone(STREAM_TOO_LARGE, host=self.host, limit=MAX_MEGAPIXELS) from None
        except (OSError, SyntaxError, ValueError):  # what Pillow raises for what it cannot read
            return None

    def read_pictures(self) -> Iterator[bytes]:
        """
        Yield the complete JPEG images as they arrive.

        Raises:
            CameraGone: the stream ended.
        """
        try:
            while True:
                length = self._read_part_length()
                yield self.response.read(length) if length else self._read_to_end_marker()
        except (OSError, http.client.HTTPException, ValueError, EOFError, AttributeError) as error:
            raise CameraGone(
                STREAM_BROKEN, once=STREAM_BROKEN_ONCE, host=self.host
            ) from error  # AttributeError: closed meanwhile

    def _read_part_length(self) -> int:
        """Read the headers of the next part and return its length in bytes; 0 if they do not give it."""
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
                    raise ValueError("too long")  # not shown: `read_pictures` reports a broken stream
            has_headers = has_headers or b":" in line
        raise ValueError("too many headers")  # not shown: the same

    def _read_to_end_marker(self) -> bytes:
        """Read an image whose length was not given: from its start marker to its end marker."""
        data = b""
        # Peek first, and take only what belongs to this image: what follows it is the next part.
        while piece := self.response.peek(1):
            # A marker may be split between two pieces, so the search begins one byte before the new one.
            searched = max(0, len(data) - 1)
            data += piece
            start = data.find(JPEG_START)
            end = data.find(JPEG_END, max(start, searched)) if start >= 0 else -1
            if end >= 0:
                self.response.read(end + 2 - len(data) + len(piece))
                return data[start : end + 2]
            self.response.read(len(piece))
            if len(data) > _MAX_PICTURE_BYTES:
                raise ValueError("too long")  # not shown: the same
        raise EOFError

    def close(self) -> None:
        """Close the connection."""
        with suppress(OSError, AttributeError):
            self.response.close()
        with suppress(OSError):
            self.connection.close()


def _make_auth_headers(user: str | None, password: str | None) -> dict[str, str]:
    """Return the header that signs in with the user and password of the URL."""
    if user is None:
        return {}
    pair = f"{unquote(user)}:{unquote(password or '')}"
    return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}  # not shown: a header
