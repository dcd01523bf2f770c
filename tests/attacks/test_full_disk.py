"""A full disk loses nothing that was said to be saved, the screen says so, and it goes on by itself."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.as_root import AS_ROOT, ROOT


def test_the_kiosk_outlives_a_full_disk(tmp_path: Path) -> None:
    """On a disk of two megabytes: scanning until it is full, with it full, and after room was made."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(tmp_path)]
    probe = subprocess.run([*AS_ROOT, *mount], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"THE FULL DISK WAS NOT TRIED: this machine lets nobody mount one ({probe.stderr.strip()})")
    if not AS_ROOT:
        subprocess.run(["umount", str(tmp_path)], check=True)
    shell = f'mount -t tmpfs -o size=2m tmpfs "{tmp_path}" && trap \'umount -l "{tmp_path}"\' EXIT && "$@"'
    command = [*AS_ROOT, "sh", "-c", shell, "sh", sys.executable, "-m", "tests.attacks.full_disk", str(tmp_path)]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)

    assert (result.returncode, result.stdout) == (0, "all is well\n"), result.stderr[-3000:]


def test_a_disk_can_be_had_for_the_attack() -> None:
    """Where tests run as root, the attack above must not be skipped."""
    assert os.geteuid() != 0 or shutil.which("mount") is not None
