"""A disk that takes no writes any more: run by test_read_only_disk.py, with the disk and its image as arguments."""

import subprocess
import sys
from pathlib import Path

from data import held_scans
from data.clock import SystemClock
from data.store import open_store
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.capture import Capture
from kiosk.scanning.scan_result import ScanResult
from tests.support.booth import Booth

BADGES = 5


def main(disk: Path, image: Path) -> None:
    """Save badges, have the disk fail under them as a dying card does, and save what was held once it is mended."""
    mount(disk, image)
    booth = Booth(disk)
    store = booth.practice / "kiosk.db"
    booth.practice.mkdir(mode=0o700)
    capture = Capture(store, EventSettings(), BadgeProfile(), SystemClock())
    saved = [show(capture, number) for number in range(BADGES)]
    assert all(captured.is_saved for captured in saved), saved

    # An error that ext4 meets does this; a plain `ro` is refused while files are open.
    subprocess.run(["mount", "-o", "remount,abort", disk], check=True)
    refused = [show(capture, BADGES + number) for number in range(2)]

    for captured in refused:
        assert (captured.kind, captured.headline) == ("not saved", "NOT SAVED"), captured
        assert captured.sentence.startswith("The disk has become read-only: nothing was saved.")
        assert "Export the leads to another disk" in captured.sentence, captured
        assert "full" not in captured.sentence, captured
    capture.close()
    assert capture.held_file is not None

    subprocess.run(["umount", disk], check=True)
    subprocess.run(["e2fsck", "-fy", image], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    mount(disk, image)
    db = open_store(store)
    assert held_scans.save_held_scans(db, store, SystemClock()) == len(refused)
    db.close()

    assert not capture.held_file.exists()
    names = {name for (name,) in booth.rows("select name from leads join outbox on lead_id = leads.id")}
    assert names == {f"Visitor {number}" for number in range(BADGES + len(refused))}, names


def show(capture: Capture, number: int) -> ScanResult:
    """What comes of the badge of that visitor."""
    text = f"MECARD:N:Visitor {number};EMAIL:v{number}@example.com;;"
    return capture.save_payload(text.encode(), text, "qr", "camera")


def mount(disk: Path, image: Path) -> None:
    """Mount the disk that is in *image*."""
    subprocess.run(["mount", "-o", "loop", image, disk], check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
    sys.stdout.write("all is well\n")
