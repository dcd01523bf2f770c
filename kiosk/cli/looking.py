"""The codes in files and streams that somebody names on the command line."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from camera.decoders import load
from camera.errors import CameraError
from camera.ladder import Decoders, Live, Still
from camera.payload import Decode, Payload
from camera.settings import CameraSettings
from camera.sources import STREAMS, open_files
from camera.sources.capture import without_secrets
from camera.sources.pictures import SUFFIXES, folder, read_picture
from kiosk.status.wording import plain


def codes_in(names: tuple[str, ...], settings: CameraSettings) -> Iterator[tuple[str, Payload | None]]:
    """Each code with the file that it was found in; None for a picture without one. A video tells each code once."""
    decoders, missing = load(settings.decoders, settings.one_d)
    for sentence in missing:
        click.echo(f"kiosk: {sentence}", err=True)
    still = Still(decoders)
    for name in names:
        try:
            for file in files_of(name):
                yield from in_file(file, still, decoders)
        except CameraError as error:
            yield nothing_in(name, error)


def files_of(name: str) -> list[str]:
    """
    The pictures of the folder *name*; what is no folder is itself.

    Raises:
        CameraError: the folder has none, or cannot be opened.
    """
    with suppress(OSError, RuntimeError, ValueError):  # what cannot be the name of a file may be a stream's
        path = Path(name).expanduser()
        if path.is_dir():
            return [str(file) for file in folder(path)]
        if path.exists():
            return [str(path)]
    return [name]


def in_file(name: str, still: Decode, decoders: Decoders) -> Iterator[tuple[str, Payload | None]]:
    """The codes in one picture, video or stream; where it cannot be read, that is told, and the next can be."""
    try:
        if Path(name).suffix.lower() in SUFFIXES and not name.startswith(STREAMS):
            yield from in_picture(Path(name), still)
        else:
            yield from in_video(name, Live(decoders))
    except CameraError as error:
        yield nothing_in(name, error)


def nothing_in(name: str, error: CameraError) -> tuple[str, None]:
    """Say why nothing was found in *name*."""
    click.echo(f"kiosk: {plain(str(error))}", err=True)
    return without_secrets(name), None


def in_picture(file: Path, look: Decode) -> Iterator[tuple[str, Payload | None]]:
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


def in_video(name: str, look: Decode) -> Iterator[tuple[str, Payload | None]]:
    """The codes of a video or stream, each once, as soon as it comes."""
    source = open_files([name])
    told: set[bytes] = set()
    try:
        for shot in source.shots():
            for payload in look(shot.frame):
                if payload.data not in told:
                    told.add(payload.data)
                    yield without_secrets(name), payload
    finally:
        source.close()
    if not told:
        yield without_secrets(name), None
