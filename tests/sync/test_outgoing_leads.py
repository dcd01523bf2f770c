"""Leads as connectors get them."""

import json

from data.contact import Contact
from data.lead import Lead
from sync.outgoing_leads import build_lead_fields


def test_half_a_character_stops_nothing() -> None:
    """No CRM can be sent one, and a lead that has it must not hold up the others."""
    lead = Lead("0190", "Expo", "json", Contact(name="A\ud800na"), answers={"q\udfff": "a\ud800"}, tags=("t\ud800",))

    sent = build_lead_fields(lead, 1_800_000_000.0)

    assert (sent["name"], sent["answers"], sent["tags"]) == ("A?na", {"q?": "a?"}, ["t?"])
    assert json.dumps(sent, ensure_ascii=False).encode("utf-8")


def test_what_is_whole_is_sent_as_it_is() -> None:
    """In every script."""
    lead = Lead("0190", "Expo", "vcard", Contact(name="山田 太郎 👩🏽‍💻"), rating=4)

    sent = build_lead_fields(lead, 1_800_000_000.0)

    assert (sent["name"], sent["rating"], sent["scanned_at"]) == ("山田 太郎 👩🏽‍💻", 4, "2027-01-15T08:00:00+00:00")
