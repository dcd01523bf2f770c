"""The body of a response, decompressed as it arrives, and never beyond a limit."""

import zlib

from data.language import N_, _
from sync.errors import CrmDown, OutcomeUnknown

MAX_BODY_BYTES = 5_000_000
"""Limit for the body of a response, decompressed."""

ACCEPT_ENCODING = "gzip"
"""The only content coding that we accept."""

_ZLIB_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
"""zlib's window bits for each content coding."""

DAMAGED_MESSAGE = N_("The CRM's response arrived damaged.")

BROKEN_MESSAGE = N_("The connection broke before the CRM's response was complete.")


class BodyReader:
    """Collects the body of one response and limits what a small compressed one can expand to."""

    def __init__(self, encoding: str) -> None:
        """
        *encoding* is the response's `Content-Encoding`.

        Raises:
            OutcomeUnknown: it is one that we did not ask for, or several; the CRM may have accepted the leads.
        """
        codings = [
            coding for part in encoding.split(",") if (coding := part.strip().casefold()) not in ("", "identity")
        ]
        if len(codings) > 1 or (codings and codings[0] not in _ZLIB_WINDOW_BITS):
            printable = "".join(char for char in ", ".join(codings) if char.isprintable())[:40]
            sentence = _("The CRM's response is in an encoding that the kiosk did not ask for ({coding}).")
            raise OutcomeUnknown(sentence.format(coding=printable))
        self.body = bytearray()
        self.decompressor = zlib.decompressobj(_ZLIB_WINDOW_BITS[codings[0]]) if codings else None

    def feed(self, piece: bytes) -> None:
        """
        Add the next *piece* of the body as it arrived.

        Raises:
            CrmDown: the body is too large.
            OutcomeUnknown: it is damaged.
        """
        if self.decompressor is None:
            self.body += piece
        else:
            try:
                # One byte more than allowed is enough to know that the body is too large.
                self.body += self.decompressor.decompress(piece, MAX_BODY_BYTES + 1 - len(self.body))
            except zlib.error as error:
                raise OutcomeUnknown(_(DAMAGED_MESSAGE)) from error
        if len(self.body) > MAX_BODY_BYTES:
            raise CrmDown(_("The response is far too large for a CRM."))

    def finish(self) -> bytes:
        """
        Return the whole body.

        Raises:
            OutcomeUnknown: its end is missing.
        """
        if self.decompressor is not None and not self.decompressor.eof and self.body:
            raise OutcomeUnknown(_(BROKEN_MESSAGE))
        return bytes(self.body)
