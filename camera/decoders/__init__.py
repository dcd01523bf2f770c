"""The decoders, in the order that `[camera]` says; each is loaded when it is first made."""

from collections.abc import Sequence

from camera.decoders import zbar, zxing
from camera.errors import one_line
from camera.ladder import Decoders, Live, Still
from camera.payload import Decode, Frame, Payload

ZXING = "zxing-cpp"


def load(names: Sequence[str], one_d: bool) -> tuple[Decoders, list[str]]:
    """The decoders called *names* that work on this machine, and a sentence for each that does not."""
    loaded: dict[str, Decode] = {}
    missing: list[str] = []
    for name in names:
        try:
            loaded[name] = _load_one(name, one_d)
        except zbar.DecoderMissing as error:
            missing.append(str(error))
        except (ImportError, OSError) as error:
            missing.append(f"{name} cannot be loaded ({one_line(error)}).")
    if not loaded and ZXING not in names:
        decoders, missed = load([ZXING], one_d)
        return decoders, missing + missed
    if not loaded:
        return Decoders(_read_nothing, None, _read_nothing), [*missing, "No decoder works: the camera reads no codes."]
    first, *others = loaded.values()
    if next(iter(loaded)) == ZXING:
        return Decoders(first, zxing.decoder(zxing.QR), zxing.decoder(zxing.MATRIX), tuple(others)), missing
    return Decoders(first, None, first, tuple(others)), missing


def _load_one(name: str, one_d: bool) -> Decode:
    """
    The decoder called *name*.

    Raises:
        DecoderMissing, ImportError, OSError: it does not work here.
    """
    if name == ZXING:
        return zxing.decoder(zxing.ALL + zxing.BARS if one_d else zxing.ALL)
    return zbar.decoder(one_d)


def _read_nothing(frame: Frame) -> list[Payload]:
    """No codes."""
    return []


def live_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads pictures that others follow."""
    return Live(load(names, one_d)[0])


def still_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """What reads a picture that stands alone."""
    return Still(load(names, one_d)[0])
