"""A stick that fills up and is pulled costs no lead, and no lead is on it twice."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

AS_ROOT = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
"""Disks of one's own take a namespace in which one may mount them."""


def test_leads_outlive_their_stick(tmp_path: Path) -> None:
    """With real disks: full, with room again, pulled, and another plugged in."""
    probe = subprocess.run(
        [*AS_ROOT, "mount", "-t", "tmpfs", "tmpfs", str(tmp_path)], capture_output=True, text=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip(f"THE STICK WAS NOT TRIED: this machine lets nobody mount one ({probe.stderr.strip()})")

    command = [*AS_ROOT, sys.executable, "-m", "tests.attacks.stick", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)

    assert (result.returncode, result.stdout) == (0, "all is well\n"), result.stderr[-3000:]
