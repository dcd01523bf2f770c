"""A badge that is ready to be drawn."""

from dataclasses import dataclass
from typing import Any

from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

from data.contact import Contact
from data.language import _
from kiosk.printing.codes import make_qr_code


@dataclass(frozen=True, slots=True)
class PrintableBadge:
    """A code, and the ID and the person it belongs to."""

    code: QRCode[Any]
    badge_id: str
    contact: Contact


def make_printable(payload: str, badge_id: str, contact: Contact) -> PrintableBadge:
    """
    Make the badge of *contact* with *payload* as its code.

    Raises:
        ValueError: a QR code cannot hold that much.
    """
    try:
        return PrintableBadge(make_qr_code(payload), badge_id, contact)
    except (DataOverflowError, ValueError) as error:
        raise ValueError(_("too long for a QR code")) from error
