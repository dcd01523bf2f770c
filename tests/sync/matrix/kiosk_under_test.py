"""A kiosk with a real database and a real drain, and a clock that the test moves."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from data import gates, outbox
from data.arrival import Arrival, arrive
from data.contact import Contact
from data.gates import Gate
from data.lead import Lead, ScanRecord
from data.store import open_store
from sync.connection_context import ConnectionContext
from sync.connectors.base import Connector
from sync.connectors.practice import build_practice_settings
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.settings.network import NetworkSettings
from sync.settings.rest import RestSettings
from sync.settings.rest_answer import SearchSettings
from tests.support.clock import FakeClock
from tests.sync.matrix.fake_crm import FakeCrm

TOKEN = "s3cret-of-the-booth"

JARGON = (
    "errno", "ssl", "tls", "http/", "json", "socket", "traceback", "exception", "gaierror", "timeout", "0x",
    "dns", "certificate_verify", "connecterror", "readerror", "[", "{",
)  # fmt: skip
"""Words that booth staff cannot be expected to know."""

CODE_LITERALS = re.compile(r"\b(?:None|null|True|False)\b")

MAX_ROUNDS = 40
"""After this many attempts everything must have arrived."""


class Kiosk:
    """One kiosk; use it in one thread."""

    def __init__(self, folder: Path) -> None:
        self.db = open_store(folder / "kiosk.db")
        self.db.execute("pragma synchronous = off")  # which only a power cut would tell, and costs a test its time
        self.clock = FakeClock()
        self.leads: list[str] = []
        self.emails: list[str] = []
        self.runner = asyncio.Runner()
        self.drain_runner: Drain | None = None

    def add_leads(self, count: int, **fields: Any) -> list[str]:
        """Save *count* leads, and return all ids in the order in which they are sent."""
        for number in range(len(self.emails), len(self.emails) + count):
            email = f"visitor{number:04}@initech.com"
            new = Lead("", "practice", "plain", Contact(**{"name": f"Visitor {number}", "email": email, **fields}))
            scan = ScanRecord(
                email.encode(), email, "plain", "QR", "camera", "", "kiosk-1",
                wall_at=self.clock.wall_time(), boot_id=self.clock.boot_id, monotonic=self.clock.seconds_since_boot(),
            )  # fmt: skip
            self.leads.append(arrive(self.db, Arrival(scan, new), self.clock).lead.id)
            self.emails.append(email)
        self.leads.sort(reverse=True)
        return self.leads

    def use_connector(self, connector: Connector) -> None:
        """Deliver through *connector* from now on."""
        self.drain_runner = Drain(self.db, connector, self.clock)

    @property
    def connector(self) -> Connector:
        """The connector in use."""
        assert self.drain_runner is not None
        return self.drain_runner.connector

    def drain(self, **options: Any) -> DrainSummary:
        """Run the drain once."""
        assert self.drain_runner is not None
        return self.runner.run(self.drain_runner.run(**options))

    @property
    def gate(self) -> Gate:
        """The gate as it is stored."""
        return gates.read_gate(self.db, self.connector.destination)

    def read_row(self, lead_id: str) -> tuple[str, int, str]:
        """Return a lead's state, attempts and cause."""
        row = self.db.execute("select state, attempts, cause from outbox where lead_id = ?", (lead_id,)).fetchone()
        return row["state"], row["attempts"], row["cause"]

    def read_reason(self, lead_id: str) -> str:
        """Return the reason of a lead's state."""
        return str(self.db.execute("select reason from outbox where lead_id = ?", (lead_id,)).fetchone()[0])

    def read_rows(self) -> set[tuple[str, int, str]]:
        """Return the states, attempts and causes that occur among all leads."""
        return {self.read_row(lead) for lead in self.leads}

    def wait_for_next_try(self) -> None:
        """Advance the clock until the gate, or a lead that backs off, is due."""
        due = outbox.find_next_due(self.db) or 0.0
        self.clock.tick(max(self.gate.seconds_left(self.clock), due - self.clock.seconds_since_boot(), 0.0) + 0.01)

    def drain_until_settled(self) -> None:
        """Drain again and again until no lead waits."""
        for _ in range(MAX_ROUNDS):
            if not outbox.count_leads(self.db).waiting:
                return
            self.wait_for_next_try()
            self.drain()
        raise AssertionError(f"leads still wait: {self.gate.sentence}")

    def close(self) -> None:
        """Close the connector, the loop and the database."""
        if self.drain_runner is not None:
            self.runner.run(self.connector.aclose())
        self.runner.close()
        self.db.close()


UNTOUCHED = {("waiting", 0, "")}
DELIVERED = {("delivered", 0, "")}


def make_rest(url: str, network: NetworkSettings | None = None, **changes: Any) -> RestConnector:
    """Return a rest connector for a CRM at *url*, without a rate limit."""
    settings = replace(build_practice_settings(url), max_calls=0, at_once=1, **changes)
    return RestConnector(
        settings, ConnectionContext(network or NetworkSettings(proxy="none")), read_token=lambda: TOKEN
    )


def make_single_rest(url: str, **changes: Any) -> RestConnector:
    """The same for a CRM that accepts one contact per call."""
    return make_rest(url, bulk_url="", **changes)


def make_searching_rest(url: str, **changes: Any) -> RestConnector:
    """The same for a CRM without our ids, which is searched before a lead is sent again."""
    search = SearchSettings(url=f"{url}/api/v1/contacts?email={{email}}")
    update = f"{url}/api/v1/contacts/{{remote_id}}"
    places = replace(RestSettings().answer, key="")
    return make_single_rest(url, search=search, update_url=update, id_field="", answer=places, **changes)


def require_plain(sentence: str) -> bool:
    """Assert that booth staff can read *sentence*, and that it contains no secret; return whether it is one."""
    found = [word for word in JARGON if word in sentence.casefold()] + CODE_LITERALS.findall(sentence)
    assert not found, f"jargon in {sentence!r}: {found}"
    assert TOKEN not in sentence
    assert "@initech.com" not in sentence
    return sentence.isprintable() and sentence.endswith(".") and sentence[0].isupper()


def require_held_back(kiosk: Kiosk, cause: str, *words: str) -> None:
    """Assert that the gate is closed for *cause* with a plain sentence, and that no lead's attempts were spent."""
    gate = kiosk.gate
    assert (gate.is_open, gate.cause) == (False, cause), gate.sentence
    assert require_plain(gate.sentence), gate.sentence
    assert [word for word in words if word not in gate.sentence] == [], gate.sentence
    assert kiosk.read_rows() == UNTOUCHED


def require_all_arrived(kiosk: Kiosk, crm: FakeCrm) -> None:
    """After the fault: assert that every lead is delivered, and that the CRM has one record of each."""
    kiosk.drain_until_settled()
    assert kiosk.read_rows() == DELIVERED
    assert sorted(kiosk.emails) == crm.list_emails()
    assert kiosk.gate.is_open
