"""Leads whose row was destroyed, and of which a scan is left: the badge is read again."""

from dataclasses import replace

from camera.text import text_of
from data import attendees, history, leads
from data.clock import Clock
from data.identities import identities
from data.salvage import LOST
from data.store import Store, asked, writing
from kiosk.badges import read_badge
from kiosk.badges.badge import Badge
from kiosk.badges.profile import BadgeProfile

SCANS = """
    select leads.id, scans.payload
      from leads
      join scans on scans.lead_id = leads.id
     where leads.kind = ? and leads.event = ?
     order by scans.id desc
"""


def read_lost_leads(db: Store, event: str, profile: BadgeProfile, clock: Clock) -> int:
    """
    Fill in what the badges of lost leads say; how many those were.

    Raises:
        StoreError: the database cannot be used now.
    """
    found = dict(asked(db, lambda db: db.execute(SCANS, (LOST, event)).fetchall()))
    for lead_id, payload in found.items():
        badge = read_badge(payload, text_of(payload), profile) if payload else None
        with writing(db):
            lost = leads.get(db, lead_id)
            lead = replace(lost, kind="unknown")
            if isinstance(badge, Badge):
                contact = attendees.completed(db, event, badge.badge_id, badge.contact)
                lead = replace(lead, kind=badge.kind, contact=contact, badge_id=badge.badge_id, answers=badge.answers)
                for name in identities(contact, badge.badge_id, payload):
                    db.execute(leads.IDENTIFY, (event, name, lead_id))
            leads.changed(db, lost, lead, history.REPAIR, "this kiosk", clock.wall())
    return len(found)
