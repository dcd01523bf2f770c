"""Two leads that the CRM gave one id: noticed by the engine, whatever the connector, and a person decides."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from data import leads, outbox, pending
from data.clock import SystemClock
from data.store import Store, write_transaction
from sync.connection_context import ConnectionContext
from sync.connectors.base import Delivered, Outcome, OutgoingLead, SharedRecord
from sync.connectors.csv_file import CsvConnector
from sync.drain import Drain
from sync.settings.csv_file import CsvSettings
from tests.support.scripted_connector import ManualClock, ScriptedConnector
from tests.sync.conftest import save_one

PHONE = "+49 30 1234567"


@pytest.fixture
def clock() -> ManualClock:
    """A clock that a test moves."""
    return ManualClock()


def save_lead(db: Store, name: str, email: str, **fields: str) -> str:
    """Save a lead of that name; its id."""
    lead_id = save_one(db, f"{name}@x.example")
    leads.edit_lead(db, lead_id, {"name": name, "email": email, **fields}, "", SystemClock())
    return lead_id


def by_email(records: dict[str, str]) -> Callable[[Sequence[OutgoingLead]], dict[str, Outcome]]:
    """A CRM that merges by e-mail, without a word."""

    def answer(sent: Sequence[OutgoingLead]) -> dict[str, Outcome]:
        ends: dict[str, Outcome] = {}
        for lead in sent:
            key = str(lead.fields["email"] or lead.id).casefold()
            records.setdefault(key, f"{101 + len(records)}")
            ends[lead.id] = Delivered(lead.remote_id or records[key], 200)
        return ends

    return answer


def run_drain(drain: Drain) -> None:
    """Run the drain once."""
    asyncio.run(drain.run())


def read_state(db: Store, lead_id: str) -> tuple[str, str]:
    """Where a lead is, and its cause."""
    row = db.execute("select state, cause from outbox where lead_id = ?", (lead_id,)).fetchone()
    return row["state"], row["cause"]


def read_reason(db: Store, lead_id: str) -> str:
    """Why it is there."""
    return str(db.execute("select reason from outbox where lead_id = ?", (lead_id,)).fetchone()[0])


ONE_RECORD = ("needs you", "one record")
DONE = ("delivered", "")


@pytest.mark.parametrize("batch_size", [1, 100], ids=["one by one", "in one batch"])
def test_the_second_of_two_in_one_record_needs_you(store: Store, clock: ManualClock, batch_size: int) -> None:
    """customeros#970: info@acme; the sentence names both, what they share, and what can be done."""
    ids = {save_lead(store, name, "info@acme.example"): name for name in ("Bob Stone", "Ana Lopez")}

    run_drain(Drain(store, ScriptedConnector(by_email({}), batch_size), clock))

    states = {name: read_state(store, lead_id) for lead_id, name in ids.items()}
    assert sorted(states.values()) == [DONE, ONE_RECORD]
    (said,) = [read_reason(store, lead_id) for lead_id in ids if read_state(store, lead_id) == ONE_RECORD]
    assert all(word in said for word in ("Bob Stone", "Ana Lopez", "one record (101)", "both have info@acme.example"))


def test_it_is_noticed_by_the_number_too(store: Store, clock: ManualClock) -> None:
    """GoHighLevel: one switchboard, a silent merge by phone."""
    first = save_lead(store, "Bob Stone", "bob@acme.example", phone=PHONE)
    crm = ScriptedConnector(lambda sent: {lead.id: Delivered("77", 200) for lead in sent})
    run_drain(Drain(store, crm, clock))
    second = save_lead(store, "Ana Lopez", "ana@acme.example", phone=PHONE)

    run_drain(Drain(store, crm, clock))

    assert (read_state(store, first), read_state(store, second)) == (DONE, ONE_RECORD)
    assert f"both have the number {PHONE}" in read_reason(store, second)


def test_a_later_edit_of_one_that_has_another_s_id_is_noticed(store: Store, clock: ManualClock) -> None:
    """As an older version left it: both delivered under one id."""
    bob, ana = save_lead(store, "Bob Stone", "info@acme.example"), save_lead(store, "Ana Lopez", "info@acme.example")
    with write_transaction(store):
        for lead_id in (bob, ana):
            outbox.settle_lead(
                store, lead_id, leads.get_lead(store, lead_id).revision, "101", clock.wall_time(), "told"
            )
    leads.edit_lead(store, ana, {"note": "wants a demo"}, "", SystemClock())

    run_drain(Drain(store, ScriptedConnector(by_email({"info@acme.example": "101"})), clock))

    assert (read_state(store, bob), read_state(store, ana)) == (DONE, ONE_RECORD)


def test_an_e_mail_of_its_own_makes_a_record_of_its_own(store: Store, clock: ManualClock) -> None:
    """Corrected at the booth, it goes by itself."""
    bob, crm = save_lead(store, "Bob Stone", "info@acme.example"), ScriptedConnector(by_email({}))
    drain = Drain(store, crm, clock)
    run_drain(drain)
    ana = save_lead(store, "Ana Lopez", "info@acme.example")
    run_drain(drain)
    leads.edit_lead(store, ana, {"email": "ana@acme.example"}, "", SystemClock())

    run_drain(drain)

    found = dict(map(tuple, store.execute("select lead_id, remote_id from outbox")))
    assert (read_state(store, ana), found) == (DONE, {bob: "101", ana: "102"})


