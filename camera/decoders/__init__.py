"""The decoders, in the order that `[camera]` says; each is loaded when it is first made."""

from collections.abc import Sequence

from camera.ladder import Live, Still
from camera.payload import Decode


def load(names: Sequence[str], one_d: bool) -> tuple[list[Decode], list[str]]:
    """The decoders called *names* that this machine has, and a sentence for each that it has not."""
    from camera.decoders import zbar, zxing

    loaded, missing = [], []
    for name in names:
        try:
            loaded.append((zxing if name == "zxing-cpp" else zbar).decoder(one_d))
        except zbar.DecoderMissing as error:
            missing.append(str(error))
    return loaded or [zxing.decoder(one_d)], missing


def live_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads pictures that others follow."""
    return Live(load(names, one_d)[0])


def still_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads a picture that stands alone."""
    return Still(load(names, one_d)[0])


def missing_decoders(names: Sequence[str]) -> list[str]:
    """A sentence for each decoder that is wanted and cannot be loaded."""
    return load(names, one_d=False)[1]
