"""The decoders, in the order given in `[camera]`; each library is loaded when its decoder is first created."""

from collections.abc import Sequence

from camera.decode_pipeline import DecoderSet
from camera.decoders import zbar, zxing
from camera.errors import DecoderMissing, summarize_error
from camera.payload import Decode, Frame, Payload
from camera.sentences import N_

_ZXING = "zxing-cpp"


def load_decoders(names: Sequence[str], one_d: bool) -> tuple[DecoderSet, list[DecoderMissing]]:
    """
    Load the decoders called *names*, or zxing-cpp if none of them works on this machine.

    Also return an error for each that does not work.
    """
    loaded: dict[str, Decode] = {}
    missing: list[DecoderMissing] = []
    for name in names:
        try:
            loaded[name] = _load_decoder(name, one_d)
        except DecoderMissing as error:
            missing.append(error)
        except (ImportError, OSError) as error:
            missing.append(
                DecoderMissing(N_("{name} cannot be loaded ({reason})."), name=name, reason=summarize_error(error))
            )
    if not loaded and _ZXING not in names:
        decoders, missed = load_decoders([_ZXING], one_d)
        return decoders, missing + missed
    if not loaded:
        no_decoder = DecoderMissing(N_("No decoder works, so the camera cannot read codes."))
        return DecoderSet(_decode_nothing, None, _decode_nothing), [*missing, no_decoder]
    first, *fallbacks = loaded.values()
    if next(iter(loaded)) == _ZXING:
        return DecoderSet(
            first,
            zxing.make_decoder(zxing.QR_FORMATS),
            zxing.make_decoder(zxing.RELIABLE_MATRIX_FORMATS),
            tuple(fallbacks),
        ), missing
    return DecoderSet(first, None, first, tuple(fallbacks)), missing


def _load_decoder(name: str, one_d: bool) -> Decode:
    """
    Load the decoder called *name*.

    Raises:
        DecoderMissing, ImportError, OSError: it does not work on this machine.
    """
    if name == _ZXING:
        return zxing.make_decoder(
            zxing.ALL_MATRIX_FORMATS + zxing.BARCODE_FORMATS if one_d else zxing.ALL_MATRIX_FORMATS
        )
    return zbar.make_decoder(one_d)


def _decode_nothing(frame: Frame) -> list[Payload]:
    """Find no codes."""
    return []
