"""A small JSON API of contacts on loopback, whose responses a test may override, and a kiosk that delivers to it."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from data import leads, outbox
from data.arrival import Arrival, arrive
from data.clock import SystemClock
from data.contact import Contact
from data.lead import Lead, ScanRecord
from data.store import Store
from kiosk.config.load import load_settings
from sync.connectors.rest.connector import RestConnector
from sync.drain import Drain
from sync.drain_summary import DrainSummary
from sync.settings.rest import RestSettings
from tests.sync.scripted_server import ReceivedRequest, ScriptedResponse, ScriptedServer

RECORD = re.compile(r"/contacts/(\w+)")


@dataclass
class ContactsApi:
    """Contacts by id under `/contacts`, and a search by any field that is not empty."""

    url: str = ""
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[ReceivedRequest] = field(default_factory=list)
    override: Callable[[ReceivedRequest], ScriptedResponse | None] = lambda asked: None
    """What is answered in place of what the API would say; None lets it say that."""

    def answer(self, asked: ReceivedRequest) -> ScriptedResponse:
        """Record the request, and respond."""
        self.asked.append(asked)
        return self.override(asked) or self.answer_normally(asked)

    def answer_normally(self, asked: ReceivedRequest) -> ScriptedResponse:
        """Respond without an override."""
        parts = urlsplit(asked.path)
        if found := RECORD.fullmatch(parts.path):
            if found[1] not in self.records:
                return ScriptedResponse({"message": "no such record"}, 404)
            if asked.method == "DELETE":
                del self.records[found[1]]
                return ScriptedResponse(b"", 204)
            self.records[found[1]] |= json.loads(asked.body)
            return ScriptedResponse(self.records[found[1]])
        if parts.path != "/contacts":
            return ScriptedResponse({"message": "no such address"}, 404)
        if asked.method == "GET":
            wanted = dict(parse_qsl(parts.query, keep_blank_values=True))
            return ScriptedResponse([known for known in self.records.values() if wanted.items() <= known.items()])
        number = f"c{len(self.records) + 1}"
        self.records[number] = {**json.loads(asked.body), "id": number}
        return ScriptedResponse(self.records[number], 201)

    def list_calls(self) -> list[str]:
        """List the requests, without bodies."""
        return [f"{asked.method} {asked.path}" for asked in self.asked]


@contextmanager
def run_api() -> Iterator[ContactsApi]:
    """Run the API."""
    server, api = ScriptedServer(), ContactsApi()
    api.url, server.respond = server.url, api.answer
    try:
        yield api
    finally:
        server.stop()


SEARCHED = """
url = "{url}/contacts"
update_url = "{url}/contacts/{{remote_id}}"
update_method = "PATCH"
delete_url = "{url}/contacts/{{remote_id}}"
id_field = ""
[crm.rest.answer]
key = ""
[crm.rest.search]
url = "{url}/contacts?email={{email}}"
if_empty = "needs you"
"""
"""An API without a field for our id."""

KEYED = """
url = "{url}/contacts"
update_url = "{url}/contacts/{{remote_id}}"
update_method = "PATCH"
id_field = "booth"
[crm.rest.answer]
key = "booth"
[crm.rest.search]
url = "{url}/contacts?booth={{lead_id}}"
key = "booth"
"""
"""An API that has one."""


def read_settings(text: str, api: ContactsApi, folder: Path) -> RestSettings:
    """Load the settings in *text* as the kiosk loads kiosk.toml."""
    path = folder / "kiosk.toml"
    path.write_text(f'[crm]\nconnector = "rest"\n[crm.rest]\n{text.format(url=api.url)}')
    return load_settings(path).crm.rest


def save_lead(store: Store, number: int = 0, **fields: Any) -> str:
    """Save one lead, and return its id."""
    clock = SystemClock()
    contact = Contact(**{"name": f"Visitor {number}", "email": f"visitor{number}@example.com", **fields})
    payload = f"badge {number}"
    scan = ScanRecord(
        payload.encode(), payload, "plain", "QR", "camera", "", "kiosk-1",
        wall_at=clock.wall_time(), boot_id=clock.boot_id, monotonic=clock.seconds_since_boot(),
    )  # fmt: skip
    return arrive(store, Arrival(scan, Lead("", "practice", "plain", contact), [f"badge:{number}"]), clock).lead.id


def edit_lead(store: Store, lead_id: str, **changes: Any) -> None:
    """Edit a lead as at the booth."""
    leads.edit_lead(store, lead_id, changes, "bob", SystemClock())


def drain_store(store: Store, settings: RestSettings, times: int = 1) -> DrainSummary:
    """Deliver, as many *times* as somebody presses *sync now*."""

    async def run() -> DrainSummary:
        connector = RestConnector(settings)
        summary = DrainSummary()
        drained = Drain(store, connector, SystemClock())
        try:
            for _ in range(times):
                summary = await drained.run(now=True)
            return summary
        finally:
            await connector.aclose()

    return asyncio.run(run())


def read_reason(store: Store, lead_id: str) -> str:
    """Return the reason of a lead's state."""
    return str(store.execute("select reason from outbox where lead_id = ?", (lead_id,)).fetchone()[0])


def count_states(store: Store) -> outbox.OutboxCounts:
    """Count the leads by state."""
    return outbox.count_leads(store)
