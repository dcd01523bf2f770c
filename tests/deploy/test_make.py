"""The commands that people and machines type, and how soon the second one is there."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT

OUTSIDE = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
"""The environment of somebody who types, also where these tests are run by make."""


def made(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What make says."""
    return subprocess.run(["make", *arguments], cwd=ROOT, env=OUTSIDE, capture_output=True, text=True, timeout=60)


def is_made(target: str) -> bool:
    """Whether there is nothing left to install."""
    return (
        subprocess.run(["make", "-q", target], cwd=ROOT, env=OUTSIDE, capture_output=True, timeout=60).returncode == 0
    )


def test_help_lists_what_can_be_made() -> None:
    """The two commands of the README among it."""
    done = made("help")

    assert (done.returncode, done.stderr) == (0, "")
    for target in ("run", "test", "check", "bench", "soak"):
        assert re.search(rf"^  make {target} +\S", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("script", ["deploy/set-up", "deploy/find-python", ".ci/run"])
def test_each_script_can_be_run_by_any_shell(script: str) -> None:
    """It may be executed, says which shell it wants, and that shell understands it."""
    path = ROOT / script

    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/bin/sh\n")
    assert subprocess.run(["sh", "-n", path], capture_output=True, timeout=60).returncode == 0


def test_ci_makes_what_there_is_to_make() -> None:
    """Each line is a command that make knows."""
    wanted = re.findall(r"^make (.+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)

    assert {"test", "check"} <= {line.split()[0] for line in wanted}
    for line in wanted:
        assert made("-n", *line.split()).returncode == 0


def run_practice(command: list[str], folder: Path) -> tuple[float, str, str, int]:
    """Run *command* with a practice in *folder*: seconds to its first line, that line, the rest, and its status."""
    config = folder / "kiosk.toml"
    config.write_text(
        f'[data]\nfolder = "{folder}"\n[camera]\nsource = "demo"\n'
        "[practice]\nport = 0\nbadges = 2\nseconds_each = 0.3\n"
    )
    began = time.monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env={**OUTSIDE, "KIOSK_CONFIG": str(config)},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        first = process.stdout.readline()
        seconds = time.monotonic() - began
        rest = process.stdout.read()
    return seconds, first, rest, process.returncode


def test_a_second_make_run_starts_at_once(tmp_path: Path) -> None:
    """It installs nothing; without a terminal it scans the demo badges, and ends by itself with exit status 0."""
    if not is_made(".venv/.run"):
        pytest.skip("make run has something to install here")
    (tmp_path / "direct").mkdir()
    direct, *_ = run_practice([".venv/bin/kiosk", "run"], tmp_path / "direct")

    seconds, first, rest, status = run_practice(["make", "run"], tmp_path)

    assert "INFO kiosk" in first
    # Not in seconds: on a busy machine both take long. To install anything takes a minute.
    assert seconds < 4 * direct
    assert "2 leads on this device: 2 delivered" in rest
    assert status == 0, rest
