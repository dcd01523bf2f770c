"""The processes beside the kiosk are kept running, and end with it."""

import logging
import os
import shlex
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.store import open_store
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings, PracticeSettings
from kiosk.runtime.child_process import ChildProcess
from kiosk.runtime.services import run_services
from sync.file_lock import is_lock_held
from sync.practice_address import read_address
from sync.settings import CrmSettings
from tests.support.kiosk_processes import is_alive
from tests.support.waiting import became_true, wait_until


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of a practice in a folder of its own."""
    path = tmp_path / "kiosk.toml"
    path.write_text(f'[data]\nfolder = "{tmp_path}"\n[practice]\nport = 0\n')
    return path


@pytest.fixture
def child(tmp_path: Path, config: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ChildProcess]:
    """A practice CRM that is kept running, once it is started; short pauses."""
    monkeypatch.setattr("kiosk.runtime.child_process.RESTART_PAUSES_SECONDS", (0.1, 0.2))
    found = ChildProcess(
        ["--config", str(config), "practice-crm", "--with-parent"], tmp_path / "logs" / "practice-crm.log"
    )
    yield found
    if found.keeper_thread.is_alive():
        found.stop()


def runs(child: ChildProcess, but: int = 0) -> int:
    """The id of the process, once it answers; another one than *but*."""
    wait_until(lambda: child.process is not None and child.process.pid != but and is_alive(child.process.pid))
    assert child.process is not None
    return child.process.pid


def answers(child: ChildProcess, times: int = 1) -> bool:
    """Whether it has come so far as to say where it answers."""
    log = child.log_file
    return became_true(lambda: log.exists() and log.read_text().count("Practice CRM running at") >= times)


def test_what_it_says_goes_to_a_log_that_only_its_owner_reads(child: ChildProcess) -> None:
    """Both of its outputs; nothing of it is on the terminal."""
    child.start()

    assert answers(child)
    assert stat.S_IMODE(child.log_file.stat().st_mode) == 0o600


def test_it_is_started_again_whenever_it_ends(child: ChildProcess, caplog: pytest.LogCaptureFixture) -> None:
    """However it ended, and with a line in our log each time."""
    child.start()
    assert answers(child)
    first = runs(child)
    os.kill(first, signal.SIGKILL)
    second = runs(child, first)
    assert answers(child, 2)
    os.kill(second, signal.SIGTERM)

    third = runs(child, second)

    assert len({first, second, third}) == 3
    assert "practice-crm ended with status -9 and is started again" in caplog.text
    assert "practice-crm ended with status 0 and is started again" in caplog.text


def test_stop_ends_it_well_and_for_good(child: ChildProcess) -> None:
    """It gets to finish; nobody starts it again, and no thread is left."""
    child.start()
    assert answers(child)
    pid = runs(child)

    child.stop()

    assert child.process is not None and child.process.returncode == 0
    assert not is_alive(pid) and not child.keeper_thread.is_alive()


def test_what_hangs_is_killed(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The kiosk ends also when a part of it does not."""
    monkeypatch.setattr("kiosk.runtime.child_process.STOP_TIMEOUT_SECONDS", 0.3)
    child.start()
    assert answers(child)
    pid = runs(child)
    os.kill(pid, signal.SIGSTOP)

    child.stop()

    assert not is_alive(pid)
    assert "practice-crm did not end in time and was killed" in caplog.text


