"""Worker processes of one practice kiosk."""

import subprocess
import sys
from pathlib import Path

from data import outbox
from data.store import Store
from tests.support.scripted_connector import Save
from tests.support.waiting import wait_until

ROOT = Path(__file__).parents[2]


class Workers:
    """Worker processes of one practice kiosk."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "kiosk.toml"
        self.config.write_text(f'[data]\nfolder = "{folder}"\n')
        self.queue = folder / "practice" / "huey.db"
        self.log = folder / "worker.log"
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        """Start one; it logs to a file."""
        command = [sys.executable, "-m", "kiosk", "--config", str(self.config), "worker"]
        with self.log.open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.started.append(process)
        return process

    def stop_all(self) -> None:
        """Leave none behind."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait(30)


def delivered(store: Store) -> int:
    """Return how many leads the outbox counts as delivered."""
    return outbox.count_leads(store).delivered


def running(workers: Workers, store: Store, save_leads: Save) -> subprocess.Popen[bytes]:
    """Start a worker, and wait until it has delivered a lead."""
    save_leads(store, "first@initech.com")
    process = workers.start()
    wait_until(lambda: delivered(store) == 1, "the worker delivers what waited when it started")
    return process
