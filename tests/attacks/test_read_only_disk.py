"""A disk that went read-only, as most memory cards die, is called that, and no badge is lost."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A disk in a file, which this machine can mount."""
    path, disk = tmp_path / "disk.img", tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None or shutil.which("e2fsck") is None:
        pytest.skip("THE READ-ONLY DISK WAS NOT TRIED: it takes root, mkfs.ext4 and e2fsck")
    with path.open("wb") as file:
        file.truncate(32_000_000)
    subprocess.run(["mkfs.ext4", "-q", "-F", path], check=True)
    probe = subprocess.run(["mount", "-o", "loop", path, disk], capture_output=True, text=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"THE READ-ONLY DISK WAS NOT TRIED: this machine mounts no loop devices ({probe.stderr.strip()})")
    subprocess.run(["umount", disk], check=True)
    return path


def test_a_disk_that_went_read_only_is_not_called_full(tmp_path: Path, image: Path) -> None:
    """What was saved is there, what is shown then is held and kept elsewhere, and saved once the disk is mended."""
    disk, home = tmp_path / "disk", tmp_path / "home"
    home.mkdir()
    shell = 'trap \'umount -l "$0"\' EXIT; "$@"'
    command = ["sh", "-c", shell, disk, sys.executable, "-m", "tests.attacks.read_only_disk", disk, image]

    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, env={**os.environ, "HOME": str(home)}
    )

    assert (result.returncode, result.stdout) == (0, "all is well\n"), result.stderr[-3000:]
