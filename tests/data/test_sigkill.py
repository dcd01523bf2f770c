"""Saved before said: whatever kills the kiosk, what it reported as saved is in the file."""

import random
import subprocess
import sys
import time
from pathlib import Path

from data.store import open_store

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("saving_child.py")
KILLS = 10

WHOLE = """
    select leads.id
      from leads
      join outbox on outbox.lead_id = leads.id and outbox.state = 'waiting' and outbox.revision = leads.revision
      join identities on identities.lead_id = leads.id
      join scans on scans.lead_id = leads.id
"""


def said_before_being_killed(path: Path, run: int, seconds: float) -> list[str]:
    """The ids that a child printed until it was killed, *seconds* after the first; a line cut in two was not said."""
    command = [sys.executable, str(CHILD), str(path), str(run)]
    child = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout:
        first = child.stdout.readline()
        time.sleep(seconds)
        child.kill()
        rest = child.stdout.read()
    child.wait()
    return [line.strip() for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


def test_every_lead_that_was_said_to_be_saved_is_there_after_a_sigkill(tmp_path: Path) -> None:
    """Ten kills at random times: each id has its scan and outbox row, nothing is partial, and the file is intact."""
    path = tmp_path / "kiosk.db"
    dice = random.Random()

    said = [name for run in range(KILLS) for name in said_before_being_killed(path, run, dice.uniform(0, 0.2))]

    db = open_store(path)
    whole = [row["id"] for row in db.execute(WHOLE)]
    counted = [db.execute(f"select count(*) from {name}").fetchone()[0] for name in ("leads", "scans", "outbox")]
    health = db.execute("pragma integrity_check").fetchone()[0]
    db.close()
    assert len(said) >= KILLS
    assert set(said) - set(whole) == set()
    assert [len(whole)] * 3 == counted
    assert len(said) <= len(whole) <= len(said) + KILLS
    assert health == "ok"
