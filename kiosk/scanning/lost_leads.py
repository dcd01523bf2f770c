"""Recovery of leads whose row was destroyed in a damaged database: their badges are read again from the scans."""

from dataclasses import replace

from camera.text import decode_text
from data import attendees, history, lead_table, leads
from data.clock import Clock
from data.identities import derive_identities
from data.lead import hash_payload
from data.salvage import LOST_KIND
from data.store import Store, run_query, write_transaction
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile
from kiosk.badges.reading import read_badge

_SELECT_SCANS_OF_LOST_LEADS = """
    select leads.id, scans.payload
      from leads
      join scans on scans.lead_id = leads.id
     where leads.kind = ? and leads.event = ?
     order by scans.id desc
"""


def recover_lost_leads(db: Store, event: str, profile: BadgeProfile, clock: Clock) -> int:
    """
    Fill in lost leads by what their badges say, and return how many there were.

    Raises:
        StoreError: the database cannot be used now.
    """
    found = dict(run_query(db, lambda db: db.execute(_SELECT_SCANS_OF_LOST_LEADS, (LOST_KIND, event)).fetchall()))
    for lead_id, payload in found.items():
        badge = read_badge(payload, decode_text(payload), profile) if payload else None
        with write_transaction(db):
            lost = leads.get_lead(db, lead_id)
            lead = replace(lost, kind="unknown")
            if isinstance(badge, Badge):
                contact = attendees.complete_contact(db, event, badge.badge_id, badge.contact)
                lead = replace(lead, kind=badge.kind, contact=contact, badge_id=badge.badge_id, answers=badge.answers)
                identities = derive_identities(contact, badge.badge_id, hash_payload(payload))
                lead_table.insert_identities(db, ((lead, identity) for identity in identities))
            operator = "this kiosk"  # not shown: stored
            leads.write_revision(db, lost, lead, history.REPAIR, operator, clock.wall_time())
    return len(found)
