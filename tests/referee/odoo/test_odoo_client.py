"""Odoo's own client library judges the practice CRM's Odoo, and so what our connector was tested with."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import odoolib
import pytest

from sync.connectors.base import Delivered, OutgoingLead
from sync.connectors.odoo.connector import OdooConnector
from sync.settings.odoo import OdooSettings

pytestmark = pytest.mark.referee


@pytest.fixture(scope="module")
def crm(practice_crm_in: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A practice CRM."""
    made = practice_crm_in(tmp_path_factory.mktemp("crm") / "practice")
    made.start(rate_limit=100_000)
    yield made
    made.stop()


@pytest.fixture(params=["json2", "jsonrpc"])
def api(request: pytest.FixtureRequest) -> str:
    """Both ways of speaking."""
    return str(request.param)


def client(crm: Any, api: str, key: str = "") -> Any:
    """Odoo's client, signed in."""
    parts = urlsplit(crm.url)
    return odoolib.get_connection(
        hostname=parts.hostname, port=parts.port, protocol=api,
        database="practice", login="booth@example.com", password=key or crm.token,
    )  # fmt: skip


def test_odoo_s_client_signs_in(crm: Any, api: str) -> None:
    """And is refused with another key."""
    client(crm, api).check_login()

    wrong = client(crm, api, "another-key")
    if api == "json2":
        assert not wrong.check_login()
    else:
        with pytest.raises(odoolib.tools.AuthenticationError):
            wrong.check_login()


def test_what_our_connector_delivers_odoo_s_client_reads(crm: Any, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the ids that count as proof, in Odoo's own fields."""
    monkeypatch.setenv("BOOTH_TEST_KEY", crm.token)
    settings = OdooSettings(
        crm.url, "json2" if api == "json2" else "jsonrpc", "practice", "booth@example.com", "BOOTH_TEST_KEY"
    )
    names = ["Zoë Müller", "株式会社", "O'Neil & Sons"]
    leads = [OutgoingLead(str(uuid4()), 1, {"name": name, "company": "Initech", "event": "Expo"}) for name in names]

    async def push() -> Any:
        connector = OdooConnector(settings)
        try:
            return await connector.push("batch-1", leads)
        finally:
            await connector.aclose()

    outcomes = asyncio.run(push())

    ids = [int(outcome.remote_id) for outcome in outcomes.values() if isinstance(outcome, Delivered)]
    wanted = ["name", "contact_name", "partner_name", "phone"]
    rows = client(crm, api).get_model("crm.lead").read(ids=ids, fields=wanted) if api == "json2" else (
        client(crm, api).get_model("crm.lead").read(ids, wanted)
    )  # fmt: skip
    assert [(f"{name} (Expo)", name, "Initech", False) for name in names] == [
        tuple(row[field] for field in wanted) for row in rows
    ]


def test_odoo_s_client_and_our_connector_write_the_same_lead(crm: Any, api: str) -> None:
    """An external id is one lead, whoever sends it; a bad row is told in Odoo's shape, and nothing is written."""
    model = client(crm, api).get_model("crm.lead")
    fields, xid = ["id", "name", "email_from"], f"booth_kiosk.lead_{uuid4()}"
    load = model.load if api == "jsonrpc" else lambda fields, data: model.load(fields=fields, data=data)

    first = load(fields, [[xid, "Ana", "ana@initech.com"]])
    again = load(fields, [[xid, "Ana Lopez", "ana@initech.com"]])
    bad = load(fields, [[f"{xid}-2", "Bob", "bob@initech.com"], [f"{xid}-3", "Eve", "nonsense"]])

    assert first["ids"] == again["ids"]
    assert len(first["ids"]) == 1
    assert bad["ids"] is False
    assert bad["messages"][-1]["rows"] == {"from": 1, "to": 1}
    assert crm.contact(xid.removeprefix("booth_kiosk.lead_"))["title"] == "Ana Lopez"
