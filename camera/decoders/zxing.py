"""zxing-cpp: carries its library with it, reads the most, gives raw bytes."""

from camera.payload import Decode, Frame, Payload
from camera.text import text_of

NAMES = {
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


def decoder(one_d: bool) -> Decode:
    """Reads QR, Micro QR, Aztec, Data Matrix and PDF417; bar codes too if *one_d*."""
    import zxingcpp

    kinds = zxingcpp.BarcodeFormat
    # Asked for "QRCode", which means the whole family, it once saw a Micro QR where there was none.
    wanted = [kinds.QRCodeModel2, kinds.MicroQRCode, kinds.Aztec, kinds.DataMatrix, kinds.PDF417]
    if one_d:
        wanted += [kinds.Code128, kinds.Code39, kinds.Code93, kinds.Codabar]
        wanted += [kinds.ITF, kinds.EAN13, kinds.EAN8, kinds.UPCA]
    formats = zxingcpp.BarcodeFormats(wanted)

    def decode(frame: Frame) -> list[Payload]:
        found = zxingcpp.read_barcodes(frame, formats=formats, text_mode=zxingcpp.TextMode.Plain)
        return [payload(barcode) for barcode in found if barcode.bytes]

    def payload(barcode: "zxingcpp.Barcode") -> Payload:
        place = barcode.position
        corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        name = barcode.format.name
        return Payload(
            data=barcode.bytes,
            text=text_of(barcode.bytes, barcode.text),
            symbology=NAMES.get(name, name.lower()),
            corners=tuple((corner.x, corner.y) for corner in corners),
        )

    return decode
