"""A badge that is ready to be drawn."""

from dataclasses import dataclass
from typing import Any

from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

from data.contact import Contact
from kiosk.printing.codes import make_qr_code


@dataclass(frozen=True, slots=True)
class PrintableBadge:
    """A code, and the id and the person whose it is."""

    code: QRCode[Any]
    badge_id: str
    contact: Contact


def make_printable(payload: str, badge_id: str, contact: Contact) -> PrintableBadge:
    """
    The badge of *contact* that carries *payload*.

    Raises:
        ValueError: it is more than a QR code can hold.
    """
    try:
        return PrintableBadge(make_qr_code(payload), badge_id, contact)
    except (DataOverflowError, ValueError) as error:
        raise ValueError("it says more than a QR code can hold") from error
