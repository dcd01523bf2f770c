"""Turn due leads into what a connector gets."""

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


def build_outgoing_leads(db: Store, due_leads: Sequence[DueLead], destination: str) -> list[OutgoingLead]:
    """
    Return what the connector of *destination* gets for *due_leads*: the fields and what was sent before.

    A record id of another CRM is left out: in this one it may be somebody else's.
    """
    ids = [due_lead.lead.id for due_lead in due_leads]
    times, badges = scans.find_first_scan_times(db, ids), badge_text.summarize_scans(db, ids)
    sent = batches.find_sent_revisions(db, ids, destination)
    before = {lead_id: sent.get(lead_id, batches.NEVER_SENT) for lead_id in ids}
    return [
        OutgoingLead(
            id=due_lead.lead.id,
            revision=due_lead.lead.revision,
            fields={
                **build_lead_fields(due_lead.lead, times.get(due_lead.lead.id, due_lead.lead.created_at)),
                "badge_text": badges[due_lead.lead.id].text if due_lead.lead.id in badges else "",
            },
            # An empty destination: the id was stored before there was a column for its CRM.
            remote_id=due_lead.remote_id if due_lead.destination in ("", destination) else None,
            was_sent_before=due_lead.lead.id in sent,
            was_sent_unchanged=before[due_lead.lead.id].first == due_lead.lead.revision,
            only_older_revision_sent=0 < before[due_lead.lead.id].newest < due_lead.lead.revision,
            accepted_record_id=due_lead.accepted_id if due_lead.destination == destination else None,
        )
        for due_lead in due_leads
    ]


def build_lead_fields(lead: Lead, scanned_at: float) -> dict[str, Any]:
    """Return a lead's fields by our own names, as JSON values; a connector maps them to its CRM's."""
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
        # A clock before our own first release was never set: better no time than one that is certainly wrong.
        "scanned_at": _format_iso(scanned_at) if scanned_at >= FIRST_RELEASE_TIME else None,
        "revision": lead.revision,
    }
    return {name: _replace_surrogates(value) for name, value in fields.items()}


def _format_iso(at: float) -> str:
    """Return *at*, in seconds since 1970, in ISO 8601."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _replace_surrogates(value: Any) -> Any:
    """Return *value* with `?` for each lone surrogate in its strings: it could not be encoded as UTF-8."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode("utf-8")
        case dict():
            return {_replace_surrogates(name): _replace_surrogates(part) for name, part in value.items()}
        case list():
            return [_replace_surrogates(part) for part in value]
    return value
