"""What the kiosk costs while nobody shows a badge: memory, processor, the share of the viewfinder; and its start."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

from tests.bench.report import Table

SECONDS = 20.0

TERMINALS = ((30, 100), (60, 220))
"""Rows and columns: a small one, and one in which the viewfinder is as large as it gets."""


def family(pid: int) -> dict[str, int]:
    """The process *pid* and what it has started, by what each is."""
    found = {"screen and camera": pid}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                command = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if parent == pid:
                found["worker" if b"worker" in command else "practice CRM"] = int(entry.name)
    return found


def read_processor_seconds(pid: int) -> float:
    """Return the seconds of processor time that *pid* has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Memory that belongs to *pid* alone, and its share of what is shared (Pss)."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) / 1024


def read_for(child: pexpect.spawn, seconds: float) -> None:
    """Read what is drawn, as a terminal does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            child.read_nonblocking(1 << 16, 0.2)
        except pexpect.TIMEOUT:
            continue


def idle() -> Table:
    """Memory and processor, with the camera on and 720p pictures at 15 a second, in two terminals."""
    table = Table(("process", "terminal", "memory MB", "processor, % of one core", "with the pending list in front"))
    starts = []
    for rows, columns in TERMINALS:
        with run_kiosk_in_a_terminal(rows, columns) as (child, start):
            starts.append(start)
            read_for(child, 12)
            parts = family(child.pid)
            assert len(parts) == 3, f"the kiosk has only these parts: {parts}"
            shown = share(child, parts)
            child.send("\x1bOQ")  # F2
            read_for(child, 2)
            hidden = share(child, parts)
            size = f"{columns}x{rows}"
            for part, pid in parts.items():
                table.add(part, size, f"{megabytes(pid):.0f}", f"{shown[part]:.1f}", f"{hidden[part]:.1f}")
            cost = shown["screen and camera"] - hidden["screen and camera"]
            table.add("the viewfinder alone", size, "", f"{cost:.1f}", "")
    table.add("from the command to the first screen", "", "", f"{min(starts):.1f} to {max(starts):.1f} s", "")
    return table


@contextmanager
def run_kiosk_in_a_terminal(rows: int, columns: int) -> Iterator[tuple[pexpect.spawn, float]]:
    """A kiosk with one demo badge that is shown for minutes, and the seconds that it took to start."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        config = Path(name) / "kiosk.toml"
        config.write_text(f'[data]\nfolder = "{name}"\n[practice]\nbadges = 1\nseconds_each = 600\n')
        started = time.monotonic()
        command = ["-m", "kiosk", "--config", str(config), "run"]
        child = pexpect.spawn(sys.executable, command, dimensions=(rows, columns), encoding=None)
        try:
            child.expect(b"today", timeout=30)
            yield child, time.monotonic() - started
        finally:
            child.terminate(force=True)
            time.sleep(2)


def share(child: pexpect.spawn, parts: dict[str, int]) -> dict[str, float]:
    """Percent of one core that each part takes."""
    before = {part: read_processor_seconds(pid) for part, pid in parts.items()}
    started = time.monotonic()
    read_for(child, SECONDS)
    seconds = time.monotonic() - started
    return {part: (read_processor_seconds(pid) - before[part]) / seconds * 100 for part, pid in parts.items()}