def test_what_cannot_be_started_is_tried_again(
    child: ChildProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """With a sentence; as soon as it can be started, it is."""
    command, child.command = child.command, ["/no/such/python"]
    child.start()
    wait_until(lambda: caplog.text.count("practice-crm cannot be started") >= 2)

    child.command = command

    assert answers(child)


def test_it_can_be_stopped_while_it_is_waited_for(child: ChildProcess, caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is running: that is soon over."""
    child.command = ["/no/such/python"]
    child.start()
    wait_until(lambda: "practice-crm cannot be started" in caplog.text)

    began = time.monotonic()
    child.stop()

    assert not child.keeper_thread.is_alive() and time.monotonic() - began < 5


def test_the_pauses_grow_from_failure_to_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A part that cannot run does not keep the machine busy: the last pause is the longest."""
    monkeypatch.setattr("kiosk.runtime.child_process.RESTART_PAUSES_SECONDS", (0.0, 0.0, 0.0, 30.0))
    child = ChildProcess(["worker"], tmp_path / "worker.log")
    child.command = [sys.executable, "-c", "raise SystemExit(3)"]

    child.start()
    wait_until(lambda: caplog.text.count("worker ended with status 3 and is started again") == 3)
    time.sleep(0.5)
    child.stop()

    assert caplog.text.count("is started again") == 3


def test_a_start_at_the_very_end_is_stopped_too(child: ChildProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the moment at which the kiosk ends: no part goes on without it."""
    spawn, started = ChildProcess.spawn_process, []

    def late(self: ChildProcess) -> object:
        child.stop_event.set()
        started.append(spawn(self))
        return started[-1]

    monkeypatch.setattr(ChildProcess, "spawn_process", late)

    child.start()
    child.keeper_thread.join(60)

    assert not child.keeper_thread.is_alive()
    assert len(started) == 1 and not is_alive(started[0].pid)


def test_a_practice_has_a_worker_and_a_crm_and_both_end(
    tmp_path: Path, config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker holds its lock, the CRM has an address; after the kiosk neither is there any more."""
    settings = Settings(data=DataSettings(str(tmp_path)), practice=PracticeSettings(port=0))
    open_store(settings.database_file).close()  # as `kiosk run` does before it starts them

    with caplog.at_level(logging.WARNING), run_services(settings, config):
        wait_until(lambda: is_lock_held(settings.worker_lock))
        wait_until((settings.folder / "practice-crm.json").exists)
        wait_until(lambda: has_drained(settings.database_file), what="from then on it ends well")
        assert read_address(settings.folder).url.startswith("http://127.0.0.1:")

    assert not is_lock_held(settings.worker_lock)
    assert caplog.text == ""
    assert "the worker ends" in (settings.folder / "worker.log").read_text()


def has_drained(store: Path) -> bool:
    """Whether a worker has begun to drain: it notes the boot first."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as db:
            return bool(db.execute("select 1 from boots").fetchall())
    except sqlite3.OperationalError:
        return False  # it is being made


def test_in_earnest_there_is_no_practice_crm(tmp_path: Path, config: Path) -> None:
    """Nothing that looks like a CRM runs beside a real one."""
    settings = Settings(data=DataSettings(str(tmp_path)), crm=CrmSettings(connector="rest"))

    with run_services(settings, config):
        wait_until((settings.folder / "worker.log").exists)

    assert not (settings.folder / "practice-crm.log").exists()


def test_the_parts_let_the_screen_go_first(child: ChildProcess) -> None:
    """They stand back, each in the session that Linux schedules apart, where it does."""
    child.start()
    pid = runs(child)
    assert answers(child)

    group = Path(f"/proc/{pid}/autogroup")
    assert min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10) == os.getpriority(os.PRIO_PROCESS, pid)
    # A kernel without autogroups has no such file, and nothing to stand back from.
    assert not group.exists() or group.read_text().endswith("nice 10\n")


def test_a_part_in_somebody_elses_session_leaves_its_priority(config: Path, tmp_path: Path) -> None:
    """That session may be a terminal with all that runs in it, such as a shell's."""
    command = [sys.executable, "-m", "kiosk", "--config", str(config), "practice-crm", "--with-parent"]
    log = tmp_path / "output"
    with log.open("wb") as output:
        shell = subprocess.Popen(
            # Not exec: the shell stays the leader of the session.
            ["/bin/sh", "-c", f"{shlex.join(command)}; true"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    with shell:
        wait_until(lambda: "Practice CRM running at" in log.read_text())
        group = Path(f"/proc/{shell.pid}/autogroup")
        assert not group.exists() or group.read_text().endswith("nice 0\n")
