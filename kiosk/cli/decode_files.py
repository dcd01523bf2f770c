"""The codes in files and streams that somebody names on the command line."""

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
    """Each code with the file that it was found in; None for a picture without one. A video tells each code once."""
    decoders, missing = load_decoders(settings.decoders, settings.one_d)
    for decoder_error in missing:
        click.echo(f"kiosk: {translate_error(decoder_error)}", err=True)
    still = StillDecoder(decoders)
    for name in names:
        try:
            for file in _list_files(name):
                yield from _decode_file(file, still, decoders)
        except CameraError as error:
            yield _report_unreadable(name, error)


def _list_files(name: str) -> list[str]:
    """
    The pictures of the folder *name*; what is no folder is itself.

    Raises:
        CameraError: the folder has none, or cannot be opened.
    """
    with suppress(OSError, RuntimeError, ValueError):  # what cannot be the name of a file may be a stream's
        path = Path(name).expanduser()
        if path.is_dir():
            return [str(file) for file in list_pictures(path)]
        if path.exists():
            return [str(path)]
    return [name]


def _decode_file(name: str, still: Decode, decoders: DecoderSet) -> Iterator[tuple[str, Payload | None]]:
    """The codes in one picture, video or stream; where it cannot be read, that is told, and the next can be."""
    try:
        if Path(name).suffix.lower() in PICTURE_SUFFIXES and not name.startswith(STREAM_SCHEMES):
            yield from _decode_picture(Path(name), still)
        else:
            yield from _decode_video(name, LiveDecoder(decoders))
    except CameraError as error:
        yield _report_unreadable(name, error)


def _report_unreadable(name: str, error: CameraError) -> tuple[str, None]:
    """Say why nothing was found in *name*."""
    click.echo(f"kiosk: {sanitize_text(translate_error(error))}", err=True)
    return redact_source(name), None


def _decode_picture(file: Path, look: Decode) -> Iterator[tuple[str, Payload | None]]:
    """
    The codes found in one picture.

    Raises:
        CameraError: it cannot be read as one.
    """
    found = look(read_picture(file))
    for payload in found:
        yield str(file), payload
    if not found:
        yield str(file), None


def _decode_video(name: str, look: Decode) -> Iterator[tuple[str, Payload | None]]:
    """The codes of a video or stream, each once, as soon as it comes."""
    source = open_files([name])
    told: set[bytes] = set()
    try:
        for shot in source.shots():
            for payload in look(shot.frame):
                if payload.data not in told:
                    told.add(payload.data)
                    yield redact_source(name), payload
    finally:
        source.close()
    if not told:
        yield redact_source(name), None
