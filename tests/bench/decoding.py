"""How well and how fast codes are read: real photographs with known texts, and live pictures."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from camera.decoders import live_decoder, still_decoder
from camera.opencv import opencv
from camera.payload import Frame
from camera.settings import DECODERS
from camera.sources.demo import drawn, empty_scene, placed
from camera.sources.pictures import SUFFIXES, read_picture
from tests.bench.report import Table

Texts = Callable[[Frame], set[str]]


@dataclass
class Score:
    """How a decoder did."""

    read: int = 0
    wrong: int = 0
    seconds: float = 0.0


def photographs(folder: Path) -> Iterator[tuple[Frame, set[str]]]:
    """Each picture with the texts that are known of it, and None among them for a code that nobody could read."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES and (about := path.with_suffix(".json")).exists():
            codes = json.loads(about.read_text(encoding="utf-8"))["codes"]
            yield read_picture(path), {code["text"] for code in codes}


def opencv_alone() -> Texts:
    """OpenCV's own reader."""
    detector = opencv().QRCodeDetector()

    def read(frame: Frame) -> set[str]:
        try:
            found, texts, _, _ = detector.detectAndDecodeMulti(frame)
        except (UnicodeDecodeError, opencv().error):  # it gives up on a picture for one code that it cannot read
            return set()
        return {text for text in texts if text} if found else set()

    return read


def pyzbar_alone() -> Texts:
    """pyzbar as its README has it."""
    from pyzbar.pyzbar import ZBarSymbol, decode

    def read(frame: Frame) -> set[str]:
        return {code.data.decode("utf-8", "replace") for code in decode(frame, symbols=[ZBarSymbol.QRCODE])}

    return read


def zxing_alone() -> Texts:
    """zxing-cpp as its README has it."""
    import zxingcpp

    def read(frame: Frame) -> set[str]:
        return {code.text for code in zxingcpp.read_barcodes(frame)}

    return read


def ours() -> Texts:
    """What `kiosk scan` does."""
    decode = still_decoder(DECODERS, one_d=False)
    return lambda frame: {payload.text for payload in decode(frame)}


READERS = {
    "the kiosk": ours,
    "zxing-cpp alone": zxing_alone,
    "pyzbar alone": pyzbar_alone,
    "OpenCV alone": opencv_alone,
}


def same(text: str) -> str:
    """*text* without what the sources of the pictures are not careful about: how lines end."""
    return text.replace("\r\n", "\n").strip()


def read_photographs(folder: Path) -> Table:
    """The table of who reads how many."""
    pictures = list(photographs(folder))
    wanted = sum(len(texts - {None}) for _, texts in pictures)
    table = Table(("reader", "texts read", "of", "share", "wrong", "ms a picture"))
    for name, make in READERS.items():
        read, score = make(), Score()
        for frame, texts in pictures:
            started = time.process_time()
            found = {same(text) for text in read(frame)}
            score.seconds += time.process_time() - started
            known = {same(text) for text in texts if text is not None}
            score.read += len(found & known)
            # Where a code is outlined whose text nobody knows, what is read of it cannot be called wrong.
            score.wrong += len(found - known) if None not in texts else 0
        milliseconds = score.seconds * 1000 / len(pictures)
        table.add(name, score.read, wanted, f"{score.read / wanted:.1%}", score.wrong, f"{milliseconds:.1f}")
    return table


def live_pictures(seconds: float = 4.0) -> Table:
    """How many 720p pictures a second one core looks at, with a badge and without."""
    import numpy as np

    noise = np.random.default_rng(1).integers(0, 24, (720, 1280, 3), dtype=np.uint8)
    empty = empty_scene(1280, 720) + noise
    badge = placed(drawn(b"BEGIN:VCARD\r\nN:Lopez;Ana\r\nFN:Ana Lopez\r\nEND:VCARD", 720), empty, 1.0)
    table = Table(("picture", "pictures a second on one core"))
    for name, frame in (("with a badge", badge), ("without one", empty)):
        decode, looked = live_decoder(DECODERS, one_d=False), 0
        started = time.process_time()
        while time.process_time() - started < seconds:
            decode(frame)
            looked += 1
        table.add(name, f"{looked / (time.process_time() - started):.0f}")
    return table


def main() -> None:
    """Print both tables."""
    if len(sys.argv) > 1:
        sys.stdout.write(f"{read_photographs(Path(sys.argv[1]))}\n")
    sys.stdout.write(f"{live_pictures()}\n")


if __name__ == "__main__":
    main()
