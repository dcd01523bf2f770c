"""The decoders, in the order that `[camera]` says; each is loaded when it is first made."""

from collections.abc import Sequence

from camera.decode_pipeline import DecoderSet, LiveDecoder, StillDecoder
from camera.decoders import zbar, zxing
from camera.errors import summarize_error
from camera.payload import Decode, Frame, Payload

_ZXING = "zxing-cpp"


def load_decoders(names: Sequence[str], one_d: bool) -> tuple[DecoderSet, list[str]]:
    """The decoders called *names* that work on this machine, and a sentence for each that does not."""
    loaded: dict[str, Decode] = {}
    missing: list[str] = []
    for name in names:
        try:
            loaded[name] = _load_decoder(name, one_d)
        except zbar.DecoderMissing as error:
            missing.append(str(error))
        except (ImportError, OSError) as error:
            missing.append(f"{name} cannot be loaded ({summarize_error(error)}).")
    if not loaded and _ZXING not in names:
        decoders, missed = load_decoders([_ZXING], one_d)
        return decoders, missing + missed
    if not loaded:
        return DecoderSet(_decode_nothing, None, _decode_nothing), [
            *missing,
            "No decoder works: the camera reads no codes.",
        ]
    first, *others = loaded.values()
    if next(iter(loaded)) == _ZXING:
        return DecoderSet(
            first, zxing.make_decoder(zxing.QR_FORMATS), zxing.make_decoder(zxing.MATRIX_FORMATS), tuple(others)
        ), missing
    return DecoderSet(first, None, first, tuple(others)), missing


def _load_decoder(name: str, one_d: bool) -> Decode:
    """
    The decoder called *name*.

    Raises:
        DecoderMissing, ImportError, OSError: it does not work here.
    """
    if name == _ZXING:
        return zxing.make_decoder(
            zxing.ALL_MATRIX_FORMATS + zxing.BARCODE_FORMATS if one_d else zxing.ALL_MATRIX_FORMATS
        )
    return zbar.make_decoder(one_d)


def _decode_nothing(frame: Frame) -> list[Payload]:
    """No codes."""
    return []


def make_live_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads pictures that others follow."""
    return LiveDecoder(load_decoders(names, one_d)[0])


def make_still_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads a picture that stands alone."""
    return StillDecoder(load_decoders(names, one_d)[0])
