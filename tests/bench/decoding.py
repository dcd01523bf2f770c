"""How well codes are read: real photographs with known texts."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from camera.opencv import load_opencv
from camera.payload import Frame
from camera.settings import DECODERS
from camera.sources.pictures import PICTURE_SUFFIXES, read_picture
from tests.bench.live import measure_live_pictures
from tests.bench.report import Table
from tests.support.decoders import make_still_decoder

Texts = Callable[[Frame], set[str]]


@dataclass(frozen=True)
class Photograph:
    """A picture, and what is known of it."""

    name: str
    frame: Frame
    known: set[str]
    is_known_whole: bool
    """Whether every code in it has a known text: only then can a text that is not among them be called wrong."""


@dataclass
class Score:
    """How a decoder did."""

    read: int = 0
    wrong: int = 0
    unlisted: int = 0
    """Texts that nobody wrote down, and that are in the picture nevertheless, see `is_there`."""
    seconds: float = 0.0


def list_photographs(folder: Path) -> Iterator[Photograph]:
    """Yield each picture with the texts known to be in it; null is a code that nobody could read."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURE_SUFFIXES and (about := path.with_suffix(".json")).exists():
            texts = [code["text"] for code in json.loads(about.read_text(encoding="utf-8"))["codes"]]
            known = {same(text) for text in texts if text is not None}
            yield Photograph(f"{path.parent.name}/{path.name}", read_picture(path), known, None not in texts)


def make_opencv_reader() -> Texts:
    """Return OpenCV's own reader."""
    detector = load_opencv().QRCodeDetector()

    def read(frame: Frame) -> set[str]:
        try:
            found, texts, _, _ = detector.detectAndDecodeMulti(frame)
        except (UnicodeDecodeError, load_opencv().error):  # it gives up on a picture for one code that it cannot read
            return set()
        return {text for text in texts if text} if found else set()

    return read


def make_pyzbar_reader() -> Texts:
    """Return pyzbar as its README uses it."""
    from pyzbar.pyzbar import ZBarSymbol, decode

    def read(frame: Frame) -> set[str]:
        return {code.data.decode_picture("utf-8", "replace") for code in decode(frame, symbols=[ZBarSymbol.QRCODE])}

    return read


def make_zxing_reader() -> Texts:
    """Return zxing-cpp as its README uses it."""
    import zxingcpp

    def read(frame: Frame) -> set[str]:
        return {code.text for code in zxingcpp.read_barcodes(frame)}

    return read


def make_kiosk_reader() -> Texts:
    """Return a reader that does what `kiosk scan` does."""
    decode = make_still_decoder(DECODERS, one_d=False)
    return lambda frame: {payload.text for payload in decode(frame)}


READERS = {
    "the kiosk": make_kiosk_reader,
    "zxing-cpp alone": make_zxing_reader,
    "pyzbar alone": make_pyzbar_reader,
    "OpenCV alone": make_opencv_reader,
}


def same(text: str) -> str:
    """*text* without what the sources of the pictures are not careful about: how lines end."""
    return text.replace("\r\n", "\n").strip()


def is_there(text: str, frame: Frame, witnesses: Sequence[Texts]) -> bool:
    """Whether zxing-cpp and zbar, which share no code, both read exactly *text* in the picture as it is."""
    return all(text in {same(found) for found in read(frame)} for read in witnesses)


def read_photographs(folder: Path) -> str:
    """The table of who reads how many, and the texts that are in a picture and not in its list."""
    pictures, witnesses = list(list_photographs(folder)), (make_zxing_reader(), make_pyzbar_reader())
    wanted = sum(len(picture.known) for picture in pictures)
    table = Table(("reader", "texts read", "of", "share", "wrong", "in the picture, not in its list", "ms a picture"))
    unlisted: dict[str, str] = {}
    for name, make in READERS.items():
        read, score = make(), Score()
        for picture in pictures:
            started = time.process_time()
            found = {same(text) for text in read(picture.frame)}
            score.seconds += time.process_time() - started
            score.read += len(found & picture.known)
            for text in found - picture.known if picture.is_known_whole else ():
                if is_there(text, picture.frame, witnesses):
                    unlisted[text] = picture.name
                    score.unlisted += 1
                else:
                    score.wrong += 1
        milliseconds = f"{score.seconds * 1000 / len(pictures):.1f}"
        share = f"{score.read / wanted:.1%}"
        table.add(name, score.read, wanted, share, score.wrong, score.unlisted, milliseconds)
    lines = "".join(
        f"- in `{picture}`, not in its list: `{' '.join(text.split())}`\n" for text, picture in unlisted.items()
    )
    return f"{table}\n{lines}" if lines else str(table)


def main() -> None:
    """Print both tables."""
    if len(sys.argv) > 1:
        sys.stdout.write(f"{read_photographs(Path(sys.argv[1]))}\n")
    sys.stdout.write(f"{measure_live_pictures()}\n")


if __name__ == "__main__":
    main()
