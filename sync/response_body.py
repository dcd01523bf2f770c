"""The body of an answer, decompressed as it arrives and never further than its limit."""

import zlib

from sync.errors import CrmDown, OutcomeUnknown

MAX_BODY_BYTES = 5_000_000
"""Of an answer, decompressed."""

ACCEPT_ENCODING = "gzip"
"""What we ask for; whoever answers in another coding has not listened."""

_ZLIB_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""Of zlib, by the coding."""

DAMAGED_MESSAGE = "The CRM's answer arrived damaged."

BROKEN_MESSAGE = "The connection broke before the CRM's answer was complete."


class BodyReader:
    """Collects the body of one answer; what a small one can expand to is counted while it does."""

    def __init__(self, encoding: str) -> None:
        """
        *encoding* is the answer's `Content-Encoding`.

        Raises:
            Unsure: it is one that we did not ask for, or several; the CRM may have taken the leads.
        """
        codings = [
            coding for part in encoding.split(",") if (coding := part.strip().casefold()) not in ("", "identity")
        ]
        if len(codings) > 1 or (codings and codings[0] not in _ZLIB_WINDOW_BITS):
            spoken = "".join(char for char in ", ".join(codings) if char.isprintable())[:40]
            raise OutcomeUnknown(f"The CRM's answer is in a coding that we did not ask for ({spoken}).")
        self.body = bytearray()
        self.decompressor = zlib.decompressobj(_ZLIB_WINDOW_BITS[codings[0]]) if codings else None

    def feed(self, piece: bytes) -> None:
        """
        Take the next *piece* as it arrived.

        Raises:
            CrmDown: the body is too large.
            Unsure: it is damaged.
        """
        if self.decompressor is None:
            self.body += piece
        else:
            try:
                # One byte more than may be there: that there is more is all that has to be known.
                self.body += self.decompressor.decompress(piece, MAX_BODY_BYTES + 1 - len(self.body))
            except zlib.error as error:
                raise OutcomeUnknown(DAMAGED_MESSAGE) from error
        if len(self.body) > MAX_BODY_BYTES:
            raise CrmDown("The answer is far too large for a CRM's.")

    def finish(self) -> bytes:
        """
        The whole body.

        Raises:
            Unsure: its end is missing.
        """
        if self.decompressor is not None and not self.decompressor.eof and self.body:
            raise OutcomeUnknown(BROKEN_MESSAGE)
        return bytes(self.body)
