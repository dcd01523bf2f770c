"""The drain with the Salesforce connector and the practice org, with lost responses and expiring sessions."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any

from data import outbox
from data.store import Store
from sync.connectors.salesforce.connector import SalesforceConnector
from sync.connectors.salesforce.sign_in import SalesforceSession
from sync.drain import Drain
from sync.practice_crm.dialects.salesforce.lead import build_lead_id
from sync.settings.salesforce import SalesforceSettings
from tests.support.clock import FakeClock

Save = Callable[..., list[str]]


def drain_outbox(store: Store, settings: SalesforceSettings, size: int = 10) -> int:
    """Run the drain until nothing waits, with *size* leads per call; return the number of sessions."""
    clock = FakeClock()

    async def run() -> int:
        async with contextlib.aclosing(SalesforceConnector(settings)) as connector:
            connector.batch_size = size
            begun, drain = count_sign_ins(connector), Drain(store, connector, clock)
            for _ in range(20):
                await drain.run(now=True)
                if outbox.count_leads(store).waiting == 0:
                    break
                clock.tick(60.0)
            return len(begun)

    return asyncio.run(run())


def count_sign_ins(connector: SalesforceConnector) -> list[str]:
    """Return a list that records each session that *connector* starts."""
    begun: list[str] = []
    begin = connector.sign_in.start_session

    async def counted() -> SalesforceSession:
        session = await begin()
        begun.append(session.url)
        return session

    connector.sign_in.start_session = counted  # type: ignore[method-assign]
    return begun


def check_each_is_there_once(crm: Any, store: Store, saved: list[str]) -> None:
    """Check that each of *saved* is one record of the org, and that our database knows which."""
    kept = [contact for contact in crm.contacts() if contact["client_id"] in saved]
    assert dict.fromkeys(saved, 1) == Counter(contact["client_id"] for contact in kept)
    rows = store.query("select lead_id, state, remote_id from outbox")
    told = {row["lead_id"]: (row["state"], row["remote_id"]) for row in rows}
    assert {contact["client_id"]: ("delivered", build_lead_id(contact["id"])) for contact in kept} == told


def test_lost_answers_make_one_record_each(
    crm: Any, practice: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """Every third response gets lost after the org has saved; in the end each lead is there once, and delivered."""
    saved = save_leads(store, *(f"visitor{number}@initech.com" for number in range(90)))
    repeats = crm.stats()["repeats"]
    crm.set_faults(lost_answers=3)

    drain_outbox(store, practice)

    check_each_is_there_once(crm, store, saved)
    assert crm.stats()["repeats"] > repeats


def test_constantly_expiring_sessions_delay_nothing(
    crm: Any, practice: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """Each is valid for one call, and renewed for the next; every lead arrives in one run."""
    saved = save_leads(store, *(f"visitor{number}@initech.com" for number in range(60)))
    crm.set_faults(session_calls=1)

    begun = drain_outbox(store, practice)

    check_each_is_there_once(crm, store, saved)
    assert begun == 6


def test_a_lead_that_is_refused_holds_up_no_other(
    crm: Any, practice: SalesforceSettings, store: Store, save_leads: Save
) -> None:
    """It needs a person, with the org's words; the others are delivered in the same call."""
    saved = save_leads(store, "ana@initech.com", "not an address", "bob@initech.com")

    drain_outbox(store, practice)

    rows = {row["lead_id"]: row for row in store.query("select lead_id, state, reason from outbox")}
    assert [rows[lead]["state"] for lead in saved] == ["delivered", "needs you", "delivered"]
    assert rows[saved[1]]["reason"] == "e-mail: the CRM does not accept this as an e-mail address."
