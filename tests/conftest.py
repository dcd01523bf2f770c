"""What tests of several packages share: the real practice CRM, in a process of its own."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from sync.practice_address import PracticeAddress, read_address
from sync.practice_crm.faults import Faults
from sync.practice_crm.records import ContactDatabase

# A machine that also does other things is slow, which is not a fault of what is tested.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

MEMORY = Path("/dev/shm")

MIN_MEMORY_BYTES = 2 << 30


def keep_temporary_files_in_memory() -> None:
    """
    Put temporary files into memory, where the system has such a folder that is large enough and runs programs.

    Each lead that is saved is flushed to the disk, and the tests save tens of thousands.
    """
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK):
        return
    if shutil.disk_usage(MEMORY).free < MIN_MEMORY_BYTES or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return
    os.environ["TMPDIR"] = str(MEMORY)  # for this process, pytest's workers, and all programs that tests start
    tempfile.tempdir = None


keep_temporary_files_in_memory()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """
    Collect without looking for garbage, and never look through what was collected.

    It is a million objects that all stay. To look through them again and again took 40 % of the time of collecting.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


ROOT = Path(__file__).parents[1]

SERVE = """
import json, sys
from pathlib import Path
from sync.practice_crm.faults import Faults
from sync.practice_crm.server import run_practice_crm

folder, port, faults = sys.argv[1:]
faults = Faults().with_changes(json.loads(faults))
run_practice_crm(Path(folder), int(port), faults, on_ready=lambda url: print(url, flush=True))
"""


class PracticeCrm:
    """A practice CRM that runs in a child process, and what a test does with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> PracticeAddress:
        """Its address as it wrote it down; that of the last run where it is stopped."""
        return read_address(self.folder)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`"""
        return self.address.url

    @property
    def token(self) -> str:
        """What callers must have."""
        return self.address.token

    def start(self, port: int = 0, **faults: Any) -> None:
        """Start it with *faults*, and return once it answers; the earlier port and records can be had again."""
        assert self.process is None, "it runs already"
        command = [sys.executable, "-c", SERVE, str(self.folder), str(port), json.dumps(faults)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        if not self.process.stdout.readline().startswith("http://"):
            self.stop(signal.SIGKILL)
            raise AssertionError("the practice CRM did not start")

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Stop it if it runs, and return its exit status; its records stay."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        assert process.stdout is not None
        with process.stdout:
            os.kill(process.pid, how)
            return process.wait(30)

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, raw: bytes | None = None
    ) -> httpx.Response:
        """One request with *body* as JSON, or with the *raw* bytes; its own token or another."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False, verify=False, timeout=30) as client:
            return client.request(method, path, json=body, content=raw)

    def set_faults(self, **faults: Any) -> Any:
        """Have it misbehave otherwise from now on, and return all its faults; what is not named stays as it was."""
        return self.call("PUT", "/faults", faults).raise_for_status().json()

    def stats(self) -> dict[str, int]:
        """`contacts`, `repeats` and `calls`."""
        return dict(self.call("GET", "/api/v1/stats").raise_for_status().json())

    @contextmanager
    def records(self) -> Iterator[ContactDatabase]:
        """Its own file: also while it is stopped or misbehaves, and whatever dialect it was spoken to in."""
        records = ContactDatabase(self.folder / "practice-crm.db")
        try:
            yield records
        finally:
            records.close()

    def contacts(self) -> list[dict[str, Any]]:
        """What it has, the newest first."""
        with self.records() as records:
            return records.list_newest(100_000)

    def contact(self, lead_id: str) -> dict[str, Any]:
        """What it has under our id."""
        with self.records() as records:
            found = records.find_contact(lead_id)
        assert found is not None, "the practice CRM does not have it"
        return found


@pytest.fixture(scope="session", autouse=True)
def signals_are_heard() -> None:
    """
    Has what tests start hear Ctrl-C and the end of its terminal, also where the tests were started with `&` or `nohup`.

    Those ignore these signals, and so does what is started from there; one with a handler is as ever for a new program.
    """
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, lambda *_: None)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.fixture(scope="session")
def practice_crm_in() -> Iterator[Callable[[Path], PracticeCrm]]:
    """Makes a practice CRM in a folder; it is not started yet, and is stopped when the tests are over."""
    made: list[PracticeCrm] = []

    def make(folder: Path) -> PracticeCrm:
        made.append(PracticeCrm(folder))
        return made[-1]

    yield make
    for crm in made:
        crm.stop(signal.SIGKILL)


@pytest.fixture
def practice_crm(tmp_path: Path) -> Iterator[PracticeCrm]:
    """
    A practice CRM that runs.

    Its folder is where a kiosk whose data folder is `tmp_path` looks for it.
    """
    crm = PracticeCrm(tmp_path / "practice")
    crm.start()
    yield crm
    crm.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def one_crm(practice_crm_in: Callable[[Path], PracticeCrm], tmp_path_factory: pytest.TempPathFactory) -> PracticeCrm:
    """The one practice CRM for all tests that only need one to be there."""
    crm = practice_crm_in(tmp_path_factory.mktemp("crm") / "practice")
    crm.start()
    return crm


@pytest.fixture
def crm(one_crm: PracticeCrm) -> PracticeCrm:
    """The one practice CRM, behaving well, without what other tests left in it."""
    with one_crm.records() as records:
        for table in ("contacts", "definitions"):
            records.db.execute(f"delete from {table}")
    one_crm.set_faults(**{**asdict(Faults()), "rate_limit": 1_000_000})
    return one_crm
