"""What happens on the small disk: run by test_low_disk.py, with the disk as argument."""

import sys
from pathlib import Path

from data.clock import SystemClock
from data.store import open_store
from kiosk.alerts.current import read_alerts
from kiosk.alerts.evaluate import AlertEvaluator
from kiosk.config.alerts import AlertSettings
from kiosk.config.load import Settings
from kiosk.config.tables import DataSettings
from tests.attacks.full_disk import fill

LIMIT = 3
"""Millions of bytes."""


def main(disk: Path) -> None:
    """Take the room bit by bit, then all of it, then give it back."""
    settings = Settings(data=DataSettings(str(disk)), alerts=AlertSettings(disk_free_mb=LIMIT))
    clock = SystemClock()
    db = open_store(settings.database_file)  # as the screen has it open: on a full disk nobody could begin to
    watcher, ballast, heard = AlertEvaluator(settings, clock), disk / "ballast", []

    def look(moment: str) -> None:
        watcher.run_round()
        heard.append((moment, [alert.cause for alert in read_alerts(db, settings, clock)]))
        raised = db.execute("select count(*), count(over_at) from alerts").fetchone()
        heard.append(tuple(raised))

    look("much room")
    ballast.write_bytes(b"x" * 5_500_000)
    look("little room")
    with (disk / "more").open("wb") as file:
        file.truncate(0)
    fill(disk / "more")
    look("none")
    (disk / "more").unlink()
    ballast.write_bytes(b"x" * 4_700_000)
    look("just above the limit")
    ballast.unlink()
    look("much room again")

    assert heard == [
        ("much room", []), (0, 0),
        ("little room", ["disk"]), (1, 0),
        ("none", ["disk"]), (1, 0),
        ("just above the limit", ["disk"]), (1, 0),
        ("much room again", []), (1, 1),
    ], heard  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    sys.stdout.write("all is well\n")
