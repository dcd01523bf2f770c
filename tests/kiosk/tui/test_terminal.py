"""While the app draws on the terminal, everything written to standard error goes to the log."""

import subprocess
import sys
from pathlib import Path

import pytest

CHILD = """
import os, sys
from pathlib import Path
from kiosk.tui.terminal import redirect_errors

def written():
    print("a library of Python's", file=sys.stderr, flush=True)
    os.write(2, b"a library of C\\n")
    os.system("echo a program of somebody else 1>&2")
    print("the picture", file=sys.__stderr__, flush=True)

try:
    with redirect_errors(Path(sys.argv[1])):
        written()
        if sys.argv[2:]:
            raise SystemExit(sys.argv[2])
finally:
    os.write(2, b"afterwards\\n")
"""


@pytest.mark.parametrize("end", ["", "it failed"])
def test_only_the_screen_draws_on_the_terminal(tmp_path: Path, end: str) -> None:
    """The output of Python, C and other programs is in the log; afterwards all is as it was, whatever happened."""
    log = tmp_path / "kiosk.log"
    command = [sys.executable, "-c", CHILD, str(log), *([end] if end else [])]

    done = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, timeout=60)

    assert log.read_text().splitlines() == ["a library of Python's", "a library of C", "a program of somebody else"]
    assert done.stdout == "the picture\n"
    assert done.stderr.splitlines() == ["afterwards", *([end] if end else [])]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """However often the screen starts and ends."""
    from kiosk.tui.terminal import redirect_errors

    before = set(Path("/proc/self/fd").iterdir())
    for _ in range(3):
        with redirect_errors(tmp_path / "kiosk.log"):
            pass

    assert set(Path("/proc/self/fd").iterdir()) == before