def test_to_retry_it_says_that_the_two_are_one(store: Store, clock: ManualClock) -> None:
    """And that is not asked again: neither of this lead nor of the other, when they are edited."""
    crm = ScriptedConnector(by_email({}))
    drain = Drain(store, crm, clock)
    bob = save_lead(store, "Bob Stone", "info@acme.example")
    run_drain(drain)
    ana = save_lead(store, "Ana Lopez", "info@acme.example")
    run_drain(drain)

    with write_transaction(store):
        left_out = outbox.retry_unless_shared_record(store, ana, "", clock)
    done = outbox.retry_lead(store, ana, "", clock)
    run_drain(drain)
    for lead_id in (ana, bob):
        leads.edit_lead(store, lead_id, {"note": "later"}, "", SystemClock())
    run_drain(drain)

    assert (left_out, done) == (False, True)
    assert (read_state(store, bob), read_state(store, ana)) == (DONE, DONE)
    assert {row["remote_id"] for row in store.execute("select remote_id from outbox")} == {"101"}


def test_a_discarded_one_is_no_longer_in_the_way(store: Store, clock: ManualClock) -> None:
    """A person has decided already."""
    bob, drain = (
        save_lead(store, "Bob Stone", "info@acme.example"),
        Drain(store, ScriptedConnector(by_email({})), clock),
    )
    run_drain(drain)
    outbox.discard_lead(store, bob, "the same person", "", clock)
    ana = save_lead(store, "Ana Lopez", "info@acme.example")

    run_drain(drain)

    assert read_state(store, ana) == DONE


def test_where_it_is_known_before_nothing_is_written_over_the_other(store: Store, clock: ManualClock) -> None:
    """A connector that says that its CRM knows people by their e-mail is not even asked."""
    crm = ScriptedConnector(by_email({}))
    crm.knows_by_email = True
    drain = Drain(store, crm, clock)
    save_lead(store, "Bob Stone", "info@acme.example")
    run_drain(drain)
    ana = save_lead(store, "Ana Lopez", "Info@Acme.example ")
    run_drain(drain)

    assert read_state(store, ana) == ONE_RECORD
    assert "would keep Bob Stone and Ana Lopez as one record (101)" in read_reason(store, ana)
    assert len(crm.calls) == 1
    outbox.retry_lead(store, ana, "", clock)
    run_drain(drain)
    assert (read_state(store, ana), crm.calls[1:]) == (DONE, [[ana]])


def test_a_record_of_somebody_whom_we_do_not_know(store: Store, clock: ManualClock) -> None:
    """The connector found it under another name: the sentence says whose it is."""
    ana = save_lead(store, "Ana Lopez", "info@acme.example")

    run_drain(
        Drain(store, ScriptedConnector(lambda sent: {lead.id: SharedRecord("900", "Eve Moss") for lead in sent}), clock)
    )

    assert read_state(store, ana) == ONE_RECORD
    assert read_reason(store, ana).startswith(
        "The CRM has Eve Moss under info@acme.example (900), and this lead is Ana Lop"
    )


def test_one_person_at_two_events_is_one_record(store: Store, clock: ManualClock) -> None:
    """And needs nobody."""
    first = save_lead(store, "Ana Lopez", "ana@acme.example")
    store.execute("update leads set event = 'last year' where id = ?", (first,))
    store.conn.commit()
    drain = Drain(store, ScriptedConnector(by_email({})), clock)
    run_drain(drain)
    again = save_lead(store, "Ana Lopez", "ana@acme.example")

    run_drain(drain)

    assert (read_state(store, first), read_state(store, again)) == (DONE, DONE)


def test_a_file_is_no_record(store: Store, clock: ManualClock, tmp_path: Path) -> None:
    """All leads of a batch are in one."""
    folder = tmp_path / "stick"
    folder.mkdir()
    for name in ("Bob Stone", "Ana Lopez"):
        save_lead(store, name, "info@acme.example")
    settings = replace(CsvSettings(), folder=str(folder), other_disk=False)

    run_drain(Drain(store, CsvConnector(settings, ConnectionContext(folder=tmp_path)), clock))

    assert outbox.count_leads(store) == outbox.OutboxCounts(delivered=2)


def test_the_list_shows_them_by_their_cause(store: Store, clock: ManualClock) -> None:
    """`kiosk retry --all --cause "one record"` and the pending list's groups mean these alone."""
    drain = Drain(store, ScriptedConnector(by_email({})), clock)
    save_lead(store, "Bob Stone", "info@acme.example")
    run_drain(drain)
    ana = save_lead(store, "Ana Lopez", "info@acme.example")
    run_drain(drain)

    found = pending.list_entries(store, clock, states=("needs you",), cause=outbox.SHARED_RECORD)

    assert [entry.lead.id for entry in found] == [ana]
