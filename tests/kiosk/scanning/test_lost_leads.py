"""Leads whose rows were destroyed are recovered from their scans."""

from contextlib import closing
from pathlib import Path

from data import leads
from data.history import REPAIR
from data.salvage import LOST_KIND, repair_leads
from data.store import open_store, write_transaction
from kiosk.badges.profile import BadgeProfile
from kiosk.config.tables import EventSettings
from kiosk.scanning.capture import Capture
from kiosk.scanning.lost_leads import recover_lost_leads
from tests.support.clock import FakeClock

EVENT = EventSettings(name="Expo")

CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ana Lopez\nORG:Initech\nEMAIL:ana@example.com\nEND:VCARD"


def lose(store: Path, *payloads: str) -> None:
    """Save badges, and lose every row of their leads but the scans."""
    capture = Capture(store, EVENT, BadgeProfile(), FakeClock())
    for payload in payloads:
        assert capture.save_payload(payload.encode(), payload, "qr", "camera").is_saved
    db = capture.db
    db.execute("pragma foreign_keys = off")
    with write_transaction(db):
        for table in ("identities", "outbox", "leads"):
            db.execute(f"delete from {table}")
        repair_leads(db.conn)
    db.close()


def test_a_lost_lead_is_recovered_from_its_badge(tmp_path: Path) -> None:
    """Name, company and e-mail are back, the history says how, and a second badge of hers is recognised."""
    store, clock = tmp_path / "kiosk.db", FakeClock()
    lose(store, CARD)

    with closing(open_store(store)) as db:
        (lost,) = db.execute("select id, kind from leads").fetchall()
        assert lost["kind"] == LOST_KIND
        assert recover_lost_leads(db, "Expo", BadgeProfile(), clock) == 1

        lead = leads.get_lead(db, lost["id"])
        contact = lead.contact
        assert (lead.kind, contact.name, contact.company, contact.email) == (
            "vcard", "Ana Lopez", "Initech", "ana@example.com",
        )  # fmt: skip
        assert [row["state"] for row in db.execute("select state from outbox")] == ["waiting"]
        assert REPAIR in [row["verb"] for row in db.execute("select verb from actions")]
        assert recover_lost_leads(db, "Expo", BadgeProfile(), clock) == 0

    capture = Capture(store, EVENT, BadgeProfile(), clock)
    again = capture.save_payload(CARD.encode(), CARD, "qr", "camera")
    capture.close()
    assert again.headline == "Already saved"
    assert again.lead is not None and again.lead.id == lost["id"]


def test_a_recovered_id_still_needs_a_person(tmp_path: Path) -> None:
    """It is read once, and is a lead with only an ID."""
    store = tmp_path / "kiosk.db"
    lose(store, "PZD97WTMFJ")

    with closing(open_store(store)) as db:
        assert recover_lost_leads(db, "Expo", BadgeProfile(), FakeClock()) == 1
        row = db.execute("select badge_id, kind, state from leads join outbox on lead_id = leads.id").fetchone()
        assert (row["badge_id"], row["state"]) == ("PZD97WTMFJ", "needs you")
        assert row["kind"] != LOST_KIND


def test_leads_of_another_event_are_left_alone(tmp_path: Path) -> None:
    """Only that event's profile can read its badges."""
    store = tmp_path / "kiosk.db"
    lose(store, CARD)

    with closing(open_store(store)) as db:
        assert recover_lost_leads(db, "Another show", BadgeProfile(), FakeClock()) == 0
        assert [row["kind"] for row in db.execute("select kind from leads")] == [LOST_KIND]
