"""What the database knows of the lead on the card that the lead itself does not say."""

from dataclasses import dataclass

from data import outbox, scans
from data.language import _
from data.lead import Lead
from data.scans import Scan
from data.store import Store
from kiosk.status.wording import format_time, sanitize_text

_MAX_EXCERPT_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class CardFacts:
    """Where a lead is, and when it was met before."""

    is_delivered: bool
    """Whether the CRM has confirmed its newest revision."""
    previous_scan: Scan | None
    """The last scan of an earlier meeting; None if there is none, or if nobody asked."""


def read_card_facts(db: Store, lead_id: str, *, with_meeting: bool) -> CardFacts:
    """Read the facts about a lead; its earlier meeting only *with_meeting*, because it does not change each second."""
    previous = scans.find_previous_scan(db, lead_id) if with_meeting else None
    return CardFacts(outbox.is_delivered(db, lead_id), previous)


def describe_meeting(lead: Lead, previous: Scan, now: float) -> str:
    """Say when and by whom a visitor was met before, with the rating and the note of *lead* from then."""
    values = {"time": format_time(previous.at, now), "name": sanitize_text(previous.operator)}
    met = _("Met before: {time} by {name}") if previous.operator else _("Met before: {time}")
    parts = [met.format(**values)]
    if lead.rating:
        parts.append(_("rated {rating}").format(rating=lead.rating))
    if note := sanitize_text(lead.note).strip():
        cut = note if len(note) <= _MAX_EXCERPT_CHARACTERS else f"{note[:_MAX_EXCERPT_CHARACTERS].rstrip()} …"
        parts.append(_("“{note}”").format(note=cut))
    return ", ".join(parts)
