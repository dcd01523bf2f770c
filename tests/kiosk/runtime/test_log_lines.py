"""What is written down: a line an event, whatever text comes from outside."""

import logging
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camera.events import SourceFailed, SourceWorking
from kiosk.runtime import headless, log
from kiosk.runtime.log import OneLineFormatter, open_log
from kiosk.scanning.camera_scanner import ScannerEvent
from kiosk.scanning.scan_result import ScanResult

RUBBISH = "Ana\r\n2026-01-01 ERROR kiosk: NOT SAVED\x1b[2J\x1b]0;owned\x07\u202egnp\u2028x\x85y\ud800"


def line(message: str, *values: object, error: BaseException | None = None) -> str:
    """What the log has of one event."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("kiosk", logging.INFO, __file__, 1, message, values, info)
    return OneLineFormatter("%(levelname)s %(name)s: %(message)s").format(record)


@given(st.text())
def test_no_text_makes_a_line_of_its_own(text: str) -> None:
    """Nor moves a cursor, nor turns the writing round: each mark that is not for reading is spelled out."""
    written = line("Saved: %s", text)

    assert written.startswith("INFO kiosk: Saved: ")
    assert len(written.splitlines()) == 1
    assert written.isprintable()


def test_rubbish_is_spelled_out() -> None:
    """Nothing is hidden from whoever reads the log."""
    written = line("%s", RUBBISH)

    for spelled in (r"\r\n", r"\x1b[2J", r"\x07", r"\u202e", r"\u2028", r"\x85", r"\ud800"):
        assert spelled in written


def test_names_in_every_script_stay_readable() -> None:
    """They are printable: nothing is done to them."""
    assert line("Saved: %s", "Ана Müller 山田 شركة") == "INFO kiosk: Saved: Ана Müller 山田 شركة"


def test_a_traceback_is_one_line_too() -> None:
    """Where it was, what it was, and no line that could be taken for another event."""
    try:
        raise ValueError(RUBBISH)
    except ValueError as error:
        written = line("the scanner failed", error=error)

    assert len(written.splitlines()) == 1
    assert "Traceback" in written and "ValueError" in written


@pytest.mark.parametrize(
    ("event", "level"),
    [
        (ScanResult("saved", "Saved", RUBBISH), "INFO"),
        (ScanResult("not saved", "NOT SAVED", RUBBISH), "ERROR"),
        (SourceWorking(RUBBISH), "INFO"),
        (SourceFailed(RUBBISH), "WARNING"),
    ],
)
def test_what_staff_would_see_is_one_line(
    event: ScannerEvent, level: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A badge, or a camera with a name of its own making, is on standard error as one event of its kind."""
    for name in ("", "kiosk", "camera", "data", "sync"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log.log_to_stderr()

    headless.log_event(event)

    [written] = capfd.readouterr().err.splitlines()
    assert f" {level} kiosk.runtime.headless: " in written
    assert written.isprintable()


def test_a_log_is_its_owners_only_and_is_appended_to(tmp_path: Path) -> None:
    """In a folder that is made for it."""
    path = tmp_path / "folder" / "kiosk.log"
    for text in (b"one\n", b"two\n"):
        handle = open_log(path)
        os.write(handle, text)
        os.close(handle)

    assert path.read_bytes() == b"one\ntwo\n"
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)


def test_a_large_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one is kept beside the new one; no show fills the disk with words."""
    monkeypatch.setattr(log, "MAX_LOG_BYTES", 10)
    path = tmp_path / "kiosk.log"
    path.write_text("a long show\n")

    os.close(open_log(path))

    assert path.read_text() == ""
    assert (tmp_path / "kiosk.log.1").read_text() == "a long show\n"
