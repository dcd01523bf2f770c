"""A kiosk of the test's own: server, worker and practice CRM as real processes, on a database that goes with it."""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from data import devices
from data.clock import SystemClock
from data.store import open_store
from kiosk.config.load import Settings, load_settings
from kiosk.loadtest.target import LeadCounts, TargetUnavailable, parse_loopback_url
from sync.practice_crm.records import count_by_email

CONFIG_TEMPLATE = """
[data]
folder = "{folder}"
[practice]
port = 0
[api]
port = 0
calls_per_second = 100000.0
"""
"""One device stands for many people here: it may call as often as all of them."""

STOP_TIMEOUT_SECONDS = 15.0
"""Seconds for a process to end; its database is thrown away."""


class ThrowawayKiosk:
    """The kiosk that `own_kiosk` runs."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "kiosk.toml"
        self.config.write_text(CONFIG_TEMPLATE.format(folder=folder), encoding="utf-8")
        self.settings: Settings = load_settings(self.config)
        with closing(open_store(self.settings.database_file)) as db:
            self.token = devices.add_device(db, "loadtest", "manage", SystemClock())
        self.host, self.port = "", 0

    @property
    def crm_file(self) -> Path:
        """The database of its practice CRM."""
        return self.settings.folder / "practice-crm.db"

    def count_leads(self, mark: str) -> LeadCounts:
        """What became of the leads whose e-mail has *mark* in it, from the two databases themselves."""
        with closing(open_store(self.settings.database_file)) as db:
            saved = db.execute("select count(*) from leads where instr(email, ?)", (mark,)).fetchone()[0]
        contacts = count_by_email(self.crm_file, email=mark)
        return LeadCounts(saved, len(contacts), sum(contacts.values()) - len(contacts))

    @contextmanager
    def run_command(self, *command: str) -> Iterator[str]:
        """`kiosk` *command* as a process that ends with us; what it first says."""
        arguments = [sys.executable, "-m", "kiosk", "--config", str(self.config), *command, "--with-parent"]
        log = self.config.with_name(f"{command[0]}.log")
        with log.open("ab") as errors:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        assert process.stdin is not None and process.stdout is not None
        with process.stdin, process.stdout:
            try:
                # The worker says nothing, and is waited for by nobody.
                yield "" if command[0] == "worker" else read_first_line(process, log)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(STOP_TIMEOUT_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def read_first_line(process: "subprocess.Popen[str]", log: Path) -> str:
    """
    The first line that *process* says.

    Raises:
        NotThere: it ended before; with what it logged last.
    """
    assert process.stdout is not None
    if line := process.stdout.readline():
        return line.strip()
    last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise TargetUnavailable(f"A part of the test's kiosk did not start: {last}")


@contextmanager
def run_throwaway_kiosk(faults: Sequence[str] = ()) -> Iterator[ThrowawayKiosk]:
    """
    A kiosk in a temporary folder (where $TMPDIR says), whose practice CRM misbehaves as *faults* say.

    Raises:
        NotThere: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="kiosk-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        own = ThrowawayKiosk(Path(name))
        named = [word for fault in faults for word in ("--fault", fault)]
        stack.enter_context(own.run_command("practice-crm", *named))
        stack.enter_context(own.run_command("worker"))
        url = stack.enter_context(own.run_command("serve")).rpartition(" ")[2]
        own.host, own.port = parse_loopback_url(url)
        yield own
