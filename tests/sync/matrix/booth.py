"""A kiosk whose CRM or network is at fault: a real database and a real drain, and a clock that the test moves."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from data import gates, leads, outbox
from data.contact import Contact
from data.gates import Gate
from data.lead import Lead, Sighting
from data.store import open_store
from sync.connectors.base import Connector
from sync.connectors.practice import practice_settings
from sync.connectors.rest import RestConnector
from sync.drain import Drain
from sync.line import Line
from sync.settings.network import NetworkSettings
from sync.settings.rest import RestSettings, SearchSettings
from sync.summary import Summary
from tests.clock import FakeClock
from tests.sync.matrix.crm import Crm

TOKEN = "s3cret-of-the-booth"

JARGON = (
    "errno", "ssl", "tls", "http/", "json", "socket", "traceback", "exception", "gaierror", "timeout", "0x",
    "dns", "certificate_verify", "connecterror", "readerror", "[", "{",
)  # fmt: skip
"""What booth staff cannot be expected to know."""

NO_WORDS = re.compile(r"\b(?:None|null|True|False)\b")

ROUNDS = 40
"""After so many tries everything must have arrived."""


class Kiosk:
    """One kiosk; use it in one thread."""

    def __init__(self, folder: Path) -> None:
        self.db = open_store(folder / "kiosk.db")
        self.db.execute("pragma synchronous = off")  # which only a power cut would tell, and costs a test its time
        self.clock = FakeClock()
        self.leads: list[str] = []
        self.emails: list[str] = []
        self.runner = asyncio.Runner()
        self.drains: Drain | None = None

    def meet(self, count: int, **fields: Any) -> list[str]:
        """Save so many leads, and return their ids in the order in which they are sent."""
        for number in range(len(self.emails), len(self.emails) + count):
            email = f"visitor{number:04}@initech.com"
            new = Lead("", "practice", "plain", Contact(**{"name": f"Visitor {number}", "email": email, **fields}))
            sighting = Sighting(
                email.encode(), email, "plain", "QR", "camera", "", "kiosk-1",
                wall_at=self.clock.wall(), boot_id=self.clock.boot, monotonic=self.clock.mono(),
            )  # fmt: skip
            self.leads.append(leads.save(self.db, new, [f"email:{email}"], sighting, self.clock).lead.id)
            self.emails.append(email)
        self.leads.sort(reverse=True)
        return self.leads

    def use(self, connector: Connector) -> None:
        """Deliver through *connector* from now on."""
        self.drains = Drain(self.db, connector, self.clock)

    @property
    def connector(self) -> Connector:
        """What delivers."""
        assert self.drains is not None
        return self.drains.connector

    def drain(self, **options: Any) -> Summary:
        """One run."""
        assert self.drains is not None
        return self.runner.run(self.drains.run(**options))

    @property
    def gate(self) -> Gate:
        """How the destination stands, as it is written down."""
        return gates.read(self.db, self.connector.destination)

    def stands(self, lead_id: str) -> tuple[str, int, str]:
        """A lead's state, attempts and cause."""
        row = self.db.execute("select state, attempts, cause from outbox where lead_id = ?", (lead_id,)).fetchone()
        return row["state"], row["attempts"], row["cause"]

    def reason(self, lead_id: str) -> str:
        """Why a lead is where it is."""
        return str(self.db.execute("select reason from outbox where lead_id = ?", (lead_id,)).fetchone()[0])

    def stand(self) -> set[tuple[str, int, str]]:
        """What all leads' states, attempts and causes are."""
        return {self.stands(lead) for lead in self.leads}

    def next_try(self) -> None:
        """Let time pass until the gate, or a lead that backs off, is tried again."""
        due = outbox.next_due(self.db) or 0.0
        self.clock.tick(max(self.gate.seconds_left(self.clock), due - self.clock.mono(), 0.0) + 0.01)

    def until_all_is_settled(self) -> None:
        """Go on for as long as leads wait."""
        for _ in range(ROUNDS):
            if not outbox.counts(self.db).waiting:
                return
            self.next_try()
            self.drain()
        raise AssertionError(f"leads still wait: {self.gate.sentence}")

    def close(self) -> None:
        """Let go of everything."""
        if self.drains is not None:
            self.runner.run(self.connector.aclose())
        self.runner.close()
        self.db.close()


UNTOUCHED = {("waiting", 0, "")}
DELIVERED = {("delivered", 0, "")}


def rest(url: str, network: NetworkSettings | None = None, **changes: Any) -> RestConnector:
    """The rest connector for a CRM at *url*, whose calls are not counted."""
    settings = replace(practice_settings(url), max_calls=0, at_once=1, **changes)
    return RestConnector(settings, Line(network or NetworkSettings(proxy="none")), token=lambda: TOKEN)


def one_by_one(url: str, **changes: Any) -> RestConnector:
    """The same, where the CRM takes one contact a call."""
    return rest(url, bulk_url="", **changes)


def searching(url: str, **changes: Any) -> RestConnector:
    """The same, where the CRM knows no key of ours and is searched before a lead goes again."""
    search = SearchSettings(url=f"{url}/api/v1/contacts?email={{email}}")
    update = f"{url}/api/v1/contacts/{{remote_id}}"
    places = replace(RestSettings().answer, key="")
    return one_by_one(url, search=search, update_url=update, id_field="", answer=places, **changes)


def plain(sentence: str) -> bool:
    """Whether *sentence* is one that booth staff can read, and tells no secret."""
    found = [word for word in JARGON if word in sentence.casefold()] + NO_WORDS.findall(sentence)
    assert not found, f"jargon in {sentence!r}: {found}"
    assert TOKEN not in sentence
    assert "@initech.com" not in sentence
    return sentence.isprintable() and sentence.endswith(".") and sentence[0].isupper()


def held_back(kiosk: Kiosk, cause: str, *words: str) -> None:
    """Look that the gate is closed for *cause*, says so in plain words, and that no lead was charged."""
    gate = kiosk.gate
    assert (False, cause) == (gate.is_open, gate.cause), gate.sentence
    assert plain(gate.sentence), gate.sentence
    assert [] == [word for word in words if word not in gate.sentence], gate.sentence
    assert UNTOUCHED == kiosk.stand()


def all_arrived(kiosk: Kiosk, crm: Crm) -> None:
    """The fault is over: look that every lead is delivered, and that the CRM has one record of each."""
    kiosk.until_all_is_settled()
    assert DELIVERED == kiosk.stand()
    assert sorted(kiosk.emails) == crm.held()
    assert kiosk.gate.is_open
