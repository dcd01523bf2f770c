"""zxing-cpp: carries its library with it, reads the most, gives raw bytes."""

from collections.abc import Sequence

from camera.opencv import load_opencv
from camera.payload import Decode, Frame, Payload
from camera.text import decode_text

SYMBOLOGIES = {
    "QRCodeModel2": "qr",
    "QRCode": "qr",
    "MicroQRCode": "micro-qr",
    "Aztec": "aztec",
    "AztecCode": "aztec",
    "DataMatrix": "data-matrix",
    "PDF417": "pdf417",
    "CompactPDF417": "pdf417",
}
"""What zxing-cpp calls the matrix codes, and what we do; a bar code is called by its own name in lower case."""

QR_FORMATS = ("QRCodeModel2",)
"""Asked for "QRCode", which means the whole family, it once saw a Micro QR where there was none."""

MATRIX_FORMATS = (*QR_FORMATS, "Aztec", "DataMatrix", "PDF417")
"""Codes that correct their errors: what is read of them is right."""

ALL_MATRIX_FORMATS = (*MATRIX_FORMATS, "MicroQRCode")

BARCODE_FORMATS = ("Code128", "Code39", "Code93", "Codabar", "ITF", "EAN13", "EAN8", "UPCA")


def make_decoder(formats: Sequence[str]) -> Decode:
    """Reads codes of *formats*, by zxing-cpp's names; the fewer, the faster."""
    import zxingcpp

    wanted = zxingcpp.BarcodeFormats([getattr(zxingcpp.BarcodeFormat, name) for name in formats])

    def decode(frame: Frame) -> list[Payload]:
        cv2 = load_opencv()
        # OpenCV makes a picture grey in a tenth of the time.
        grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
        found = zxingcpp.read_barcodes(grey, formats=wanted, text_mode=zxingcpp.TextMode.Plain)
        return [payload(barcode) for barcode in found if barcode.bytes]

    def payload(barcode: "zxingcpp.Barcode") -> Payload:
        place = barcode.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        name = barcode.format.name
        return Payload(
            data=barcode.bytes,
            text=decode_text(barcode.bytes, barcode.text),
            symbology=SYMBOLOGIES.get(name, name.lower()),
            corners=tuple((corner.x, corner.y) for corner in corners),
        )

    return decode
