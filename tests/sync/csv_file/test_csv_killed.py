"""SIGKILL between writing a file and noting it: each lead still has one row."""

import csv
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from data.store import Store

ROOT = Path(__file__).parents[3]

DRAIN = """
import asyncio, sys
from pathlib import Path
from data.clock import SystemClock
from data.store import open_store
from sync.connectors.csv_file import CsvConnector
from sync.drain import Drain
from sync.settings.csv_file import CsvSettings

database, folder = map(Path, sys.argv[1:])
connector = CsvConnector(CsvSettings(str(folder), batch_size=3))
asyncio.run(Drain(open_store(database), connector, SystemClock()).run(now=True))
"""


def start_drain(database: Path, folder: Path) -> subprocess.Popen[bytes]:
    """Start a process that drains."""
    return subprocess.Popen([sys.executable, "-c", DRAIN, str(database), str(folder)], cwd=ROOT)


def count_written_rows(folder: Path) -> Counter[str]:
    """Count the rows of each lead; every file is read to its end."""
    count: Counter[str] = Counter()
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            count.update(row["lead_id"] for row in csv.DictReader(file, strict=True))
    return count


def list_delivered(store: Store) -> set[str]:
    """Return the leads that count as delivered."""
    return {row["lead_id"] for row in store.execute("select lead_id from outbox where state = 'delivered'")}


def test_repeated_kills_write_each_lead_once(
    store: Store, save_leads: Callable[..., list[str]], tmp_path: Path
) -> None:
    """It is killed as soon as a file appears, until it was caught three times with a file that is not noted yet."""
    folder, database, leads, caught = tmp_path / "stick", tmp_path / "practice" / "kiosk.db", [], 0
    folder.mkdir()
    while caught < 3:
        leads += save_leads(store, *(f"v{len(leads) + number}@initech.com" for number in range(9)))
        files, process = len(list(folder.glob("*.csv"))), start_drain(database, folder)
        while process.poll() is None and len(list(folder.glob("*.csv"))) == files:
            time.sleep(0.0005)
        process.kill()
        process.wait()
        assert list_delivered(store) <= count_written_rows(folder).keys()
        caught += bool(count_written_rows(folder).keys() - list_delivered(store))

    assert start_drain(database, folder).wait(60) == 0

    assert dict.fromkeys(leads, 1) == dict(count_written_rows(folder))
    assert list_delivered(store) == set(leads)
