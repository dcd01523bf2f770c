"""The decoders of the camera package, for tests that do not care which of them are missing."""

from collections.abc import Sequence

from camera.decode_pipeline import LiveDecoder, StillDecoder
from camera.decoders import load_decoders
from camera.payload import Decode


def make_live_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """Return the decoder for images that follow each other."""
    return LiveDecoder(load_decoders(names, one_d)[0])


def make_still_decoder(names: Sequence[str], one_d: bool) -> Decode:
    """Return the decoder for single images."""
    return StillDecoder(load_decoders(names, one_d)[0])
