"""A kiosk at work whose database files are attacked, and what of the leads that it called saved is left."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from camera.opencv import load_opencv
from camera.sources.demo import draw_card, draw_scene, place_card
from tests.support.booth import Booth
from tests.support.kiosk_processes import children, is_alive
from tests.support.waiting import wait_until

WIDTH, HEIGHT, FPS = 640, 480, 4

SAID = re.compile(r": (?:Saved|Already saved): (visitor \d+)$", re.MULTILINE)


def film(path: Path, badges: int) -> Path:
    """A video in which so many visitors show their badges, four a second."""
    cv2 = load_opencv()
    scene = draw_scene(WIDTH, HEIGHT)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (WIDTH, HEIGHT))
    for number in range(badges):
        card = f"BEGIN:VCARD\nFN:visitor {number}\nEMAIL:visitor.{number}@example.com\nEND:VCARD".encode()
        writer.write(place_card(draw_card(card, HEIGHT), scene, 1.0))
    writer.release()
    return path


class Attacked(Booth):
    """A booth whose CRM is off, so that nothing is delivered, with a kiosk that scans a video."""

    def __init__(self, folder: Path, movie: Path) -> None:
        super().__init__(folder / "booth-settings", "[practice]\nport = 0\n")
        self.movie = movie
        self.log_file = folder / "kiosk.log"
        self.db = self.practice / "kiosk.db"

    @contextmanager
    def at_work(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run the kiosk; nothing of it is left behind."""
        crm = self.start("practice-crm", "--fault", "down")
        wait_until((self.practice / "practice-crm.json").exists)
        kiosk = self.start("run", "--headless", "--source", str(self.movie), log=self.log_file)
        try:
            yield kiosk
        finally:
            parts = list(children(kiosk.pid)) if kiosk.poll() is None else []
            for process in (kiosk, crm):
                process.kill()
                process.wait(30)
            for pid in parts:
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)

    @property
    def log(self) -> str:
        """What the kiosk has written."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def said(self) -> list[str]:
        """The visitors whose badges were called saved, in order."""
        return SAID.findall(self.log)

    def wait_for(self, badges: int) -> None:
        """Wait until so many badges more than now were called saved."""
        wanted = len(self.said()) + badges
        wait_until(lambda: len(self.said()) >= wanted, what=self.log[-3000:])

    def end(self, kiosk: subprocess.Popen[bytes]) -> None:
        """End the kiosk as a service is ended."""
        kiosk.send_signal(signal.SIGTERM)
        kiosk.wait(60)

    def kept(self) -> set[str]:
        """The visitors who are in the database, complete with scan and outbox row."""
        join = "join outbox on outbox.lead_id = leads.id where leads.id in (select lead_id from scans)"
        return {name for (name,) in self.rows(f"select name from leads {join}")}

    def run_command(self, *command: str) -> "subprocess.CompletedProcess[str]":
        """Run `kiosk` *command* to its end."""
        arguments = [sys.executable, "-m", "kiosk", "--config", str(self.config), *command]
        return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)


def overwrite(path: Path, start: int, length: int) -> None:
    """Write random bytes over a part of *path*, in a process of their own."""
    command = ["dd", "if=/dev/urandom", f"of={path}", "bs=4096", "conv=notrunc", "status=none"]
    subprocess.run([*command, f"seek={start // 4096}", f"count={max(1, length // 4096)}"], check=True)


def move_and_put_back(booth: Attacked) -> None:
    """What the message asks for: put it back."""
    booth.db.rename(booth.practice / "x.db")
    time.sleep(3)
    for command in (("status",), ("pending",), ("leads",)):
        booth.run_command(*command)
    (booth.practice / "x.db").rename(booth.db)


def remove_sides(booth: Attacked) -> None:
    """The log and its index are deleted."""
    for end in ("-wal", "-shm"):
        Path(f"{booth.db}{end}").unlink()


def remove_log(booth: Attacked) -> None:
    """The log alone is deleted."""
    Path(f"{booth.db}-wal").unlink()


def remove_index(booth: Attacked) -> None:
    """The index of the log alone is deleted."""
    Path(f"{booth.db}-shm").unlink()


def move_log_and_put_back(booth: Attacked) -> None:
    """The log is moved away and put back a second later."""
    log = Path(f"{booth.db}-wal")
    log.rename(booth.practice / "x-wal")
    time.sleep(1.5)
    (booth.practice / "x-wal").rename(log)


def replace_by_copy(booth: Attacked) -> None:
    """A copy takes the place of the database, as `rsync` and `sed -i` do it."""
    shutil.copyfile(booth.db, booth.practice / "y.db")
    time.sleep(1)
    (booth.practice / "y.db").rename(booth.db)


def remove_database(booth: Attacked) -> None:
    """kiosk.db is deleted, and nothing else."""
    booth.db.unlink()


def remove_folder(booth: Attacked) -> None:
    """The whole folder is deleted; what the kiosk writes meanwhile makes `rm` try again."""
    for _ in range(5):
        shutil.rmtree(booth.practice, ignore_errors=True)


def copy_back_in_place(booth: Attacked) -> None:
    """An older copy is written over the database."""
    subprocess.run(["cp", booth.db, booth.practice / "y.db"], check=True)
    booth.wait_for(8)
    subprocess.run(["cp", booth.practice / "y.db", booth.db], check=True)


SAFE: dict[str, Callable[[Attacked], None]] = {
    function.__name__: function
    for function in (
        *(move_and_put_back, remove_sides, remove_log, remove_index, move_log_and_put_back, replace_by_copy),
        *(remove_database, remove_folder, copy_back_in_place),
    )
}
"""Attacks after which all is there: the log, or an open connection, still has what was saved."""


def cut_to_nothing(booth: Attacked) -> None:
    """The file is emptied."""
    os.truncate(booth.db, 0)


def overwrite_all(booth: Attacked) -> None:
    """Random bytes from end to end."""
    overwrite(booth.db, 0, booth.db.stat().st_size)


def overwrite_half(booth: Attacked) -> None:
    """Random bytes over the second half."""
    half = booth.db.stat().st_size // 2
    overwrite(booth.db, half, half)


CHECKPOINT_AND_OVERWRITE = """
import os, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=30)
root = db.execute("select rootpage from sqlite_master where name = 'leads'").fetchone()[0]
db.execute("pragma wal_checkpoint(passive)").fetchall()
file = os.open(sys.argv[1], os.O_WRONLY)
os.pwrite(file, os.urandom(4096), (root - 1) * 4096)
os._exit(0)
"""


def overwrite_page(booth: Attacked) -> None:
    """Random bytes over one page that is not in the log: the first of the leads."""
    subprocess.run([sys.executable, "-c", CHECKPOINT_AND_OVERWRITE, booth.db], check=True)


def cut_half(booth: Attacked) -> None:
    """The second half is cut off."""
    os.truncate(booth.db, booth.db.stat().st_size // 2)


DESTROYED: dict[str, Callable[[Attacked], None]] = {
    function.__name__: function
    for function in (cut_to_nothing, overwrite_all, overwrite_half, overwrite_page, cut_half)
}
"""Attacks that destroy bytes."""
