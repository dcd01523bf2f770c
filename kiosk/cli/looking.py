"""The codes in files and streams that somebody names on the command line."""

from collections.abc import Iterator
from pathlib import Path

import click

from camera.decoders import load
from camera.errors import CameraError
from camera.ladder import Live, Still
from camera.payload import Decode, Payload
from camera.settings import CameraSettings
from camera.sources import open_files
from camera.sources.pictures import SUFFIXES, folder, read_picture


def codes_in(names: tuple[str, ...], settings: CameraSettings) -> Iterator[tuple[str, Payload | None]]:
    """Each code with the file that it was found in; None for a picture without one. A video tells each code once."""
    decoders, missing = load(settings.decoders, settings.one_d)
    for sentence in missing:
        click.echo(f"kiosk: {sentence}", err=True)
    still = Still(decoders)
    for name in names:
        path = Path(name).expanduser()
        try:
            if path.is_dir():
                for file in folder(path):
                    yield from in_picture(file, still(read_picture(file)))
            elif path.suffix.lower() in SUFFIXES and path.exists():
                yield from in_picture(path, still(read_picture(path)))
            else:
                yield from in_video(name, Live(decoders))
        except CameraError as error:
            click.echo(f"kiosk: {error}", err=True)
            yield name, None


def in_picture(file: Path, found: list[Payload]) -> Iterator[tuple[str, Payload | None]]:
    """The codes found in one picture."""
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
                    yield name, payload
    finally:
        source.close()
    if not told:
        yield name, None
