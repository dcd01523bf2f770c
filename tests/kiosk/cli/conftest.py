"""A kiosk in a folder of its own, and its commands: in this process for speed, in one of their own where it matters."""

import json
import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from data import outbox
from data.lead import Lead
from data.pending import PendingEntry, list_entries
from data.store import open_store, write_transaction
from kiosk.cli import main
from kiosk.cli.context import CLOCK
from kiosk.config.load import Settings, load_settings
from kiosk.scanning.capture import Capture
from tests.camera.conftest import draw_codes

ROOT = Path(__file__).parents[3]
ANA = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Lopez;Ana\r\nORG:Initech\r\nEMAIL:ana@initech.example\r\nEND:VCARD"


@dataclass
class Kiosk:
    """A kiosk in practice mode whose data folder is `folder`, and its commands."""

    folder: Path
    config: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def settings(self) -> Settings:
        """The settings in kiosk.toml as it is now."""
        return load_settings(self.config)

    def configure(self, toml: str) -> None:
        """Write *toml* to kiosk.toml, after the data folder."""
        self.config.write_text(f"data.folder = '{self.folder}'\npractice.port = 0\n{toml}", encoding="utf-8")

    def __call__(self, *command: str, stdin: bytes | str = b"") -> Result:
        """Run `kiosk` *command* in this process, as `main` runs it, and return its result."""
        self.monkeypatch.setattr(sys, "argv", ["kiosk", "--config", str(self.config), *command])
        # CliRunner wants a click command; `main` is what people call, and maps errors to exit statuses.
        with CliRunner().isolation(stdin) as (out, err, both):
            try:
                main()
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
            sys.stdout.flush()
            return Result(CliRunner(), out.getvalue(), err.getvalue(), both.getvalue(), None, code, None)

    def json(self, *command: str, stdin: bytes | str = b"") -> Any:
        """Return what `kiosk` *command* `--json` prints; standard output has nothing else."""
        return json.loads(self(*command, "--json", stdin=stdin).stdout)

    def arguments(self, *command: str) -> list[str]:
        """Return the arguments that run `kiosk` *command* as a process."""
        return [sys.executable, "-m", "kiosk", "--config", str(self.config), *command]

    def run(self, *command: str, prefix: Sequence[str] = (), **options: Any) -> subprocess.CompletedProcess[str]:
        """Run `kiosk` *command* as a process, started by *prefix*, and return its result."""
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 60, **options}
        if "input" in options:
            del options["stdin"]
        return subprocess.run([*prefix, *self.arguments(*command)], cwd=ROOT, check=False, **options)

    def start(self, *command: str, **options: Any) -> subprocess.Popen[str]:
        """Start `kiosk` *command* as a process that keeps running."""
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.Popen(self.arguments(*command), cwd=ROOT, text=True, **options)

    def scan(self, *payloads: str) -> Lead:
        """Scan badges with *payloads*, and return the lead of the last."""
        capture = Capture(self.settings.database_file, self.settings.event, self.settings.badges, CLOCK)
        leads = [capture.save_payload(payload.encode(), payload, "qr", "camera").lead for payload in payloads]
        capture.db.close()
        assert leads[-1] is not None
        return leads[-1]

    def people(self, number: int) -> list[Lead]:
        """Scan *number* badges whose leads can be delivered, and return the leads."""
        self.scan(*(f"MECARD:N:Visitor {at};EMAIL:v{at}@x.example;;" for at in range(number)))
        return [entry.lead for entry in self.entries()][-number:]

    def entries(self, *states: str) -> list[PendingEntry]:
        """Return the leads in *states*, or in any state, oldest first."""
        db = open_store(self.settings.database_file)
        found = list_entries(
            db, CLOCK, states=states or ("waiting", "needs you", "delivered", "discarded"), limit=100_000
        )
        db.close()
        return sorted(found, key=lambda entry: entry.lead.created_at)


def at_terminal(kiosk: Kiosk, command: list[str], question: bytes, keys: bytes) -> tuple[int, bytes]:
    """Run *command* in a terminal and type *keys* once it shows *question*; return its status and the screen."""
    ours, theirs = pty.openpty()
    # setsid makes it the terminal that Ctrl-C counts in.
    process = subprocess.Popen(
        ["setsid", "--ctty", *kiosk.arguments(*command)], stdin=theirs, stdout=theirs, stderr=theirs, cwd=kiosk.folder
    )
    os.close(theirs)
    screen, is_typed = b"", not keys
    with suppress(OSError):  # how Linux says that the other side is closed
        while True:
            is_silent = not select.select([ours], [], [], 3.0)[0]
            if is_typed and keys and is_silent:  # a Ctrl-C in the instant before Python waits for keys is not heard
                os.write(ours, keys)
            elif not is_silent:
                screen += os.read(ours, 4096)
                if not is_typed and question in screen:
                    os.write(ours, keys)
                    is_typed = True
    os.close(ours)
    return process.wait(30), screen


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """A kiosk in practice mode in `tmp_path`, without any scans."""
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    made = Kiosk(tmp_path, tmp_path / "kiosk.toml", monkeypatch)
    made.configure("")
    return made


@pytest.fixture
def write_badge(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a picture of badges as a file."""
    import cv2

    def write(name: str, *payloads: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        codes = [payload.encode() if isinstance(payload, str) else payload for payload in payloads]
        frame = draw_codes(*codes) if codes else np.full((240, 320, 3), 90, np.uint8)
        assert cv2.imwrite(str(path), frame)
        return path

    return write


@pytest.fixture
def powerless() -> list[str]:
    """Return what to put before a command so that file permissions apply, even if the tests run as root."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read and write everything, and there is no setpriv to take that away")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.fixture
def booth(kiosk: Kiosk) -> Kiosk:
    """A kiosk with one lead in each state: Ana delivered, Bob waiting, an ID that needs details, Eve discarded."""
    leads = [kiosk.scan(ANA), kiosk.scan("MECARD:N:Bob;ORG:Acme;EMAIL:bob@x.example;;"), kiosk.scan("PZD97WTMFJ"),
             kiosk.scan("MECARD:N:\x1b[31mEve\u202e\n;EMAIL:eve@x.example;;")]  # fmt: skip
    db = open_store(kiosk.settings.database_file)
    with write_transaction(db):
        outbox.settle_lead(db, leads[0].id, 1, "crm-1", CLOCK.wall_time())
    outbox.discard_lead(db, leads[3].id, "a test", "ana", CLOCK)
    db.close()
    return kiosk
