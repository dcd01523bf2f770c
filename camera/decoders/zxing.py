"""zxing-cpp: comes with its library included, reads the most codes, and returns their raw bytes."""

from collections.abc import Sequence

from camera.opencv import load_opencv
from camera.payload import Decode, Frame, Payload
from camera.text import decode_text

_SYMBOLOGIES = {
    "QRCodeModel2": "qr",
    "QRCode": "qr",
    "MicroQRCode": "micro-qr",
    "Aztec": "aztec",
    "AztecCode": "aztec",
    "DataMatrix": "data-matrix",
    "PDF417": "pdf417",
    "CompactPDF417": "pdf417",
}
"""zxing-cpp's names of matrix codes, and ours; a barcode keeps its own name in lower case."""

# Not "QRCode": that means the whole family, and once found a Micro QR code that was not there.
QR_FORMATS = ("QRCodeModel2",)

RELIABLE_MATRIX_FORMATS = (*QR_FORMATS, "Aztec", "DataMatrix", "PDF417")
"""Codes with error correction, which are never misread."""

ALL_MATRIX_FORMATS = (*RELIABLE_MATRIX_FORMATS, "MicroQRCode")

BARCODE_FORMATS = ("Code128", "Code39", "Code93", "Codabar", "ITF", "EAN13", "EAN8", "UPCA")


def make_decoder(formats: Sequence[str]) -> Decode:
    """Return a decoder of *formats*, by zxing-cpp's names; the fewer there are, the faster it is."""
    import zxingcpp

    wanted = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in formats])

    def decode(frame: Frame) -> list[Payload]:
        cv2 = load_opencv()
        # OpenCV converts to grey in a tenth of the time that zxing-cpp needs.
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
        found = zxingcpp.read_barcodes(grey, formats=wanted, text_mode=zxingcpp.TextMode.Plain)
        return [to_payload(barcode) for barcode in found if barcode.bytes]

    def to_payload(barcode: "zxingcpp.Barcode") -> Payload:
        position = barcode.position
        corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
        name = barcode.format.name
        return Payload(
            data=barcode.bytes,
            text=decode_text(barcode.bytes, barcode.text),
            symbology=_SYMBOLOGIES.get(name, name.lower()),
            corners=tuple((corner.x, corner.y) for corner in corners),
        )

    return decode
