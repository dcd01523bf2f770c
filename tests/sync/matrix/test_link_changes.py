"""A network that goes and comes: it is noticed at once, and leads move within ten seconds of its return."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sync.wake import request_drain
from tests.support.waiting import wait_until
from tests.sync.matrix.hall import Booth, run_in_hall
from tests.sync.matrix.kiosk_under_test import DELIVERED, UNTOUCHED, Kiosk

ROOT = Path(__file__).parents[3]

PROMISED = 10.0
"""Seconds from the network's return to the leads' arrival."""

WATCH = """
import socket, sys, time
from sync import network_watch
if sys.argv[1] == "polling":
    del socket.AF_NETLINK
    network_watch.POLL_SECONDS = 0.2
network_watch.NetworkWatch(lambda: print("changed", flush=True))
time.sleep(0.5)
print("ready", flush=True)
time.sleep(60)
"""

CONFIG = """
[data]
folder = "{folder}"
[crm]
connector = "rest"
[crm.rest]
url = "{url}/api/v1/contacts"
bulk_url = "{url}/api/v1/contacts/bulk"
token_env = "BOOTH_MATRIX_TOKEN"
[network]
proxy = "none"
ca_file = "{ca_file}"
check_url = "{check_url}"
"""


@pytest.mark.row(number=14)
@pytest.mark.parametrize("how", ["netlink", "polling"])
@run_in_hall
def test_a_change_of_the_network_is_noticed(booth: Booth, how: str) -> None:
    """Row 14: losing and joining a WiFi is reported at once; by polling where the kernel reports nothing."""
    command = [sys.executable, "-c", WATCH, how]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as watch:
        assert watch.stdout is not None
        try:
            assert watch.stdout.readline() == "ready\n"
            for change in (booth.venue.leave_wifi, booth.venue.join_wifi):
                change()
                started = time.monotonic()
                assert watch.stdout.readline() == "changed\n"
                assert time.monotonic() - started < 5
        finally:
            watch.kill()


@contextmanager
def run_worker(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """A real worker in the hall, which has delivered one lead already."""
    monkeypatch.setenv("BOOTH_MATRIX_TOKEN", "s3cret-of-the-booth")
    config = booth.folder / "kiosk.toml"
    network = booth.network
    said = CONFIG.format(folder=booth.folder, url=booth.url, ca_file=network.ca_file, check_url=network.check_url)
    config.write_text(said)
    kiosk = booth.kiosk = Kiosk(booth.folder)
    kiosk.add_leads(1)
    command = [sys.executable, "-m", "kiosk", "--config", str(config), "worker"]
    with (
        (booth.folder / "worker.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as worker,
    ):
        try:
            wait_until(lambda: kiosk.read_rows() == DELIVERED, "the worker delivers")
            yield kiosk
        finally:
            worker.kill()


def save_leads(booth: Booth, kiosk: Kiosk, count: int) -> None:
    """Save leads and wake the worker."""
    kiosk.add_leads(count)
    request_drain(booth.folder / "huey.db")


def is_closed_for(kiosk: Kiosk, cause: str) -> Callable[[], Any]:
    """Whether the gate is closed for *cause*."""
    return lambda: kiosk.db.execute("select 1 from gate where not is_open and cause = ?", (cause,)).fetchone()


@pytest.mark.row(number=14)
@run_in_hall
def test_leads_move_when_the_wifi_is_back(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 14: the link comes back, and within ten seconds every lead is delivered, once."""
    with run_worker(booth, monkeypatch) as kiosk:
        booth.venue.leave_wifi()
        save_leads(booth, kiosk, 20)
        wait_until(is_closed_for(kiosk, "offline"), "the gate says that there is no network")
        waiting = {kiosk.read_row(lead) for lead in kiosk.leads}
        booth.venue.join_wifi()
        took = wait_until(lambda: kiosk.read_rows() == DELIVERED, "the leads move")

    assert waiting == DELIVERED | UNTOUCHED
    assert took < PROMISED
    assert sorted(kiosk.emails) == booth.crm.list_emails()


@pytest.mark.row(number=10)
@pytest.mark.soak
@run_in_hall
def test_leads_move_when_packets_get_through_again(booth: Booth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 10: the link was up all the while and tells nothing: the next probe finds that the internet is back."""
    with run_worker(booth, monkeypatch) as kiosk:
        booth.venue.link.should_drop = lambda packet, upward: True
        save_leads(booth, kiosk, 20)
        wait_until(is_closed_for(kiosk, "no internet"), "the gate says that there is no internet")
        booth.venue.link.should_drop = lambda packet, upward: False
        took = wait_until(lambda: kiosk.read_rows() == DELIVERED, "the leads move")

    assert took < PROMISED
    assert sorted(kiosk.emails) == booth.crm.list_emails()
