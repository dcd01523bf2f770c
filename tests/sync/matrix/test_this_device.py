"""What goes wrong on this side: a power cut or a full disk between answer and commit, and two drains at once."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from data import batches, outbox
from data.errors import StoreError
from data.store import Store
from sync.connectors.base import Outcome, OutgoingLead
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from sync.file_lock import LockHeld, hold_lock, is_lock_held
from tests.sync.matrix.fake_crm import FakeCrm
from tests.sync.matrix.kiosk_under_test import DELIVERED, UNTOUCHED, Kiosk, make_rest, require_all_arrived

ROOT = Path(__file__).parents[3]

DIES = """
import os, signal, sys
from pathlib import Path
from sync.connectors.rest import RestConnector
from tests.sync.matrix.kiosk_under_test import Kiosk, make_rest

push = RestConnector.push

async def push_and_die(self, batch_id, leads):
    await push(self, batch_id, leads)
    os.kill(os.getpid(), signal.SIGKILL)

RestConnector.push = push_and_die
kiosk = Kiosk(Path(sys.argv[1]))
kiosk.use_connector(make_rest(sys.argv[2]))
kiosk.drain()
"""

HOLDS = """
import sys, time
from pathlib import Path
from sync.file_lock import hold_lock
with hold_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.row(number=48)
@pytest.mark.parametrize("times", [1, 3])
def test_the_power_is_cut_before_the_answer_is_written_down(
    kiosk: Kiosk, crm: FakeCrm, tmp_path: Path, times: int
) -> None:
    """Row 48: the CRM has the leads and this device does not know; they are sent again, and are one record each."""
    kiosk.add_leads(20)
    for _ in range(times):
        command = [sys.executable, "-c", DIES, str(tmp_path), crm.url]
        assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == -signal.SIGKILL
    assert (len(crm.calls), kiosk.read_rows()) == (times, UNTOUCHED)
    kiosk.use_connector(make_rest(crm.url))

    summary = kiosk.drain()

    assert summary.delivered == 20
    require_all_arrived(kiosk, crm)
    receipts = [receipt.outcome for receipt in batches.list_receipts(kiosk.db, kiosk.leads[0])]
    assert receipts == [*["unsure"] * times, "delivered"]


class FillsTheDisk(RestConnector):
    """While the CRM answers, the disk gets full."""

    db: Store

    async def push(self, batch_id: str, leads: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        """Deliver, and leave no room to write that down."""
        outcomes = await super().push(batch_id, leads)
        pages = self.db.execute("pragma page_count").fetchone()[0]
        self.db.execute(f"pragma max_page_count = {pages}")
        return outcomes


@pytest.mark.row(number=48)
def test_the_disk_is_full_when_the_answer_comes(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 48: that is said; with room again the same leads go, and are one record each."""
    connector = make_rest(crm.url)
    connector.__class__ = FillsTheDisk
    connector.db = kiosk.db  # type: ignore[attr-defined]
    kiosk.add_leads(100)
    kiosk.use_connector(connector)

    with pytest.raises(StoreError, match="The disk is full"):
        kiosk.drain()

    assert kiosk.read_rows() == UNTOUCHED
    kiosk.db.execute("pragma max_page_count = 1000000")
    connector.__class__ = RestConnector
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=49)
def test_two_drains_at_once(kiosk: Kiosk, crm: FakeCrm, tmp_path: Path) -> None:
    """Row 49: without any lock, two of them send the same leads at the same time: the keys make that harmless."""
    kiosk.add_leads(60)
    ready = threading.Barrier(2)
    failures: list[BaseException] = []

    def drain() -> None:
        other = Kiosk(tmp_path)
        other.use_connector(make_rest(crm.url, bulk_size=7))
        try:
            ready.wait(30)
            other.drain()
        except BaseException as error:
            failures.append(error)
        finally:
            other.close()

    threads = [threading.Thread(target=drain) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    kiosk.use_connector(make_rest(crm.url))

    assert failures == []
    require_all_arrived(kiosk, crm)


@pytest.mark.row(number=49)
def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    """Row 49: one drain at a time; SIGKILL leaves no lock behind, though the file stays."""
    lock = tmp_path / "drain.lock"
    command = [sys.executable, "-c", HOLDS, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockHeld), hold_lock(lock):
            raise AssertionError("two hold the lock")
        was_held = is_lock_held(lock)
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait(30)

    assert (was_held, is_lock_held(lock), lock.exists()) == (True, False, True)
    with hold_lock(lock):
        assert is_lock_held(lock)


@pytest.mark.row(number=49)
def test_a_second_drain_of_one_that_stopped_in_the_middle(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Row 49: what the first drain left when it was stopped, the second sends; nothing is sent twice."""
    kiosk.add_leads(30)
    connector = make_rest(crm.url, bulk_size=5)
    first = Drain(kiosk.db, connector, kiosk.clock)
    kiosk.runner.run(first.run(is_stopping=lambda: len(crm.calls) >= 3))
    left = outbox.count_leads(kiosk.db).waiting
    kiosk.use_connector(connector)

    kiosk.drain()

    assert left == 15
    assert kiosk.read_rows() == DELIVERED
    assert sorted(kiosk.leads) == sorted(lead for call in crm.calls for lead in call.ids)
