"""The decoders, in the order that `[camera]` says; each is loaded when it is first made."""

from collections.abc import Sequence

from camera.ladder import Decoders, Live, Still
from camera.payload import Decode

ZXING = "zxing-cpp"


def load(names: Sequence[str], one_d: bool) -> tuple[Decoders, list[str]]:
    """The decoders called *names* that this machine has, and a sentence for each that it has not."""
    from camera.decoders import zbar, zxing

    loaded: list[Decode] = []
    missing: list[str] = []
    for name in names:
        try:
            made = (
                zxing.decoder(zxing.ALL + zxing.BARS if one_d else zxing.ALL) if name == ZXING else zbar.decoder(one_d)
            )
            loaded.append(made)
        except zbar.DecoderMissing as error:
            missing.append(str(error))
    if not loaded:
        return load([ZXING], one_d)[0], missing
    if names[0] == ZXING or missing:
        return Decoders(loaded[0], zxing.decoder(zxing.QR), zxing.decoder(zxing.MATRIX), tuple(loaded[1:])), missing
    return Decoders(loaded[0], None, loaded[0], tuple(loaded[1:])), missing


def live_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads pictures that others follow."""
    return Live(load(names, one_d)[0])


def still_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads a picture that stands alone."""
    return Still(load(names, one_d)[0])
