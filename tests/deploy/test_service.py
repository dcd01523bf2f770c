"""The systemd unit starts the kiosk that it stands beside, and systemd takes it."""

import configparser
import os
import pwd
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from kiosk.cli import cli
from kiosk.runtime.child_process import STOP_TIMEOUT_SECONDS
from tests.deploy.machine import ROOT

UNIT = ROOT / "deploy" / "booth-kiosk.service"


@pytest.fixture
def unit() -> configparser.ConfigParser:
    """The unit, read as systemd would."""
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(UNIT.read_text())
    return parser


def test_its_command_is_one_that_there_is(unit: configparser.ConfigParser) -> None:
    """`kiosk run --headless`, out of the environment that `make run` makes, in the folder where kiosk.toml lies."""
    program, command, *options = shlex.split(unit["Service"]["ExecStart"])

    run = cli.get_command(None, command)  # type: ignore[arg-type]

    assert program == f"{unit['Service']['WorkingDirectory']}/.venv/bin/kiosk"
    assert run is not None
    assert set(options) <= {name for option in run.params for name in option.opts}


def test_it_gives_the_kiosk_the_time_to_end(unit: configparser.ConfigParser) -> None:
    """Longer than a part may take; only the kiosk is told first, and it comes back whatever happened."""
    service = unit["Service"]

    assert float(service["TimeoutStopSec"]) > STOP_TIMEOUT_SECONDS
    assert (service["KillMode"], service["Restart"]) == ("mixed", "always")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd")
def test_systemd_takes_it(tmp_path: Path) -> None:
    """Every key and value is one that it knows."""
    home = pwd.getpwuid(os.getuid()).pw_dir
    text = UNIT.read_text().replace("%h/booth-kiosk", str(tmp_path))
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "kiosk").symlink_to(str(shutil.which("true")))
    copy = tmp_path / UNIT.name
    copy.write_text(text)

    done = subprocess.run(
        ["systemd-analyze", "--user", "verify", "--man=no", copy],
        env={**os.environ, "HOME": home, "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert complaints == []
