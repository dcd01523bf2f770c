"""A process that was stopped, or hangs, does not count as one that works: real processes, and real signals."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync import heartbeat
from sync.file_lock import hold_lock
from sync.heartbeat import find_hung_holder, hold_lock_with_heartbeat, is_holder_alive
from tests.support.waiting import wait_until

HOLDER = """
import sys, time
from pathlib import Path
from sync import heartbeat
heartbeat.HEARTBEAT_SECONDS = 0.05
with heartbeat.hold_lock_with_heartbeat(Path(sys.argv[1]), lambda: sys.argv[2] == "well"):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Starts a process that holds `tmp_path / "x.lock"`, and is well or not; two seconds of silence are too long."""
    monkeypatch.setattr(heartbeat, "MAX_SILENCE_SECONDS", 2.0)
    started: list[subprocess.Popen[str]] = []

    def start(how: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLDER, str(tmp_path / "x.lock"), how]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "held\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_one_that_is_stopped_hangs_and_one_that_goes_on_does_not(
    hold: Callable[[str], subprocess.Popen[str]], tmp_path: Path
) -> None:
    """SIGSTOP, and SIGCONT."""
    lock, process = tmp_path / "x.lock", hold("well")
    assert is_holder_alive(lock)

    os.kill(process.pid, signal.SIGSTOP)
    wait_until(lambda: find_hung_holder(lock) is not None)
    found = find_hung_holder(lock)
    os.kill(process.pid, signal.SIGCONT)

    assert found is not None
    assert (found.pid, found.silent_seconds > 2.0) == (process.pid, True)
    wait_until(lambda: is_holder_alive(lock))


def test_one_that_runs_and_gets_nowhere_hangs_too(hold: Callable[[str], subprocess.Popen[str]], tmp_path: Path) -> None:
    """Its thread for signs of life lives, and does not say that all is well."""
    hold("stuck")

    wait_until(lambda: find_hung_holder(tmp_path / "x.lock") is not None)


def test_a_lock_that_nobody_holds_hangs_nobody(hold: Callable[[str], subprocess.Popen[str]], tmp_path: Path) -> None:
    """What a killed process left in it is nobody's."""
    lock, process = tmp_path / "x.lock", hold("well")
    process.kill()
    process.wait()
    written = lock.read_text()
    wait_until(lambda: time.monotonic() - float(written.split()[2]) > 2.0)

    assert (find_hung_holder(lock), is_holder_alive(lock)) == (None, False)


def test_a_holder_without_signs_is_believed(tmp_path: Path) -> None:
    """As an older version held it."""
    lock = tmp_path / "x.lock"
    with hold_lock(lock):
        assert (find_hung_holder(lock), is_holder_alive(lock)) == (None, True)


def test_after_the_end_nothing_is_left_in_it(tmp_path: Path) -> None:
    """The next holder is not mistaken for the previous one."""
    lock = tmp_path / "x.lock"
    with hold_lock_with_heartbeat(lock):
        assert lock.read_text().split()[0] == str(os.getpid())

    assert lock.read_text() == ""
