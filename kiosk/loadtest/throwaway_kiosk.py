"""A throwaway kiosk: API, worker and practice CRM as real processes, on a database that is deleted afterwards."""

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

# The kiosk's settings. One device posts for many people, so its rate limit is that of all of them.
CONFIG_TEMPLATE = """
[data]
folder = "{folder}"
[practice]
port = 0
[api]
port = 0
calls_per_second = 100000.0
"""

# How long a process may take to end before it is killed; its database is deleted anyway.
_STOP_TIMEOUT_SECONDS = 15.0


class ThrowawayKiosk:
    """The kiosk of `run_throwaway_kiosk`."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "kiosk.toml"
        self.config.write_text(CONFIG_TEMPLATE.format(folder=folder), encoding="utf-8")
        self.settings: Settings = load_settings(self.config)
        with closing(open_store(self.settings.database_file)) as db:
            self.token = devices.add_device(db, "loadtest", "manage", SystemClock())
        self.host, self.port = "", 0

    @property
    def crm_file(self) -> Path:
        """The practice CRM's database."""
        return self.settings.folder / "practice-crm.db"

    def count_leads(self, mark: str) -> LeadCounts:
        """Count the leads whose e-mail address has *mark* in it, in the two databases themselves."""
        with closing(open_store(self.settings.database_file)) as db:
            saved = db.execute("select count(*) from leads where instr(email, ?)", (mark,)).fetchone()[0]
        contacts = count_by_email(self.crm_file, email=mark)
        return LeadCounts(saved, len(contacts), sum(contacts.values()) - len(contacts))

    @contextmanager
    def run_command(self, *command: str) -> Iterator[str]:
        """Run `kiosk` *command* as a process that ends with this one, and yield its first line of output."""
        arguments = [sys.executable, "-m", "kiosk", "--config", str(self.config), *command, "--with-parent"]
        log = self.config.with_name(f"{command[0]}.log")
        with log.open("ab") as errors:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # Ctrl+C is for the test, which then ends its processes in order.
                start_new_session=True,
            )
        assert process.stdin is not None and process.stdout is not None
        with process.stdin, process.stdout:
            try:
                # The worker prints nothing.
                yield "" if command[0] == "worker" else _read_first_line(process, log)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(_STOP_TIMEOUT_SECONDS)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _read_first_line(process: "subprocess.Popen[str]", log: Path) -> str:
    """
    Return the first line that *process* prints.

    Raises:
        TargetUnavailable: it ended before that; with the last line of its log.
    """
    assert process.stdout is not None
    if line := process.stdout.readline():
        return line.strip()
    last = log.read_text(encoding="utf-8", errors="replace").strip().rpartition("\n")[2]
    raise TargetUnavailable(f"A process of the test's kiosk did not start: {last}")


@contextmanager
def run_throwaway_kiosk(faults: Sequence[str] = ()) -> Iterator[ThrowawayKiosk]:
    """
    Run a kiosk in a temporary folder (in $TMPDIR), whose practice CRM has these *faults*.

    Raises:
        TargetUnavailable: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="kiosk-", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        kiosk = ThrowawayKiosk(Path(name))
        options = [word for fault in faults for word in ("--fault", fault)]
        stack.enter_context(kiosk.run_command("practice-crm", *options))
        stack.enter_context(kiosk.run_command("worker"))
        url = stack.enter_context(kiosk.run_command("serve")).rpartition(" ")[2]
        kiosk.host, kiosk.port = parse_loopback_url(url)
        yield kiosk
