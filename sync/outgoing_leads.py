"""Owed leads as a connector gets them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from data import badge_text, batches, scans
from data.clock import FIRST_RELEASE_TIME
from data.contact import CONTACT_FIELDS
from data.lead import Lead
from data.names import complete_name_parts
from data.outbox import DueLead
from data.store import Store
from sync.connectors.base import OutgoingLead

_GET_CONTACT_VALUES = attrgetter(*CONTACT_FIELDS)


def build_outgoing_leads(db: Store, owed: Sequence[DueLead], destination: str) -> list[OutgoingLead]:
    """
    What is sent to *destination* for *owed*: every field, the time of the scan and what may have arrived.

    An id that another CRM gave is kept from this one: here it may be somebody else's.
    """
    ids = [item.lead.id for item in owed]
    times, badges = scans.find_first_scan_times(db, ids), badge_text.summarize_scans(db, ids)
    sent = batches.find_sent_revisions(db, ids, destination)
    before = {lead_id: sent.get(lead_id, batches.NEVER_SENT) for lead_id in ids}
    return [
        OutgoingLead(
            id=item.lead.id,
            revision=item.lead.revision,
            fields={
                **build_lead_fields(item.lead, times.get(item.lead.id, item.lead.created_at)),
                "badge_text": badges[item.lead.id].text if item.lead.id in badges else "",
            },
            remote_id=item.remote_id if item.destination in ("", destination) else None,
            was_sent_before=item.lead.id in sent,
            was_sent_unchanged=before[item.lead.id].first == item.lead.revision,
            only_older_revision_sent=0 < before[item.lead.id].newest < item.lead.revision,
            accepted_record_id=item.accepted_id if item.destination == destination else None,
        )
        for item in owed
    ]


def build_lead_fields(lead: Lead, scanned_at: float) -> dict[str, Any]:
    """A lead's fields by our own names, as JSON values; a connector maps them to its CRM's."""
    first_name, last_name = complete_name_parts(lead.contact.name_parts)
    fields = {
        **dict(zip(CONTACT_FIELDS, _GET_CONTACT_VALUES(lead.contact), strict=True)),
        "name": lead.contact.display_name,
        "first_name": first_name,
        "last_name": last_name,
        "badge_id": lead.badge_id,
        "rating": lead.rating,
        "note": lead.note,
        "tags": list(lead.tags),
        "answers": dict(lead.answers),
        "event": lead.event,
        # A clock before our own release was never set: nobody is sent a time that is wrong for sure.
        "scanned_at": format_iso(scanned_at) if scanned_at >= FIRST_RELEASE_TIME else None,
        "revision": lead.revision,
    }
    return {name: replace_surrogates(value) for name, value in fields.items()}


def format_iso(at: float) -> str:
    """*at*, seconds since 1970, as ISO 8601 has it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def replace_surrogates(value: Any) -> Any:
    """*value*, with `?` for each half of a character in its texts: no CRM can be sent one, and it would stop all."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {replace_surrogates(name): replace_surrogates(part) for name, part in value.items()}
        case list():
            return [replace_surrogates(part) for part in value]
    return value
