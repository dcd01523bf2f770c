"""A disk that fills up raises an alert in time, even once it is full; it ends when there is room again."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks.as_root import AS_ROOT, ROOT


def test_a_small_disk_is_low_full_and_well_again(tmp_path: Path) -> None:
    """One alert, which does not flap while the room is a little above the limit."""
    mount = f'mount -t tmpfs -o size=8m tmpfs "{tmp_path}"'
    probe = subprocess.run([*AS_ROOT, "sh", "-c", f'{mount} && umount "{tmp_path}"'], capture_output=True, text=True)
    if probe.returncode != 0:
        pytest.skip(f"THE SMALL DISK WAS NOT TRIED: this machine lets nobody mount one ({probe.stderr.strip()})")
    shell = f'{mount} && trap \'umount -l "{tmp_path}"\' EXIT && "$@"'
    script = [sys.executable, "-m", "tests.kiosk.alerts.low_disk", str(tmp_path)]

    result = subprocess.run(
        [*AS_ROOT, "sh", "-c", shell, "sh", *script], cwd=ROOT, capture_output=True, text=True, timeout=100
    )

    assert (result.returncode, result.stdout) == (0, "all is well\n"), result.stderr[-3000:]
