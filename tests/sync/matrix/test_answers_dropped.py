"""The proof: something between drops the answer to every request after the CRM has committed; one record each."""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from data import outbox
from sync.connectors.base import Connector
from sync.connectors.odoo.connector import OdooConnector
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.practice_crm.dialects.salesforce.sessions import CONSUMER_KEY
from sync.settings.odoo import OdooSettings
from sync.settings.salesforce import SalesforceSettings
from tests.support.booth import SHORT
from tests.sync.hubspot.factories import make_connector
from tests.sync.matrix.fake_crm import FakeCrm, hang_up
from tests.sync.matrix.kiosk_under_test import DELIVERED, Kiosk, make_rest, make_searching_rest
from tests.sync.matrix.wire import HttpCall, Wire, read_call, reset_connection

LEADS = 400 if SHORT else 2000


class Dropper:
    """A proxy that passes each request on, waits for its answer, and drops that where a lead in it is new to it."""

    def __init__(self, url: str) -> None:
        self.target = (url.split("//")[1].split(":")[0], int(url.rsplit(":", 1)[1]))
        self.seen: set[str] = set()
        """Who was sent once, and has had the answer dropped."""
        self.dropped = self.passed = 0
        self.open: set[Wire] = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        """Accept connections until stopped."""
        with suppress(OSError):
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, caller: Wire) -> None:
        """Serve one connection, call after call, until an answer is dropped."""
        self.open.add(caller)
        with suppress(OSError), caller:
            while call := read_call(caller):
                answer = self.answer_to(call)
                if self.drops(call):
                    return reset_connection(caller)
                caller.sendall(answer)
        return None

    def answer_to(self, call: HttpCall) -> bytes:
        """What the CRM answers, whole: it has committed by then."""
        with socket.create_connection(self.target) as crm:
            headers = {**call.headers, "connection": "close"}
            lines = [f"{call.method} {call.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
            crm.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + call.body)
            answer = b""
            while piece := crm.recv(65536):
                answer += piece
        return answer

    def drops(self, call: HttpCall) -> bool:
        """Whether the answer gets lost: that of every request in which a lead goes for the first time."""
        leads = set(people_in(call))
        with self.lock:
            is_new = bool(leads - self.seen)
            self.seen |= leads
            self.dropped += is_new
            self.passed += not is_new
        return is_new

    def stop(self) -> None:
        """Stop, and close all connections."""
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        hang_up(self.open)


def people_in(call: HttpCall) -> Iterator[str]:
    """The e-mails in what a call writes, whatever the dialect."""
    if call.method == "GET" or b"grant_type" in call.body:
        return
    yield from emails_in(json.loads(call.body or b"null"))


def emails_in(document: Any) -> Iterator[str]:
    """Each text in *document* that is one of our visitors'."""
    if isinstance(document, str):
        if document.endswith("@initech.com"):
            yield document
    elif isinstance(document, dict | list):
        for part in document.values() if isinstance(document, dict) else document:
            yield from emails_in(part)


def make_salesforce(url: str) -> Connector:
    """Which signs in first."""
    return SalesforceConnector(
        SalesforceSettings(url, client_id=CONSUMER_KEY, client_secret_env="BOOTH_TEST_SALESFORCE_SECRET")
    )


def make_odoo(url: str) -> Connector:
    """Over JSON-2."""
    return OdooConnector(OdooSettings(url, database="practice", key_env="BOOTH_TEST_ODOO_KEY"))


def drain_through(kiosk: Kiosk, url: str, make: Callable[[str], Connector], count: int) -> Dropper:
    """Deliver so many leads with every first answer dropped."""
    dropper = Dropper(url)
    kiosk.add_leads(count)
    kiosk.use_connector(make(dropper.url))
    for _ in range(3 * count):
        if not outbox.count_leads(kiosk.db).waiting:
            break
        kiosk.drain()
        kiosk.wait_for_next_try()
    kiosk.runner.run(kiosk.connector.aclose())
    dropper.stop()
    assert kiosk.read_rows() == DELIVERED, kiosk.gate.sentence
    assert sorted(kiosk.emails) == sorted(dropper.seen)
    return dropper


@pytest.mark.row(number=16)
@pytest.mark.row(number=17)
def test_rest_in_bulk(kiosk: Kiosk, crm: FakeCrm) -> None:
    """Rows 16, 17: two thousand leads in bulk, by our id."""
    dropper = drain_through(kiosk, crm.url, make_rest, 2000)

    assert sorted(kiosk.emails) == crm.list_emails()
    assert dropper.dropped >= 20


@pytest.mark.row(number=16)
def test_a_few_that_are_searched_first(kiosk: Kiosk, crms: Callable[..., FakeCrm]) -> None:
    """Row 16: one at a time, at a CRM that knows no key: each is searched before it goes again."""
    crm = crms(has_keys=False)

    dropper = drain_through(kiosk, crm.url, make_searching_rest, 60)

    assert sorted(kiosk.emails) == crm.list_emails()
    assert dropper.dropped == 60


@pytest.mark.row(number=16)
@pytest.mark.soak
@pytest.mark.timeout(1500)
def test_all_are_searched_first(kiosk: Kiosk, crms: Callable[..., FakeCrm]) -> None:
    """Row 16: every one of two thousand answers is dropped."""
    crm = crms(has_keys=False)

    dropper = drain_through(kiosk, crm.url, make_searching_rest, LEADS)

    assert sorted(kiosk.emails) == crm.list_emails()
    assert dropper.dropped == LEADS


@pytest.mark.row(number=16)
@pytest.mark.parametrize("name", ["hubspot", "salesforce", "odoo"])
def test_vendors(kiosk: Kiosk, practice_crm: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Row 16: two thousand leads in the dialect of each vendor."""
    monkeypatch.setitem(os.environ, "BOOTH_TEST_SALESFORCE_SECRET", practice_crm.token)
    monkeypatch.setitem(os.environ, "BOOTH_TEST_ODOO_KEY", practice_crm.token)
    practice_crm.set_faults(rate_limit=1_000_000)
    makes: dict[str, Callable[[str], Connector]] = {
        "hubspot": lambda url: make_connector(practice_crm, url=url),
        "salesforce": make_salesforce,
        "odoo": make_odoo,
    }

    dropper = drain_through(kiosk, practice_crm.url, makes[name], 2000)

    assert dropper.dropped >= 10
    assert sorted(kiosk.emails) == sorted(contact["email"] for contact in practice_crm.contacts())
    assert practice_crm.stats()["repeats"] > 0
