"""
libzbar, used through pyzbar's wrapper.

It copes better with reflections, damage and distortion than zxing-cpp, but is slower and reads QR codes and barcodes
only. `pyzbar.decode` itself is not used: it guesses Shift-JIS and Big5 before UTF-8, and raises on structured append.
The configuration for binary data returns the bytes unchanged.
"""

import ctypes
from typing import Any

from camera.errors import DecoderMissing
from camera.opencv import load_opencv
from camera.payload import Decode, Frame, Payload
from camera.sentences import N_
from camera.text import decode_text

# `zbar_config_t` of zbar.h; pyzbar only defines the first.
_CFG_ENABLE, _CFG_BINARY = 0, 4

# Larger images are shrunk to this first: more pixels cost time and hardly add codes.
_MAX_SIDE_PIXELS = 1280

# zbar's type for a symbol that was only partly read.
_PARTIAL_SYMBOL = 1


def make_decoder(one_d: bool) -> Decode:
    """
    Return a decoder of QR codes; of barcodes, too, if *one_d*.

    Raises:
        DecoderMissing: libzbar is not installed.
    """
    try:
        from pyzbar import wrapper
        from pyzbar.wrapper import ZBarSymbol
    except (ImportError, OSError) as error:
        raise DecoderMissing(
            N_(
                "pyzbar cannot find the library libzbar0, so codes are read with zxing-cpp only. Install it with "
                "`sudo apt install libzbar0`."
            )
        ) from error
    kinds = ZBarSymbol
    bars = (kinds.CODE128, kinds.CODE39, kinds.CODABAR, kinds.I25, kinds.EAN13, kinds.EAN8)
    symbologies = (kinds.QRCODE, *(bars if one_d else ()))

    def decode(frame: Frame) -> list[Payload]:
        grey, scale = _shrink_frame(frame)
        scanner = wrapper.zbar_image_scanner_create()
        try:
            wrapper.zbar_image_scanner_set_config(scanner, 0, _CFG_ENABLE, 0)
            for kind in symbologies:
                wrapper.zbar_image_scanner_set_config(scanner, kind, _CFG_ENABLE, 1)
            wrapper.zbar_image_scanner_set_config(scanner, ZBarSymbol.QRCODE, _CFG_BINARY, 1)
            return _scan_image(wrapper, scanner, grey, scale)
        finally:
            wrapper.zbar_image_scanner_destroy(scanner)

    return decode


def _shrink_frame(frame: Frame) -> tuple[Frame, float]:
    """Convert *frame* to grey and shrink its longer side to `_MAX_SIDE_PIXELS`; also return the scale factor."""
    import numpy as np

    cv2 = load_opencv()
    grey = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY) if frame.ndim == 3 else frame
    scale = max(1.0, max(grey.shape) / _MAX_SIDE_PIXELS)
    if scale > 1.0:
        height, width = grey.shape
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(grey), scale


def _scan_image(wrapper: Any, scanner: Any, grey: Frame, scale: float) -> list[Payload]:
    """Return the codes that *scanner* finds in *grey*."""
    height, width = grey.shape[:2]
    image = wrapper.zbar_image_create()
    try:
        wrapper.zbar_image_set_format(image, int.from_bytes(b"Y800", "little"))
        wrapper.zbar_image_set_size(image, width, height)
        pixels = grey.ctypes.data_as(ctypes.c_void_p)
        wrapper.zbar_image_set_data(image, pixels, grey.nbytes, None)
        if wrapper.zbar_scan_image(scanner, image) <= 0:
            return []
        found = []
        symbol = wrapper.zbar_image_first_symbol(image)
        while symbol:
            if symbol.contents.type != _PARTIAL_SYMBOL:
                found.append(_read_symbol(wrapper, symbol, scale))
            symbol = wrapper.zbar_symbol_next(symbol)
        return [code for code in found if code.data]
    finally:
        wrapper.zbar_image_destroy(image)


def _read_symbol(wrapper: Any, symbol: Any, scale: float) -> Payload:
    """Convert one of zbar's symbols to a payload."""
    data = ctypes.string_at(wrapper.zbar_symbol_get_data(symbol), wrapper.zbar_symbol_get_data_length(symbol))
    points = [
        (wrapper.zbar_symbol_get_loc_x(symbol, number), wrapper.zbar_symbol_get_loc_y(symbol, number))
        for number in range(wrapper.zbar_symbol_get_loc_size(symbol))
    ]
    kind = wrapper.ZBarSymbol(symbol.contents.type).name.lower()
    corners = tuple((round(x * scale), round(y * scale)) for x, y in points) if len(points) == 4 else ()
    return Payload(data, decode_text(data), "qr" if kind == "qrcode" else kind, corners)
