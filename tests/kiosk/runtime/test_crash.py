"""A mistake of ours ends every command with status 1, all of what is known of it, and a sentence."""

import subprocess
import sys
from pathlib import Path

import pytest

from data.store import open_store

ROOT = Path(__file__).parents[3]

CRASHING = """
import sys
from unittest.mock import patch
from kiosk.cli import main
def crash(*_, **__):
    raise ZeroDivisionError("a mistake \\x1b]0;of ours")
with patch({patched!r}, crash):
    main()
"""

COMMANDS = [
    ("kiosk.scanning.camera_scanner.CameraScanner.run", ["run", "--headless", "--source", "demo"]),
    ("kiosk.runtime.headless.read_kiosk_status", ["run", "--headless", "--source", "demo"]),
    ("kiosk.alerts.schedule.WorkerAlerts.__init__", ["worker"]),
    ("kiosk.cli.status.read_kiosk_status", ["status"]),
    ("kiosk.cli.leads.iterate_listed_leads", ["leads"]),
]


@pytest.mark.parametrize(("patched", "command"), COMMANDS, ids=[patched for patched, _ in COMMANDS])
def test_a_mistake_of_ours_ends_with_status_1_and_a_sentence(patched: str, command: list[str], tmp_path: Path) -> None:
    """Also in a thread: the scanner's death was taken for the end of its pictures, with status 0."""
    config = tmp_path / "kiosk.toml"
    open_store(tmp_path / "practice" / "kiosk.db").close()
    config.write_text(f'[data]\nfolder = "{tmp_path}"\n[practice]\nport = 0\nbadges = 1\nseconds_each = 0.5\n')

    done = subprocess.run(
        [sys.executable, "-c", CRASHING.format(patched=patched), "--config", str(config), *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 1
    assert "ZeroDivisionError: a mistake ]0;of ours" in done.stderr
    assert "\x1b" not in done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: This is a bug in the kiosk (")
    assert last.endswith("please report it with the lines above. Saved leads are safe.")
