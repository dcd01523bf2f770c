"""Decode the pictures, videos and streams that are named on the command line."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from camera.decode_pipeline import DecoderSet, LiveDecoder, StillDecoder
from camera.decoders import load_decoders
from camera.errors import CameraError
from camera.payload import Decode, Payload
from camera.settings import CameraSettings
from camera.sources import STREAM_SCHEMES, open_files
from camera.sources.opencv_capture import redact_source
from camera.sources.pictures import PICTURE_SUFFIXES, list_pictures, read_picture
from data.language import translate_error
from kiosk.status.wording import sanitize_text


def decode_sources(names: tuple[str, ...], settings: CameraSettings) -> Iterator[tuple[str, Payload | None]]:
    """Yield each code with the file it is in, and None for a picture without a code; a video yields a code once."""
    decoders, missing = load_decoders(settings.decoders, settings.one_d)
    for decoder_error in missing:
        click.echo(f"kiosk: {translate_error(decoder_error)}", err=True)  # not shown: a prefix
    still = StillDecoder(decoders)
    for name in names:
        try:
            for file in _list_files(name):
                yield from _decode_file(file, still, decoders)
        except CameraError as error:
            yield _report_unreadable(name, error)


def _list_files(name: str) -> list[str]:
    """
    Return the pictures in the folder *name*; anything that is not a folder is returned as it is.

    Raises:
        CameraError: the folder has no pictures, or cannot be opened.
    """
    with suppress(OSError, RuntimeError, ValueError):  # a stream's address may be impossible as a file name
        path = Path(name).expanduser()
        if path.is_dir():
            return [str(file) for file in list_pictures(path)]
        if path.exists():
            return [str(path)]
    return [name]


def _decode_file(name: str, still: Decode, decoders: DecoderSet) -> Iterator[tuple[str, Payload | None]]:
    """Yield the codes in one picture, video or stream; an unreadable one is reported and does not stop the others."""
    try:
        if Path(name).suffix.lower() in PICTURE_SUFFIXES and not name.startswith(STREAM_SCHEMES):
            yield from _decode_picture(Path(name), still)
        else:
            yield from _decode_video(name, LiveDecoder(decoders))
    except CameraError as error:
        yield _report_unreadable(name, error)


def _report_unreadable(name: str, error: CameraError) -> tuple[str, None]:
    """Print why *name* could not be read."""
    click.echo(f"kiosk: {sanitize_text(translate_error(error.once))}", err=True)  # not shown: a prefix
    return redact_source(name), None


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
