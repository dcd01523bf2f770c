"""Owed leads as a connector gets them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from data import badge_text, batches, scans
from data.clock import RELEASED_AT
from data.contact import CONTACT_FIELDS
from data.lead import Lead
from data.names import complete_parts
from data.outbox import Owed
from data.store import Store
from sync.connectors.base import Outgoing

FIELDS = attrgetter(*CONTACT_FIELDS)


def outgoing(db: Store, owed: Sequence[Owed], destination: str) -> list[Outgoing]:
    """
    What is sent to *destination* for *owed*: every field, the time of the scan and what may have arrived.

    An id that another CRM gave is kept from this one: here it may be somebody else's.
    """
    ids = [item.lead.id for item in owed]
    times, badges = scans.scanned_at(db, ids), badge_text.seen(db, ids)
    sent = batches.sent_before(db, ids, destination)
    before = {lead_id: sent.get(lead_id, batches.NEVER_SENT) for lead_id in ids}
    return [
        Outgoing(
            id=item.lead.id,
            revision=item.lead.revision,
            fields={
                **lead_fields(item.lead, times.get(item.lead.id, item.lead.created_at)),
                "badge_text": badges[item.lead.id].text if item.lead.id in badges else "",
            },
            remote_id=item.remote_id if item.destination in ("", destination) else None,
            tried=item.lead.id in sent,
            is_resent=before[item.lead.id].first == item.lead.revision,
            older_sent=0 < before[item.lead.id].newest < item.lead.revision,
            accepted_id=item.accepted_id if item.destination == destination else None,
        )
        for item in owed
    ]


def lead_fields(lead: Lead, scanned_at: float) -> dict[str, Any]:
    """A lead's fields by our own names, as JSON values; a connector maps them to its CRM's."""
    first_name, last_name = complete_parts(lead.contact.whole_name)
    fields = {
        **dict(zip(CONTACT_FIELDS, FIELDS(lead.contact), strict=True)),
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
        "scanned_at": iso(scanned_at) if scanned_at >= RELEASED_AT else None,
        "revision": lead.revision,
    }
    return {name: whole(value) for name, value in fields.items()}


def iso(at: float) -> str:
    """*at*, seconds since 1970, as ISO 8601 has it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def whole(value: Any) -> Any:
    """*value*, with `?` for each half of a character in its texts: no CRM can be sent one, and it would stop all."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {whole(name): whole(part) for name, part in value.items()}
        case list():
            return [whole(part) for part in value]
    return value
