"""What one kiosk exports, another imports and exports identically."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import outbox
from data.contact import CONTACT_FIELDS, Contact
from data.export import write_export
from data.lead import Lead, ScanRecord
from data.lead_table import NewLead, insert_new_leads
from data.listing import iterate_listed_leads
from data.outbox import STATES
from data.store import Store, open_store, write_transaction
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.stored_id import to_stored_id
from kiosk.cli.import_leads import map_lead_table
from kiosk.config.tables import EventSettings
from kiosk.importing.leads import ImportCounts, LeadRowSaver, import_rows
from kiosk.importing.row_parser import LeadRowParser
from kiosk.importing.tables.opening import open_table
from tests.support.clock import FakeClock

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\\;:,|'=+-\" \r\n"), max_size=8)
BADGES = [
    b'{"name": "Ana", "x": 1}',
    b"BEGIN:VCARD\r\nFN:Ana\r\nEND:VCARD\r\n",
    "Zoë;=1+1".encode("latin-1"),
    b"\xff\x00=1",
]
LEADS = st.builds(
    Lead,
    id=st.uuids(version=4).map(str),
    event=st.sampled_from(["Expo", "Other; show"]),
    kind=st.just("vcard"),
    contact=st.builds(Contact, **dict.fromkeys(CONTACT_FIELDS, TEXT)),
    badge_id=TEXT.map(to_stored_id),
    answers=st.dictionaries(TEXT, TEXT, max_size=3),
    rating=st.none() | st.integers(1, 5),
    note=TEXT,
    tags=st.lists(TEXT.filter(bool), unique=True, max_size=3).map(tuple),
)
SCANNED = st.none() | st.binary(max_size=8) | TEXT.map(str.encode) | st.sampled_from(BADGES)
MET = st.tuples(LEADS, st.floats(1, 4e9), TEXT, st.sampled_from(["", "delivered", "discarded"]), TEXT, SCANNED)


def store(folder: str, name: str) -> Store:
    """A new database."""
    return open_store(Path(folder) / name / "kiosk.db")


def save(
    db: Store, lead: Lead, at: float, operator: str, end: str, reason: str, payload: bytes | None, clock: FakeClock
) -> None:
    """Save a lead, with its state."""
    scan = ScanRecord(payload, lead.id, lead.kind, "qr", "camera", operator, "k", at, "", 0.0)
    with write_transaction(db):
        now = clock.wall_time()
        new = replace(lead, revision=1, created_at=now, updated_at=now)
        insert_new_leads(db, [NewLead(new, [], scan)])
        if end == "delivered":
            outbox.settle_lead(db, lead.id, 1, "crm-1", clock.wall_time())
    if end == "discarded":
        outbox.discard_lead(db, lead.id, reason, operator, clock)


def exported(db: Store, path: Path) -> dict[str, Any]:
    """Return what an export says about each lead, except its delivery, which only that kiosk knows."""
    for one in (path, path.with_suffix(".json")):
        write_export(iterate_listed_leads(db, states=STATES), one)
    rows = {row["lead_id"]: row for row in json.loads(path.with_suffix(".json").read_text())}
    for row in rows.values():
        row["remote_id"] = None
        if row["state"] != "discarded":
            row["state"] = row["reason"] = ""
    return rows


def imported(db: Store, clock: FakeClock, path: Path) -> ImportCounts:
    """Import an export."""
    table, done, complaints = open_table(path), ImportCounts(), []
    found = map_lead_table(table, ())
    reader = LeadRowParser("ours", BadgeProfile(), found.columns.field_indexes, table.is_sheet)
    saver = LeadRowSaver(db, EventSettings(name="ours"), clock)
    list(import_rows(found.rows, reader, saver, done, lambda row, error: complaints.append((row, error))))
    table.close()
    assert complaints == []
    return done


@pytest.mark.parametrize("suffix", ["csv", "json"])
@given(st.lists(MET, min_size=1, max_size=6, unique_by=lambda met: met[0].id))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_an_export_survives_import_and_export(suffix: str, met: list[Any]) -> None:
    """Character for character, whatever people and badges said; and once, however often it is imported."""
    clock = FakeClock()
    with tempfile.TemporaryDirectory() as folder:
        theirs, ours = store(folder, "theirs"), store(folder, "ours")
        for lead, *others in met:
            save(theirs, lead, *others, clock=clock)
        path = Path(folder) / f"theirs.{suffix}"
        expected = exported(theirs, path)

        first, again = imported(ours, clock, path), imported(ours, clock, path)

        found = exported(ours, Path(folder) / f"ours.{suffix}")
        theirs.close()
        ours.close()
    assert found == expected
    assert (ImportCounts(new=len(met)), ImportCounts(known=len(met))) == (first, again)


@given(LEADS)
@settings(max_examples=100, deadline=None)
def test_a_row_is_recognised_in_any_format(lead: Lead) -> None:
    """CSV and JSON of one lead have the same content."""
    from data.cell_codec import encode_list, encode_table, escape_formula

    lead = replace(lead, event="Expo")
    plain = {name: getattr(lead.contact, name) for name in CONTACT_FIELDS}
    typed = {"lead_id": lead.id, **plain, "tags": list(lead.tags), "answers": lead.answers, "rating": lead.rating}
    sheet = {
        **typed,
        "tags": encode_list(lead.tags),
        "answers": encode_table(lead.answers),
        "rating": lead.rating or "",
    }
    places = {name: (at,) for at, name in enumerate(typed)}

    from_json = LeadRowParser("Expo", BadgeProfile(), places, is_sheet=False).parse_row(list(typed.values()))
    from_csv = LeadRowParser("Expo", BadgeProfile(), places).parse_row(
        [escape_formula(str(cell)) for cell in sheet.values()]
    )

    assert from_json.content_hash == from_csv.content_hash
