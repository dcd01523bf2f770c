"""Decode the pictures, videos and streams that are named on the command line."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

from camera.decode_pipeline import DecoderSet, LiveDecoder, StillDecoder
from camera.decoders import load_decoders
from camera.errors import CameraError, NoCamera
from camera.payload import Decode, Payload
from camera.settings import CameraSettings
from camera.sources import STREAM_SCHEMES, open_files
from camera.sources.opencv_capture import redact_source
from camera.sources.pictures import PICTURE_SUFFIXES, list_pictures, read_picture
from data.language import N_, translate_error
from kiosk.cli.error_exit import print_note

Finding: TypeAlias = tuple[str, Payload | CameraError | None]
"""A file, and what was found in it: a code, why it cannot be read, or None for no code."""


def decode_sources(names: tuple[str, ...], settings: CameraSettings) -> Iterator[Finding]:
    """Yield what is found in each file; a video yields each code once."""
    decoders, missing = load_decoders(settings.decoders, settings.one_d)
    for decoder_error in missing:
        print_note(translate_error(decoder_error))
    still = StillDecoder(decoders)
    for name in names:
        try:
            for file in _list_files(name):
                yield from _decode_file(file, still, decoders)
        except CameraError as error:
            yield redact_source(name), error


def _list_files(name: str) -> list[str]:
    """
    Return the pictures in the folder *name*; anything that is not a folder is returned as it is.

    Raises:
        CameraError: the folder has no pictures, or cannot be opened; or there is nothing called *name*.
    """
    with suppress(OSError, RuntimeError, ValueError):  # a stream's address may be impossible as a file name
        path = Path(name).expanduser()
        if path.is_dir():
            return [str(file) for file in list_pictures(path)]
        if path.exists():
            return [str(path)]
        if "://" not in name:
            raise _build_not_found_error(name)
    return [name]


def _build_not_found_error(name: str) -> NoCamera:
    """Return the error for a *name* that is not a file, in the words for what it seems to mean."""
    if name == "demo":
        return NoCamera(N_("Demo badges are only available in `kiosk run`."))
    if number := re.fullmatch(r"(?:/dev/video)?(\d+)", name):
        return NoCamera(N_("Camera {number} not found."), number=number[1])
    return NoCamera(N_("{name}: there is no such file."), name=redact_source(name))


def _decode_file(name: str, still: Decode, decoders: DecoderSet) -> Iterator[Finding]:
    """Yield what is found in one picture, video or stream."""
    try:
        if Path(name).suffix.lower() in PICTURE_SUFFIXES and not name.startswith(STREAM_SCHEMES):
            yield from _decode_picture(Path(name), still)
        else:
            yield from _decode_video(name, LiveDecoder(decoders))
    except CameraError as error:
        yield redact_source(name), error


def _decode_picture(file: Path, decode: Decode) -> Iterator[tuple[str, Payload | None]]:
    """
    Yield the codes in one picture.

    Raises:
        CameraError: the file is not a picture that can be read.
    """
    found = decode(read_picture(file))
    for payload in found:
        yield str(file), payload
    if not found:
        yield str(file), None


def _decode_video(name: str, decode: Decode) -> Iterator[tuple[str, Payload | None]]:
    """Yield the codes in a video or stream, each once, as soon as it is seen."""
    source = open_files([name])
    seen: set[bytes] = set()
    try:
        for shot in source.read_shots():
            for payload in decode(shot.frame):
                if payload.data not in seen:
                    seen.add(payload.data)
                    yield redact_source(name), payload
    finally:
        source.close()
    if not seen:
        yield redact_source(name), None
