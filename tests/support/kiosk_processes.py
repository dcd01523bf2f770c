"""Kiosks that run as processes of their own, and what can be seen of them from outside."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from camera.opencv import load_opencv
from camera.sources.demo import draw_card, draw_scene, place_card
from tests.support.booth import Booth
from tests.support.waiting import became_true, wait_until

DEMO = """
[camera]
source = "demo"
[practice]
port = 0
badges = {badges}
seconds_each = {seconds}
"""


NO_WORKER = (
    "import kiosk.runtime.services as p; C = p.ChildProcess; "
    "p.ChildProcess = lambda command, log: C(['no-such-command'] if 'worker' in command else command, log)"
)
"""A line of Python with which the kiosk's worker ends at once, however often it is started."""


def demo(badges: int, seconds: float = 0.3) -> str:
    """Settings for a practice with so many demo badges, each shown for so long, or longer until it is read."""
    return DEMO.format(badges=badges, seconds=seconds)


class Kiosks(Booth):
    """A booth whose kiosks have no screen, and log to `kiosk.log`."""

    def __init__(self, folder: Path, more: str = demo(6)) -> None:
        super().__init__(folder, more)
        self.log_file = folder / "kiosk.log"
        self.started: list[subprocess.Popen[bytes]] = []

    def run(self, *more: str) -> subprocess.Popen[bytes]:
        """Start `kiosk run` without a terminal."""
        self.started.append(self.start("run", *more, log=self.log_file))
        return self.started[-1]

    def run_patched(self, patch: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a kiosk with a line of Python before it: for a patience that no test has."""
        code = f"{patch}; from kiosk.cli import main; main()"
        arguments = [sys.executable, "-c", code, "--config", str(self.config), *command]
        with self.log_file.open("ab") as log:
            self.started.append(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log))
        return self.started[-1]

    @property
    def log(self) -> str:
        """What the kiosks have written."""
        return self.log_file.read_text(encoding="utf-8") if self.log_file.exists() else ""

    def logged(self, pattern: str, times: int = 1) -> bool:
        """Whether *pattern* comes to be in the log, at least so many times."""
        return became_true(lambda: len(re.findall(pattern, self.log)) >= times)

    def delivered(self) -> int:
        """Return how many leads the outbox counts as delivered; 0 while there is no database yet."""
        if not self.has_tables():
            return 0
        return int(self.rows("select count(*) from outbox where state = 'delivered'")[0][0])

    def has_tables(self) -> bool:
        """Return whether the database has been created."""
        has_outbox = "select 1 from sqlite_master where name = 'outbox'"
        return (self.practice / "kiosk.db").exists() and bool(self.rows(has_outbox))

    def states(self) -> dict[str, int]:
        """Return how many leads there are in each state."""
        return dict(self.rows("select state, count(*) from outbox group by state"))  # type: ignore[arg-type]

    def answered(self) -> list[str]:
        """Return the leads that the practice CRM has, by our ids; none while it does not answer."""
        try:
            return sorted(contact["client_id"] for contact in self.contacts())
        except OSError:
            return []

    def set_faults(self, **faults: Any) -> None:
        """Have the practice CRM misbehave, as soon as it answers."""
        wait_until(lambda: self.try_faults(faults), what="the practice CRM does not respond")

    def try_faults(self, faults: dict[str, Any]) -> bool:
        """Ask the practice CRM to misbehave; whether it heard."""
        try:
            address = json.loads((self.practice / "practice-crm.json").read_text())
            headers = {"Authorization": f"Bearer {address['token']}", "Content-Type": "application/json"}
            request = urllib.request.Request(
                f"{address['url']}/faults", json.dumps(faults).encode(), headers, method="PUT"
            )
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def draw(self, folder: Path, *names: str) -> None:
        """Put a folder with a picture of each visitor's badge where it is to be, all at once."""
        unfinished = folder.with_name(f"{folder.name}.part")
        unfinished.mkdir()
        for name in names:
            badge = f"BEGIN:VCARD\nFN:{name}\nEMAIL:{name.lower()}@x.example\nEND:VCARD".encode()
            picture = place_card(draw_card(badge, 480), draw_scene(640, 480), 1.0)
            assert load_opencv().imwrite(str(unfinished / f"{name}.png"), picture)
        unfinished.rename(folder)

    def end_all(self) -> None:
        """Leave no kiosk behind, and none of its parts."""
        for process in self.started:
            parts = children(process.pid) if process.poll() is None else {}
            process.kill()
            process.wait(30)
            for pid in parts:
                if is_alive(pid):
                    os.kill(pid, signal.SIGKILL)


def children(pid: int) -> dict[int, str]:
    """Return the processes that *pid* has started and that live: their ids, and their command lines."""
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                found[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process runs; zombies do not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
